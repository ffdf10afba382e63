//! Every failure of every request of every operation: the error has the meaning that it must have,
//! nothing that creates is repeated, and nothing is left behind without a word.

use tenon_fakes::Fault;

use super::*;

type Outcome = Result<String>;

/// An operation on a deposit that is made ready for it.
struct Case {
    name: &'static str,
    prepare: fn(&Fixture) -> String,
    run: fn(&Fixture, &str) -> Outcome,
}

const REPLACE: &str = "replace without a bucket";

const MAX: PageRequest<'static> = PageRequest {
    after: None,
    max: 10,
};

fn cases() -> Vec<Case> {
    let case = |name, prepare, run| Case { name, prepare, run };
    let complete: fn(&Fixture) -> String = Fixture::complete;
    let bucketless: fn(&Fixture) -> String = |fixture| {
        fixture.fake.hide_buckets();
        fixture.complete()
    };
    let nothing: fn(&Fixture) -> String = |_| String::new();
    vec![
        case("list", complete, |on, _| {
            on.run(|zenodo| zenodo.list_projects(MAX))
                .map(|page| format!("{page:?}"))
        }),
        case("get", complete, |on, id| {
            on.run(|zenodo| zenodo.get_project(id))
        }),
        case("create", nothing, |on, _| {
            on.run(|zenodo| zenodo.create_project(None))
                .map(|project| project.id)
        }),
        case("create described", nothing, |on, _| {
            on.run(|zenodo| zenodo.create_project(Some(&document("T"))))
                .map(|project| project.id)
        }),
        case("update", complete, |on, id| {
            on.run(|zenodo| zenodo.update_project(id, Some(&document("T"))))
        }),
        case("publish", complete, |on, id| {
            on.run(|zenodo| zenodo.publish_project(id))
        }),
        case("delete", complete, |on, id| {
            on.run(|zenodo| zenodo.delete_project(id))
                .map(|()| String::new())
        }),
        case("list files", complete, |on, id| {
            on.run(|zenodo| zenodo.list_files(id, MAX))
                .map(|page| format!("{page:?}"))
        }),
        case("add file", complete, |on, id| {
            on.add(id, "b.txt", b"new").map(|file| file.id)
        }),
        case("read file", complete, |on, id| {
            on.read(id, "a.txt")
                .map(|read| String::from_utf8(read.bytes).unwrap())
        }),
        case("add without a bucket", bucketless, |on, id| {
            on.add(id, "b.txt", b"new").map(|file| file.id)
        }),
        case(REPLACE, bucketless, |on, id| {
            on.add(id, "a.txt", b"new").map(|file| file.id)
        }),
        case("delete file", complete, |on, id| {
            on.run(|zenodo| zenodo.delete_file(id, "a.txt"))
                .map(|()| String::new())
        }),
        case("delete files", complete, |on, id| {
            on.run(|zenodo| zenodo.delete_files(id))
                .map(|()| String::new())
        }),
    ]
}

/// Runs a case with a fault in its `nth` request, or without.
fn attempt(case: &Case, fault: Option<(u32, Fault)>) -> (Fixture, String, Outcome, usize) {
    let fixture = Fixture::new();
    let id = (case.prepare)(&fixture);
    let before = fixture.fake.calls().len();
    if let Some((nth, fault)) = fault {
        let nth = u32::try_from(before).unwrap() + nth;
        fixture.fake.fail_call(nth, fault);
    }
    let outcome = (case.run)(&fixture, &id);
    (fixture, id, outcome, before)
}

/// What holds after any attempt. The fake itself fails the test when a call that creates comes twice.
fn check(case: &Case, fault: &Fault, fixture: &Fixture, id: &str, outcome: &Outcome) {
    let context = format!("{}, {fault:?}: {outcome:?}", case.name);
    assert!(
        fixture.fake.calls_of(Operation::Publish).len() <= 1,
        "{context}"
    );
    let message = match outcome {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert!(!message.contains(TOKEN), "{context}");
    if case.name.starts_with("create") && outcome.is_err() {
        for orphan in fixture.fake.deposits() {
            let named = message.contains(&orphan.id.to_string());
            let unknown = message.contains("whether a deposit was made is not known");
            assert!(named || unknown, "{context}");
            assert!(message.contains("left behind"), "{context}");
        }
    }
    if case.name == REPLACE && outcome.is_err() && fixture.kept(id).files.is_empty() {
        let removed = message.contains("is removed already");
        let unknown = message.contains("is still there is not known");
        assert!(removed || unknown, "{context}");
    }
    if case.name.starts_with("add ") && outcome.is_err() {
        let stored = fixture.kept(id).files.len() > 1;
        assert!(
            !stored || message.contains("may have been stored"),
            "{context}"
        );
    }
    if case.name == "publish" {
        let published = fixture.kept(id).submitted;
        match outcome {
            Ok(doi) => assert!(published && doi.ends_with(id), "{context}"),
            Err(_) => assert!(!published, "{context}"),
        }
    }
}

fn requests_of(case: &Case) -> u32 {
    let (fixture, _, outcome, before) = attempt(case, None);
    outcome.unwrap_or_else(|error| panic!("{}: {error}", case.name));
    u32::try_from(fixture.fake.calls().len() - before).unwrap()
}

#[test]
fn statuses_mean_the_same_at_every_request() {
    for case in cases() {
        for nth in 1..=requests_of(&case) {
            for (status, kind) in [
                (400, Kind::Invalid),
                (401, Kind::Unauthenticated),
                (403, Kind::Denied),
                (404, Kind::NotFound),
                (409, Kind::Conflict),
                (410, Kind::NotFound),
                (415, Kind::Invalid),
                (500, Kind::Unavailable),
                (502, Kind::Unavailable),
                (504, Kind::Unavailable),
            ] {
                let fault = Fault::Status(status);
                let (fixture, id, outcome, _) = attempt(&case, Some((nth, fault.clone())));
                check(&case, &fault, &fixture, &id, &outcome);
                let gone = kind == Kind::NotFound;
                match outcome {
                    // What is to be removed may be gone.
                    Ok(_) => assert!(gone && case.name == "delete files" && nth == 2),
                    // It was not, so that adding is refused.
                    Err(error) if gone && case.name == REPLACE && nth == 3 => {
                        assert_eq!(error.kind(), Kind::Invalid);
                    }
                    Err(error) => {
                        assert_eq!(error.kind(), kind, "{} {nth}", case.name);
                        assert!(error.message().contains(&status.to_string()));
                    }
                }
            }
            let fault = Fault::RateLimited(7);
            let (fixture, id, outcome, _) = attempt(&case, Some((nth, fault.clone())));
            check(&case, &fault, &fixture, &id, &outcome);
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), Kind::RateLimited, "{} {nth}", case.name);
            assert_eq!(error.retry_after().unwrap().as_secs(), 7);
        }
    }
}

#[test]
fn broken_connections_and_answers_are_told_at_every_request() {
    for case in cases() {
        for nth in 1..=requests_of(&case) {
            for fault in [
                Fault::Close,
                Fault::CloseAfter,
                Fault::CloseInAnswer,
                Fault::Garbage,
                Fault::StatusAfter(500),
                Fault::StatusAfter(503),
            ] {
                let (fixture, id, outcome, _) = attempt(&case, Some((nth, fault.clone())));
                check(&case, &fault, &fixture, &id, &outcome);
                if let Err(error) = outcome {
                    assert_eq!(
                        error.kind(),
                        Kind::Unavailable,
                        "{} {nth} {fault:?}",
                        case.name
                    );
                }
            }
        }
    }
}

/// The first failure is in the completion of a new deposit, the second in its removal.
#[test]
fn a_deposit_that_cannot_be_taken_back_is_named() {
    for first in [Fault::Status(400), Fault::CloseAfter] {
        for (second, left) in [
            (None, false),
            (Some(Fault::Status(403)), true),
            (Some(Fault::Status(500)), true),
            (Some(Fault::Close), true),
            (Some(Fault::CloseAfter), false),
            (Some(Fault::StatusAfter(404)), false),
        ] {
            let fixture = Fixture::new();
            fixture.fake.fail(Operation::Update, 1, first.clone());
            if let Some(second) = second.clone() {
                fixture.fake.fail(Operation::Delete, 1, second);
            }
            let created = fixture.run(|zenodo| zenodo.create_project(Some(&document("T"))));
            let error = created.unwrap_err();
            // The first failure is the one to answer with.
            let kind = match first {
                Fault::Status(_) => Kind::Invalid,
                _ => Kind::Unavailable,
            };
            assert_eq!(error.kind(), kind);
            assert_eq!(fixture.fake.deposits().len(), usize::from(left));
            let id = fixture.fake.calls()[1]
                .path
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned();
            let said = error.message().contains(&id) && error.message().contains("left behind");
            assert_eq!(said, left, "{second:?}: {error}");
            assert_eq!(fixture.fake.calls_of(Operation::Delete).len(), 1);
        }
    }
}

#[test]
fn what_nobody_can_tell_of_may_be_left_behind() {
    let fixture = Fixture::new();
    fixture.fake.fail(Operation::Update, 1, Fault::Status(400));
    fixture.fake.fail(Operation::Delete, 1, Fault::CloseAfter);
    fixture.fake.fail(Operation::Get, 1, Fault::Close);
    let created = fixture.run(|zenodo| zenodo.create_project(Some(&document("T"))));
    let error = created.unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.message().contains("may be left behind"), "{error}");
}

#[test]
fn a_zenodo_that_is_gone_is_unavailable() {
    for case in cases() {
        let fixture = Fixture::new();
        let id = (case.prepare)(&fixture);
        fixture.fake.refuse_connections();
        let error = (case.run)(&fixture, &id).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{}", case.name);
        // Nothing was lost.
        fixture.fake.accept_connections();
        (case.run)(&fixture, &id).unwrap();
    }
}
