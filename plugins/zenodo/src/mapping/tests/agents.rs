//! Who made a crate, as Zenodo wants to know it.

use super::*;

fn creators_of(creator: Value, others: &[Value]) -> Value {
    correct(&a_crate(json!({ "creator": creator }), others))["creators"].clone()
}

#[test]
fn creators_are_all_sent_in_order() {
    let people: Vec<Value> = ["Z", "A", "M"]
        .iter()
        .map(|name| json!({"@id": format!("#{name}"), "@type": "Person", "name": name}))
        .collect();
    let references: Vec<Value> = people
        .iter()
        .map(|person| json!({"@id": person["@id"]}))
        .collect();
    let wanted = json!([{"name": "Z"}, {"name": "A"}, {"name": "M"}]);
    assert_eq!(creators_of(json!(references), &people), wanted);
    assert_eq!(creators_of(json!({"@list": references}), &people), wanted);
    assert_eq!(creators_of(json!(people), &[]), wanted);
    assert_eq!(creators_of(json!(["Z", "A", "M", "Z"]), &[]), wanted);
}

#[test]
fn creators_may_be_a_single_object() {
    let doe = json!({"@id": "#doe", "@type": "Person", "name": "Doe, J"});
    let wanted = json!([{"name": "Doe, J"}]);
    assert_eq!(
        creators_of(json!({"@id": "#doe"}), std::slice::from_ref(&doe)),
        wanted
    );
    assert_eq!(creators_of(doe, &[]), wanted);
    assert_eq!(creators_of(json!("Doe, J"), &[]), wanted);
}

#[test]
fn creators_keep_their_own_affiliations() {
    let others = [
        json!({"@id": "#u", "@type": "Organization", "name": "U"}),
        json!({"@id": "#a", "@type": "Person", "name": "A", "affiliation": {"@id": "#u"}}),
        json!({"@id": "#b", "@type": "Person", "name": "B", "affiliation": "V"}),
        json!({"@id": "#c", "@type": "Person", "name": "C", "affiliation": [{"@id": "#u"}, "V"]}),
        json!({"@id": "#d", "@type": "Person", "name": "D", "affiliation": {"@id": "https://ror.org/1"}}),
    ];
    let creators =
        json!([{"@id": "#a"}, {"@id": "#b"}, {"@id": "#c"}, {"@id": "#d"}, {"@id": "#u"}]);
    assert_eq!(
        creators_of(creators, &others),
        json!([
            {"name": "A", "affiliation": "U"},
            {"name": "B", "affiliation": "V"},
            {"name": "C", "affiliation": "U; V"},
            {"name": "D", "affiliation": "https://ror.org/1"},
            {"name": "U"}
        ])
    );
}

#[test]
fn names_are_family_first_where_known() {
    for (person, name) in [
        (
            json!({"familyName": "Doe", "givenName": "Jane"}),
            json!("Doe, Jane"),
        ),
        (
            json!({"familyName": "Doe", "givenName": ["Jane", "Q."], "name": "Dr. Jane Doe"}),
            json!("Doe, Jane Q."),
        ),
        (
            json!({"name": "Jane Doe", "familyName": "Doe"}),
            json!("Jane Doe"),
        ),
        (json!({"familyName": "Doe"}), json!("Doe")),
        (json!({"givenName": "Jane"}), json!("Jane")),
        (json!({"name": " "}), json!("doe")),
        (json!({"email": "d@example.org"}), json!("doe")),
    ] {
        let mut person = person;
        person["@id"] = json!("#doe");
        assert_eq!(
            creators_of(json!({"@id": "#doe"}), &[person])[0]["name"],
            name
        );
    }
}

#[test]
fn creators_without_any_description_are_called_by_their_id() {
    assert_eq!(
        creators_of(
            json!([{"@id": "#jane"}, {"@id": "https://orcid.org/0000-0002-1825-0097"}]),
            &[]
        ),
        json!([
            {"name": "jane"},
            {"name": "https://orcid.org/0000-0002-1825-0097", "orcid": "0000-0002-1825-0097"}
        ])
    );
    // A nested object that says nothing of use is nobody.
    assert_eq!(
        creators_of(json!([{"@type": "Person"}, "Doe"]), &[]),
        json!([{"name": "Doe"}])
    );
}

#[test]
fn orcids_are_found_and_checked() {
    let orcid = |id: &str, identifier: Value| {
        let person = json!({"@id": id, "name": "D", "identifier": identifier});
        creators_of(json!({"@id": id}), &[person])[0]["orcid"].clone()
    };
    let id = "0000-0002-1825-0097";
    for found in [
        orcid(&format!("https://orcid.org/{id}"), Value::Null),
        orcid(&format!("http://orcid.org/{id}/"), Value::Null),
        orcid("#d", json!(id)),
        orcid("#d", json!(format!("ORCID:{id}"))),
        orcid("#d", json!(["x", format!("https://orcid.org/{id}")])),
        orcid("#d", json!({"@id": format!("https://orcid.org/{id}")})),
        orcid(
            "#d",
            json!({"@type": "PropertyValue", "propertyID": "orcid", "value": id}),
        ),
    ] {
        assert_eq!(found, id);
    }
    assert_eq!(
        orcid("https://orcid.org/0000-0002-1694-233x", Value::Null),
        "0000-0002-1694-233X"
    );
    for wrong in [
        "0000-0002-1825-0098",
        "0000-0002-1825",
        "0000-0002-1825-009é",
        "https://example.org/?orcid.org/0000-0002-1825-0097",
        "00000-002-1825-0097",
        "X000-0002-1825-0097",
    ] {
        assert_eq!(orcid("#d", json!(wrong)), Value::Null, "{wrong}");
    }
}

#[test]
fn authors_are_creators_when_there_are_no_others() {
    assert_eq!(
        of_root(json!({"author": ["A", "B"]}))["creators"],
        json!([{"name": "A"}, {"name": "B"}])
    );
    let both = of_root(json!({"author": "A", "creator": "C"}));
    assert_eq!(both["creators"], json!([{"name": "C"}]));
}

#[test]
fn contributors_have_a_type() {
    let mapped = of_root(json!({
        "contributor": ["A", {"name": "B", "affiliation": "U"}],
        "editor": "E", "producer": "P", "sponsor": "S", "copyrightHolder": "C"
    }));
    assert_eq!(
        mapped["contributors"],
        json!([
            {"name": "A", "type": "Other"},
            {"name": "B", "affiliation": "U", "type": "Other"},
            {"name": "E", "type": "Editor"},
            {"name": "P", "type": "Producer"},
            {"name": "S", "type": "Sponsor"},
            {"name": "C", "type": "RightsHolder"}
        ])
    );
}
