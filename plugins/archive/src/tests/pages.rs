//! Lists come in pages, whatever their length.

use super::*;

#[test]
fn files_are_listed_page_by_page_before_and_after() {
    let host = Host::new();
    let id = host.create();
    let mut names = Vec::new();
    for at in 0..7 {
        names.push(format!("z{at}"));
        names.push(format!("sub/{at}"));
    }
    for name in &names {
        host.add(&id, name, name.as_str()).unwrap();
    }
    names.sort();
    // Files come before folders.
    names.rotate_left(7);
    for _ in ["draft", "published"] {
        for max in 1..=names.len() as u32 + 2 {
            assert_eq!(host.files(&id, max).unwrap(), names, "{max}");
        }
        let none = PageRequest {
            after: None,
            max: 0,
        };
        let error = host
            .run(|archive| archive.list_files(&id, none))
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid);
        host.publish(&id).unwrap();
    }
    let nowhere = PageRequest {
        after: Some("nothing"),
        max: 5,
    };
    let error = host
        .run(|archive| archive.list_files(&id, nowhere))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
}

#[test]
fn projects_are_listed_page_by_page() {
    let host = Host::new();
    let mut ids: Vec<_> = (0..7).map(|_| host.create()).collect();
    ids.sort();
    // What an operator put there is no project.
    fs::create_dir(host.directory.path().join("drafts/alice/notes")).unwrap();
    for max in 1..=9 {
        let (mut listed, mut after) = (Vec::new(), None::<String>);
        loop {
            let request = PageRequest {
                after: after.as_deref(),
                max,
            };
            let page = host.run(|archive| archive.list_projects(request)).unwrap();
            assert!(page.items.len() <= max as usize);
            for project in page.items {
                assert_eq!(host.metadata(&project.id).unwrap(), project.metadata);
                listed.push(project.id);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(listed, ids);
    }
}

#[test]
fn a_spoiled_draft_does_not_hide_the_others() {
    let host = Host::new();
    let (sound, spoiled) = (host.create(), host.create());
    let document = host.path("drafts", "alice", &spoiled, "data/ro-crate-metadata.json");
    for text in [Some("["), Some("[]"), None] {
        match text {
            Some(text) => fs::write(&document, text).unwrap(),
            None => fs::remove_file(&document).unwrap(),
        }
        let request = PageRequest {
            after: None,
            max: 9,
        };
        let page = host.run(|archive| archive.list_projects(request)).unwrap();
        assert_eq!(page.items.len(), 2);
        for project in page.items {
            assert_eq!(project.metadata == "{}", project.id == spoiled, "{sound}");
        }
    }
}

#[test]
fn a_page_of_projects_holds_a_bounded_number_of_bytes() {
    let host = Host::new();
    let large = crate_named(&"x".repeat(7 << 20));
    for _ in 0..4 {
        host.run(|archive| archive.create_project(Some(&large)))
            .unwrap();
    }
    let request = PageRequest {
        after: None,
        max: 99,
    };
    let page = host.run(|archive| archive.list_projects(request)).unwrap();
    assert_eq!(page.items.len(), 2);
    let request = PageRequest {
        after: page.next.as_deref(),
        max: 99,
    };
    let page = host.run(|archive| archive.list_projects(request)).unwrap();
    assert_eq!((page.items.len(), page.next), (2, None));
}
