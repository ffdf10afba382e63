//! Publishing happens once, or it is said what is not known.

use tenon_fakes::Fault;

use super::*;

fn publish(fixture: &Fixture, id: &str) -> Result<String> {
    fixture.run(|zenodo| zenodo.publish_project(id))
}

#[test]
fn publishing_twice_asks_once() {
    let fixture = Fixture::new();
    let id = fixture.complete();
    let before = fixture.fake.calls().len();
    let doi = publish(&fixture, &id).unwrap();
    assert_eq!(doi, format!("10.5072/zenodo.{id}"));
    assert_eq!(publish(&fixture, &id).unwrap(), doi);
    assert_eq!(fixture.lines(before), ["Get", "Publish", "Get"]);
}

#[test]
fn an_answer_that_is_lost_is_looked_for() {
    for fault in [
        Fault::CloseAfter,
        Fault::CloseInAnswer,
        Fault::Garbage,
        Fault::StatusAfter(500),
        Fault::StatusAfter(504),
        // As a proxy does that repeats by itself.
        Fault::StatusAfter(403),
        Fault::StatusAfter(404),
        Fault::StatusAfter(409),
    ] {
        let fixture = Fixture::new();
        let id = fixture.complete();
        fixture.fake.fail(Operation::Publish, 1, fault.clone());
        let before = fixture.fake.calls().len();
        let doi = publish(&fixture, &id);
        assert_eq!(doi.unwrap(), format!("10.5072/zenodo.{id}"), "{fault:?}");
        assert_eq!(
            fixture.lines(before),
            ["Get", "Publish", "Get"],
            "{fault:?}"
        );
    }
}

#[test]
fn what_did_not_take_effect_is_told_and_can_be_repeated() {
    for fault in [Fault::Close, Fault::Status(503)] {
        let fixture = Fixture::new();
        let id = fixture.complete();
        fixture.fake.fail(Operation::Publish, 1, fault);
        let error = publish(&fixture, &id).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.message().contains("not published so far"), "{error}");
        assert_eq!(fixture.fake.calls_of(Operation::Publish).len(), 1);
        publish(&fixture, &id).unwrap();
    }
}

#[test]
fn what_is_not_known_is_said() {
    let fixture = Fixture::new();
    let id = fixture.complete();
    fixture.fake.fail(Operation::Publish, 1, Fault::CloseAfter);
    fixture.fake.fail(Operation::Get, 3, Fault::Status(502));
    let error = publish(&fixture, &id).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("is not known"), "{error}");
    // The next call finds out, and does not publish again.
    publish(&fixture, &id).unwrap();
    assert_eq!(fixture.fake.calls_of(Operation::Publish).len(), 1);
}

#[test]
fn a_published_deposit_has_its_doi_even_when_nobody_can_tell_any_more() {
    let fixture = Fixture::new();
    let id = fixture.complete();
    fixture.fake.fail(Operation::Publish, 1, Fault::Garbage);
    fixture.fake.fail(Operation::Get, 3, Fault::Status(502));
    assert_eq!(
        publish(&fixture, &id).unwrap(),
        format!("10.5072/zenodo.{id}")
    );
}

#[test]
fn who_may_not_publish_does_not() {
    let fixture = Fixture::new();
    let id = fixture.complete();
    fixture.fake.remove_user(TOKEN);
    fixture.fake.add_user_who_may_not_publish(TOKEN);
    assert_eq!(publish(&fixture, &id).unwrap_err().kind(), Kind::Denied);
    assert!(!fixture.kept(&id).submitted);
}
