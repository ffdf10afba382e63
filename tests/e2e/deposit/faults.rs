//! The repository fails at every single call, in every way that there is.

use tenon_fakes::{Fault, Nth};

use super::*;

/// What became of one run through all operations.
struct Run {
    /// The project, once it was created.
    id: Option<String>,
    /// Where the run ended, if not with a publication.
    failed: Option<Answer>,
    doi: Option<String>,
}

/// The callers' order. A failure to create, describe or publish ends it; a
/// file that fails does not.
async fn deposit(repository: &Caller) -> Run {
    let mut run = Run {
        id: None,
        failed: None,
        doi: None,
    };
    let created = repository.create_project().await;
    let Some(id) = created.json()["projectId"].as_str().map(str::to_owned) else {
        run.failed = Some(created);
        return run;
    };
    run.id = Some(id.clone());
    let updated = repository.update_project(&id, &ro_crate()).await;
    assert!(updated.json().is_object(), "{}", updated.text());
    for name in ["a.txt", "b/a.txt"] {
        let added = repository.add_file(&id, name, name.as_bytes()).await;
        let answer = added.json();
        assert!(answer["success"].is_boolean(), "{}", added.text());
        assert!(answer["success"] == true || answer["message"].is_string());
    }
    let published = repository.publish_project(&id).await;
    assert!(published.json().is_object(), "{}", published.text());
    match published.json()["DOI"].as_str() {
        Some(doi) if published.status == 200 => run.doi = Some(doi.to_owned()),
        _ => run.failed = Some(published),
    }
    run
}

/// Runs with one upstream call broken, then as if nothing were; how many
/// calls the broken run made.
async fn break_one(nth: u32, fault: &Fault) -> usize {
    let zenodo_fake = fake();
    let host = start(&zenodo_fake.origin()).await;
    host.ready("port-zenodo").await;
    let repository = depositor(&host);
    let before = zenodo_fake.calls().len();
    let at = u32::try_from(before).unwrap() + nth;
    zenodo_fake.fail_call(Nth::Only(at), fault.clone());
    let run = deposit(&repository).await;
    let calls = zenodo_fake.calls().len() - before;
    zenodo_fake.heal();

    let case = format!("{fault:?} at call {nth}");
    let submitted = |deposits: &[tenon_fakes::zenodo::Deposit]| {
        deposits.iter().filter(|deposit| deposit.submitted).count()
    };
    let deposits = zenodo_fake.deposits();
    assert!(submitted(&deposits) <= 1, "{case}: {deposits:#?}");
    if let Some(doi) = &run.doi {
        assert_eq!(deposits[0].doi.as_ref(), Some(doi), "{case}");
        assert_eq!(submitted(&deposits), 1, "{case}");
    }
    match &run.id {
        // What was left behind is spoken of where its id is not known.
        None => {
            let told = run.failed.as_ref().unwrap().text();
            for deposit in &deposits {
                let named = told.contains(&deposit.id.to_string());
                // Who gets no answer in time is told by the host.
                let note = match fault {
                    Fault::HangAfter => "may have been done",
                    _ => "left behind",
                };
                assert!(named || told.contains(note), "{case}: {told}");
            }
        }
        Some(id) => {
            assert_eq!(deposits.len(), 1, "{case}: {deposits:#?}");
            // Whoever asks again gets the one publication that there is.
            let updated = repository.update_project(id, &ro_crate()).await;
            let expected = if deposits[0].submitted { 403 } else { 200 };
            assert_eq!(updated.status, expected, "{case}: {}", updated.text());
            let published = repository.publish_project(id).await;
            // A project none of whose files arrived cannot be published.
            if !deposits[0].files.is_empty() {
                assert_eq!(published.status, 200, "{case}: {}", published.text());
                let doi = published.json()["DOI"].as_str().map(str::to_owned);
                assert_eq!(doi, zenodo_fake.deposits()[0].doi, "{case}");
            }
        }
    }
    assert_eq!(submitted(&zenodo_fake.deposits()).max(1), 1, "{case}");
    zenodo_fake.assert_clean();
    calls
}

async fn break_each(fault: Fault) {
    let mut nth = 1;
    while break_one(nth, &fault).await >= nth as usize {
        nth += 1;
    }
    // Create, describe, two files, publish: none of them is one call less.
    assert!(nth > 5, "{nth} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_closes_before_anything_happens() {
    break_each(Fault::Close).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_closes_after_it_happened() {
    break_each(Fault::CloseAfter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_closes_within_the_answer() {
    break_each(Fault::CloseInAnswer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_a_failure_without_effect() {
    break_each(Fault::Status(503)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_a_failure_although_it_happened() {
    break_each(Fault::StatusAfter(502)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_answer_although_it_happened() {
    break_each(Fault::HangAfter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_makes_no_sense() {
    break_each(Fault::Garbage).await;
}
