//! Deposits until they are published.

use tenon_fakes::Fault;

use super::*;

fn list(fixture: &Fixture, max: u32) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), None::<String>);
    loop {
        let request = PageRequest {
            after: after.as_deref(),
            max,
        };
        let page = fixture.run(|zenodo| zenodo.list_projects(request)).unwrap();
        assert!(page.items.len() <= max as usize);
        ids.extend(page.items.into_iter().map(|project| project.id));
        after = page.next;
        if after.is_none() {
            return ids;
        }
    }
}

#[test]
fn an_empty_deposit_is_one_post() {
    let fixture = Fixture::new();
    let project = fixture.run(|zenodo| zenodo.create_project(None)).unwrap();
    let calls = fixture.fake.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].json, Some(json!({})));
    assert_eq!(calls[0].header("content-type"), "application/json");
    let number: u64 = project.id.parse().unwrap();
    assert_eq!(
        object(&project.metadata),
        json!({"prereserve_doi": {"doi": format!("10.5072/zenodo.{number}"), "recid": number}})
    );
}

#[test]
fn a_described_deposit_is_a_post_and_a_put() {
    let fixture = Fixture::new();
    let project = fixture.run(|zenodo| zenodo.create_project(Some(&document("A title"))));
    let project = project.unwrap();
    assert_eq!(fixture.lines(0), ["Create", "Update"]);
    let calls = fixture.fake.calls();
    assert_eq!(calls[0].json, Some(json!({})));
    let members = calls[1].json.as_ref().unwrap().as_object().unwrap();
    assert_eq!(members.keys().collect::<Vec<_>>(), ["metadata"]);
    assert_eq!(members["metadata"]["title"], "A title");
    // Zenodo's own terms, as of any deposit in a list.
    assert_eq!(object(&project.metadata)["title"], "A title");
    assert_eq!(fixture.kept(&project.id).metadata["title"], "A title");
}

#[test]
fn the_mapping_is_a_choice() {
    let mut fixture = Fixture::new();
    let environment = Environment::builder()
        .config("base_url", fixture.fake.origin())
        .config("mapping", "compatible")
        .credential("caller", TOKEN, "Bearer {caller}")
        .user("alice@cloud.example");
    fixture.environment = environment.build();
    // A date that is no list loses all but its first character.
    let document = document("A title");
    let created = fixture.run(|zenodo| zenodo.create_project(Some(&document)));
    let error = created.unwrap_err();
    assert!(error.message().contains("publication_date"), "{error}");
    assert!(fixture.fake.deposits().is_empty());

    let undated = document.replace("datePublished", "x");
    let created = fixture.run(|zenodo| zenodo.create_project(Some(&undated)));
    let id = created.unwrap().id;
    assert_eq!(fixture.kept(&id).metadata["upload_type"], "other");
    // There may be nothing to describe a deposit with.
    fixture
        .run(|zenodo| zenodo.create_project(Some("null")))
        .unwrap();
    let updated = fixture.run(|zenodo| zenodo.update_project(&id, None));
    assert_eq!(updated.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(
        fixture.lines(0),
        [
            "Create", "Update", "Delete", "Create", "Update", "Create", "Update"
        ]
    );
    let sent = fixture.fake.calls().pop().unwrap().json;
    assert_eq!(sent, Some(json!({"metadata": null})));
}

#[test]
fn an_update_with_nothing_changes_nothing() {
    let fixture = Fixture::new();
    let created = fixture.run(|zenodo| zenodo.create_project(Some(&document("A title"))));
    let id = created.unwrap().id;
    for nothing in [None, Some("null")] {
        let updated = fixture.run(|zenodo| zenodo.update_project(&id, nothing));
        assert_eq!(
            object(&updated.unwrap())["https://schema.org/name"],
            "A title"
        );
        assert_eq!(fixture.kept(&id).metadata["title"], "A title");
    }
}

#[test]
fn a_document_that_is_wrong_makes_no_deposit() {
    let fixture = Fixture::new();
    let wrong = r#"{"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": []}"#;
    let created = fixture.run(|zenodo| zenodo.create_project(Some(wrong)));
    assert_eq!(created.unwrap_err().kind(), Kind::Invalid);
    assert!(fixture.fake.calls().is_empty());
}

#[test]
fn a_deposit_is_read_and_described_in_schema_org_terms() {
    let fixture = Fixture::new();
    let id = fixture.created();
    let updated = fixture.run(|zenodo| zenodo.update_project(&id, Some(&document("First"))));
    let updated = object(&updated.unwrap());
    assert_eq!(updated["https://schema.org/name"], "First");
    assert_eq!(fixture.kept(&id).metadata["title"], "First");
    let read = fixture.run(|zenodo| zenodo.get_project(&id)).unwrap();
    assert_eq!(object(&read), updated);
    assert_eq!(fixture.lines(1), ["Update", "Get"]);

    // Published ones are read as well.
    let id = fixture.complete();
    fixture.run(|zenodo| zenodo.publish_project(&id)).unwrap();
    let read = fixture.run(|zenodo| zenodo.get_project(&id)).unwrap();
    assert_eq!(object(&read)["https://schema.org/name"], "A title");
}

#[test]
fn the_list_has_what_can_be_changed_in_pages_of_any_size() {
    let fixture = Fixture::new();
    let mut ids: Vec<_> = (0..30).map(|_| fixture.created()).collect();
    let published = fixture.complete();
    fixture
        .run(|zenodo| zenodo.publish_project(&published))
        .unwrap();
    ids.push(fixture.created());
    ids.reverse();
    for max in [1, 4, 31, 1000] {
        assert_eq!(list(&fixture, max), ids, "{max}");
    }
    assert_eq!(list(&Fixture::new(), 10), [""; 0]);
    let wrong = PageRequest {
        after: Some("1&size=1"),
        max: 5,
    };
    let page = fixture.run(|zenodo| zenodo.list_projects(wrong));
    assert_eq!(page.unwrap_err().kind(), Kind::Invalid);
}

#[test]
fn both_ways_to_confirm_a_deletion_are_one() {
    let fixture = Fixture::new();
    for status in [204, 201] {
        fixture.fake.answer_deletion_with(status);
        let id = fixture.created();
        fixture.run(|zenodo| zenodo.delete_project(&id)).unwrap();
        let again = fixture.run(|zenodo| zenodo.delete_project(&id));
        assert_eq!(again.unwrap_err().kind(), Kind::NotFound);
    }
    assert!(fixture.fake.deposits().is_empty());
    let id = fixture.complete();
    fixture.run(|zenodo| zenodo.publish_project(&id)).unwrap();
    let deleted = fixture.run(|zenodo| zenodo.delete_project(&id));
    assert_eq!(deleted.unwrap_err().kind(), Kind::Denied);
}

#[test]
fn a_deletion_whose_answer_is_lost_is_looked_for() {
    for (fault, deleted) in [
        (Fault::CloseAfter, true),
        (Fault::StatusAfter(502), true),
        (Fault::Close, false),
        (Fault::Status(503), false),
    ] {
        let fixture = Fixture::new();
        let id = fixture.created();
        fixture.fake.fail(Operation::Delete, 1, fault);
        let outcome = fixture.run(|zenodo| zenodo.delete_project(&id));
        assert_eq!(fixture.lines(1), ["Delete", "Get"]);
        assert_eq!(fixture.fake.deposits().is_empty(), deleted);
        let kind = outcome.err().map(|error| error.kind());
        assert_eq!(kind, (!deleted).then_some(Kind::Unavailable));
    }
}

#[test]
fn a_refusal_names_the_fields_that_are_wrong() {
    let fixture = Fixture::new();
    let id = fixture.created();
    fixture.add(&id, "a.txt", b"hello").unwrap();
    let error = fixture
        .run(|zenodo| zenodo.publish_project(&id))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    for part in ["400", "Validation error", "title", "creators"] {
        assert!(error.message().contains(part), "{error}");
    }
    assert_eq!(error.subject(), Some(&*id));
    assert_eq!(fixture.fake.calls_of(Operation::Publish).len(), 1);
}
