//! The plugin against a service that takes nothing but what is documented, keeps what it was given,
//! and fails where it is told to.

use std::io::Read as _;

use tenon_fakes::{
    Fault,
    osf::{Operation, Osf as Service},
};
use tenon_sdk::native::Collected;

use super::*;

const BOB: &str = "bob-token";
const CRATE: &str = r#"{
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
         "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}},
        {"@id": "./", "@type": "Dataset", "title": "Ice cores", "osfcategory": "data",
         "description": "drilled\nin 2024", "keywords": ["ice", "climate"]}
    ]
}"#;

fn start() -> Service {
    let service = Service::start();
    service.add_user(TOKEN);
    service.add_user(BOB);
    service
}

fn run_as<T>(service: &Service, token: &str, f: impl FnOnce(&Osf) -> Result<T>) -> Result<T> {
    let environment = Environment::builder()
        .config("api_url", format!("{}/v2", service.origin()))
        .config("files_url", service.origin())
        .credential("caller", token, "Bearer {caller}")
        .build();
    environment.enter(|| f(&Osf::new()?))
}

fn run<T>(service: &Service, f: impl FnOnce(&Osf) -> Result<T>) -> Result<T> {
    run_as(service, TOKEN, f)
}

fn create(service: &Service) -> String {
    run(service, |osf| osf.create_project(None)).unwrap().id
}

fn add(osf: &Osf, project: &str, name: &str, content: &str) -> Result<DepositedFile> {
    let mut reader = Reader::from_bytes(content.to_owned());
    let size = Some(content.len() as u64);
    osf.add_file(project, &Path::new(name)?, size, &mut reader)
}

fn files(osf: &Osf, project: &str, max: u32) -> Result<Vec<DepositedFile>> {
    let (mut files, mut after) = (Vec::new(), None::<String>);
    loop {
        let after_text = after.as_deref();
        let request = PageRequest {
            after: after_text,
            max,
        };
        let page = osf.list_files(project, request)?;
        assert!(page.items.len() <= max as usize);
        files.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(files);
        }
    }
}

fn projects(osf: &Osf, max: u32) -> Result<Vec<String>> {
    let (mut ids, mut after) = (Vec::new(), None::<String>);
    loop {
        let after_text = after.as_deref();
        let request = PageRequest {
            after: after_text,
            max,
        };
        let page = osf.list_projects(request)?;
        ids.extend(page.items.into_iter().map(|project| project.id));
        after = page.next;
        if after.is_none() {
            return Ok(ids);
        }
    }
}

fn read(osf: &Osf, project: &str, file: &str) -> Result<Vec<u8>> {
    let mut collected = Collected::default();
    osf.read_file(project, file, Sink::to(&mut collected))?;
    Ok(collected.bytes)
}

#[test]
fn from_the_draft_to_the_doi() {
    let service = start();
    let done = run(&service, |osf| {
        let project = osf.create_project(None)?.id;
        let metadata: Value =
            serde_json::from_str(&osf.update_project(&project, Some(CRATE))?).unwrap();
        assert_eq!(metadata["title"], "Ice cores");
        assert_eq!(metadata["category"], "data");
        assert_eq!(metadata["description"], "drilled in 2024");
        assert_eq!(metadata["tags"], json!(["ice", "climate"]));
        assert_eq!(metadata["public"], false);
        let mut names = [
            "a b/100% #1?.txt",
            "a b/c/d.txt",
            "a b/c/empty",
            "a/x",
            "b/x",
            "\u{fc}/\u{65e5}&=+.txt",
            "x",
        ];
        for name in names {
            let content = if name.ends_with("empty") { "" } else { name };
            let file = add(osf, &project, name, content)?;
            assert_eq!(
                (file.name.as_str(), file.size),
                (name, Some(content.len() as u64))
            );
            assert_eq!(read(osf, &project, &file.id)?, content.as_bytes());
        }
        for max in [1, 2, 3, 7, 100] {
            let mut listed: Vec<_> = files(osf, &project, max)?
                .into_iter()
                .map(|file| file.name)
                .collect();
            listed.sort();
            names.sort_unstable();
            assert_eq!(listed, names, "{max}");
        }
        assert_eq!(projects(osf, 1)?, [project.as_str()]);
        let doi = osf.publish_project(&project)?;
        assert_eq!(osf.publish_project(&project)?, doi);
        assert_eq!(projects(osf, 1)?, [""; 0]);
        let metadata: Value = serde_json::from_str(&osf.get_project(&project)?).unwrap();
        assert_eq!(metadata["public"], true);
        Ok((project, doi))
    });
    let (project, doi) = done.unwrap();
    assert_eq!(doi, format!("10.17605/OSF.IO/{}", project.to_uppercase()));
    assert_eq!(service.calls_of(Operation::CreateIdentifier).len(), 1);
    assert_eq!(service.node(&project).doi, Some(doi));
}

#[test]
fn a_file_is_replaced_and_removed() {
    let service = start();
    let project = create(&service);
    let done = run(&service, |osf| {
        let first = add(osf, &project, "f/a", "first")?;
        add(osf, &project, "f/aa", "other")?;
        add(osf, &project, "a", "third")?;
        let second = add(osf, &project, "f/a", "second")?;
        assert_eq!(second.id, first.id);
        assert_eq!(read(osf, &project, &first.id)?, b"second");
        osf.delete_file(&project, &first.id)?;
        let gone = osf.delete_file(&project, &first.id).unwrap_err();
        assert_eq!(gone.kind(), Kind::NotFound);
        let gone = read(osf, &project, &first.id).unwrap_err();
        assert_eq!(gone.kind(), Kind::NotFound);
        assert_eq!(files(osf, &project, 9)?.len(), 2);
        osf.delete_files(&project)?;
        assert_eq!(files(osf, &project, 9)?, []);
        osf.delete_project(&project)?;
        osf.get_project(&project)
    });
    assert_eq!(done.unwrap_err().kind(), Kind::NotFound);
    assert!(service.node(&project).deleted);
}

#[test]
fn lists_come_in_the_services_pages() {
    let service = start();
    service.page_by(2);
    let made: Vec<_> = (0..5).map(|_| create(&service)).collect();
    run_as(&service, BOB, |osf| osf.create_project(None)).unwrap();
    for max in [1, 2, 3, 100] {
        let mut listed = run(&service, |osf| projects(osf, max)).unwrap();
        listed.reverse();
        assert_eq!(listed, made, "{max}");
    }
    // More than the service puts on a page.
    let done = run(&service, |osf| {
        for number in 0..105 {
            add(osf, &made[0], &format!("f/{number}"), "x")?;
        }
        files(osf, &made[0], 50)
    });
    assert_eq!(done.unwrap().len(), 105);
}

#[test]
fn bytes_of_unknown_number_are_sent_with_it() {
    let service = start();
    let project = create(&service);
    let sent = run(&service, |osf| {
        let mut content = Reader::from_read(std::io::repeat(7).take(3_000_000), None);
        osf.add_file(&project, &Path::new("big")?, None, &mut content)
    });
    assert_eq!(sent.unwrap().size, Some(3_000_000));
    assert_eq!(
        service.node(&project).entry("/big").unwrap().size,
        3_000_000
    );

    let broken = run(&service, |osf| {
        let mut content = Reader::from_read(std::io::repeat(7).take(10), Some(20));
        osf.add_file(&project, &Path::new("cut")?, Some(20), &mut content)
    });
    assert_eq!(broken.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(service.node(&project).entry("/cut"), None);
}

#[test]
fn strangers_are_kept_out() {
    let service = start();
    run(&service, Osf::check).unwrap();
    let project = create(&service);
    let kind = |result: Result<String>| result.unwrap_err().kind();
    let get = |token| run_as(&service, token, |osf| osf.get_project(&project));
    assert_eq!(kind(get(BOB)), Kind::Denied);
    assert_eq!(kind(get("wrong-token")), Kind::Unauthenticated);
    let publish = |token| run_as(&service, token, |osf| osf.publish_project(&project));
    assert_eq!(kind(publish(BOB)), Kind::Denied);
    let add = run_as(&service, BOB, |osf| add(osf, &project, "a", "x"));
    assert_eq!(add.unwrap_err().kind(), Kind::Denied);
    let missing = run(&service, |osf| osf.get_project("zzzzz"));
    assert_eq!(kind(missing), Kind::NotFound);
    assert!(!service.node(&project).is_public());
}

#[test]
fn links_that_lead_elsewhere_are_not_followed() {
    let (service, elsewhere) = (start(), start());
    let project = create(&service);
    run(&service, |osf| add(osf, &project, "a", "x")).unwrap();
    create(&service);
    service.link_to(&elsewhere.origin());
    let added = run(&service, |osf| add(osf, &project, "b", "x"));
    assert_eq!(added.unwrap_err().kind(), Kind::Unavailable);
    let listed = run(&service, |osf| projects(osf, 1));
    assert_eq!(listed.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(elsewhere.calls().len(), 0);
}

/// Every way in which an answer to a call that was carried out can get lost.
fn losses() -> [Fault; 4] {
    [
        Fault::CloseAfter,
        Fault::StatusAfter(502),
        Fault::CloseInAnswer,
        Fault::Garbage,
    ]
}

#[test]
fn publication_survives_the_loss_of_any_answer() {
    for operation in [Operation::UpdateNode, Operation::CreateIdentifier] {
        for fault in losses() {
            let service = start();
            let project = create(&service);
            service.fail(operation, 1, fault.clone());
            let doi = run(&service, |osf| osf.publish_project(&project));
            let said = format!("{operation:?} {fault:?}");
            assert_eq!(doi.unwrap(), service.node(&project).doi.unwrap(), "{said}");
            assert_eq!(
                service.calls_of(Operation::CreateIdentifier).len(),
                1,
                "{said}"
            );
        }
    }
}

#[test]
fn publication_goes_on_where_it_was_stopped() {
    for operation in [
        Operation::GetNode,
        Operation::UpdateNode,
        Operation::CreateIdentifier,
    ] {
        for fault in [Fault::Status(503), Fault::Close, Fault::RateLimited(1)] {
            let service = start();
            let project = create(&service);
            service.fail(operation, 1, fault.clone());
            let said = format!("{operation:?} {fault:?}");
            let error = run(&service, |osf| osf.publish_project(&project)).unwrap_err();
            let half = operation == Operation::CreateIdentifier;
            assert_eq!(
                error.message().contains("has no DOI"),
                half,
                "{said}: {error}"
            );
            assert_eq!(service.node(&project).is_public(), half, "{said}");
            let doi = run(&service, |osf| osf.publish_project(&project));
            assert_eq!(doi.unwrap(), service.node(&project).doi.unwrap(), "{said}");
        }
    }
}

#[test]
fn a_project_made_without_an_answer_is_reported() {
    for fault in losses() {
        let service = start();
        service.fail(Operation::CreateNode, 1, fault.clone());
        let made = run(&service, |osf| osf.create_project(Some(CRATE)));
        let error = made.unwrap_err();
        assert_eq!(error.subject(), Some("Ice cores"), "{fault:?}");
        assert!(
            error.message().contains("may be there"),
            "{fault:?}: {error}"
        );
        assert_eq!(service.nodes().len(), 1, "{fault:?}");
    }
}

#[test]
fn an_upload_survives_or_says_what_may_be_left() {
    for fault in losses() {
        let service = start();
        let project = create(&service);
        service.fail(Operation::CreateFolder, 1, fault.clone());
        let added = run(&service, |osf| add(osf, &project, "f/g/a", "x"));
        assert_eq!(added.unwrap().name, "f/g/a", "{fault:?}");

        service.fail(Operation::Upload, 2, fault.clone());
        let added = run(&service, |osf| add(osf, &project, "f/b", "x"));
        let error = added.unwrap_err();
        assert!(
            error.message().contains("may have been stored"),
            "{fault:?}: {error}"
        );
        // To send it again makes a version of the same file.
        run(&service, |osf| add(osf, &project, "f/b", "x")).unwrap();
        assert_eq!(service.node(&project).entry("/f/b").unwrap().versions, 2);
    }
}

#[test]
fn a_failing_service_is_told_from_a_refusing_one() {
    let service = start();
    let project = create(&service);
    for (fault, kind) in [
        (Fault::Status(503), Kind::Unavailable),
        (Fault::Close, Kind::Unavailable),
        (Fault::Garbage, Kind::Unavailable),
        (Fault::RateLimited(7), Kind::RateLimited),
    ] {
        service.heal();
        service.fail(Operation::GetNode, tenon_fakes::Nth::Every, fault.clone());
        let error = run(&service, |osf| osf.get_project(&project)).unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}");
        let after = matches!(fault, Fault::RateLimited(_)).then_some(7);
        let told = error.retry_after().map(|delay| delay.as_secs());
        assert_eq!(told, after, "{fault:?}");
    }
}
