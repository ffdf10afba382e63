//! The descriptor, the root and the version, and what is said when one is missing.

use super::*;

fn with_descriptor(descriptor: Json) -> Json {
    json!({
        "@context": "https://w3id.org/ro/crate/1.2/context",
        "@graph": [
            {"@id": "./", "name": "here"},
            {"@id": "https://example.org/c/", "name": "there"},
            descriptor
        ]
    })
}

fn name(descriptor: Json) -> String {
    let parsed = parse(&with_descriptor(descriptor));
    parsed.root().text("name").unwrap().to_owned()
}

#[test]
fn the_descriptor_is_found_by_its_name() {
    for id in [
        "ro-crate-metadata.json",
        "./ro-crate-metadata.json",
        "ro-crate-metadata.jsonld",
        "survey-ro-crate-metadata.json",
        "https://example.org/c/ro-crate-metadata.json",
        "https://example.org/c/ro-crate-metadata.jsonld",
    ] {
        assert_eq!(
            name(json!({"@id": id, "about": {"@id": "./"}})),
            "here",
            "{id}"
        );
        let there = json!({"@id": id, "about": [{"@id": "https://example.org/c/"}]});
        assert_eq!(name(there), "there", "{id}");
    }
    let by_version = json!({
        "@id": "https://example.org/c/about",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"}
    });
    assert_eq!(name(by_version), "here");
}

#[test]
fn the_documents_of_other_crates_are_not_this_ones() {
    let mut document = with_descriptor(json!({
        "@id": "https://example.org/c/ro-crate-metadata.json",
        "about": {"@id": "https://example.org/c/"}
    }));
    let own = json!({"@id": "ro-crate-metadata.json", "about": {"@id": "./"}});
    document["@graph"].as_array_mut().unwrap().push(own);
    assert_eq!(parse(&document).root().text("name"), Some("here"));
}

#[test]
fn the_version_is_what_the_descriptor_conforms_to() {
    let version = |conforms_to: Json| {
        let descriptor = json!({
            "@id": "ro-crate-metadata.json", "about": {"@id": "./"}, "conformsTo": conforms_to
        });
        Crate::parse(&with_descriptor(descriptor).to_string()).map(|parsed| parsed.version())
    };
    let id = |iri: &str| json!({"@id": iri});
    for (iri, wanted) in [
        ("https://w3id.org/ro/crate/1.1", Version::V1_1),
        ("http://w3id.org/ro/crate/1.1/", Version::V1_1),
        ("https://w3id.org/ro/crate/1.1.3", Version::V1_1),
        ("https://w3id.org/ro/crate/1.1-DRAFT", Version::V1_1),
        ("https://w3id.org/ro/crate/1.2", Version::V1_2),
        ("https://w3id.org/ro/crate/1.2.0", Version::V1_2),
        ("https://w3id.org/ro/crate/1.2-DRAFT", Version::V1_2),
    ] {
        assert_eq!(version(id(iri)), Ok(wanted), "{iri}");
        assert_eq!(version(json!(iri)), Ok(wanted), "{iri} as a text");
        let profile = id("https://w3id.org/workflowhub/workflow-ro-crate/1.0");
        assert_eq!(
            version(json!([profile, id(iri)])),
            Ok(wanted),
            "{iri} after a profile"
        );
    }
    assert_eq!(version(json!([])), Ok(Version::V1_1));
    for iri in [
        "https://w3id.org/ro/crate/1.0",
        "https://w3id.org/ro/crate/1.10",
        "https://w3id.org/ro/crate/2.0",
    ] {
        assert_eq!(version(id(iri)), Err(Error::Version(iri.to_owned())));
        assert!(version(id(iri)).unwrap_err().to_string().contains(iri));
    }
}

#[test]
fn known_contexts_need_no_network() {
    for context in [
        "https://w3id.org/ro/crate/1.1/context",
        "http://w3id.org/ro/crate/1.1/context",
        "https://w3id.org/ro/crate/1.1.3/context",
        "https://w3id.org/ro/crate/1.1-DRAFT/context",
        "https://w3id.org/ro/crate/1.2/context",
        "https://w3id.org/ro/crate/1.2-DRAFT/context",
        "https://w3id.org/ro/crate/1.2/DRAFT/context",
        "https://w3id.org/ro/crate/1.2/context.jsonld",
        "https://schema.org",
        "http://schema.org/",
    ] {
        assert_eq!(
            name_of_root(json!(context), json!({"name": "T"})),
            ["T"],
            "{context}"
        );
    }
    let both = json!([
        "https://w3id.org/ro/crate/1.1/context",
        "https://w3id.org/ro/terms/workflow-run/context"
    ]);
    assert_eq!(name_of_root(both, json!({"name": "T"})), ["T"]);
}

#[test]
fn an_unknown_context_is_named() {
    for url in [
        "https://example.org/context",
        "https://w3id.org/ro/crate/1.0/context",
        "https://w3id.org/ro/crate/1.10/context",
        "context.json",
    ] {
        for context in [
            json!(url),
            json!(["https://w3id.org/ro/crate/1.1/context", url]),
            json!([[url, "https://w3id.org/ro/crate/1.1/context"]]),
            json!({"@import": url}),
        ] {
            let mut document = document(json!([{"@id": "./"}]));
            document["@context"] = context;
            let error = error(&document);
            assert_eq!(error, Error::UnknownContext(url.to_owned()));
            assert!(error.to_string().contains(url));
        }
    }
}

#[test]
fn what_is_missing_is_said() {
    let no_root = document(json!([{"@id": "./data/", "name": "T"}]));
    assert_eq!(error(&no_root), Error::NoRoot("./".to_owned()));
    let empty = json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": []});
    assert_eq!(error(&empty), Error::NoDescriptor);
    let no_about = with_descriptor(json!({"@id": "ro-crate-metadata.json", "name": "x"}));
    assert_eq!(error(&no_about), Error::NoDescriptor);
    for text in ["[]", "null", "7", "\"x\""] {
        assert_eq!(Crate::parse(text).unwrap_err(), Error::NoObject);
    }
    for text in ["", "{", "{\"@graph\": [}", "{} {}"] {
        assert!(matches!(Crate::parse(text), Err(Error::Json(_))), "{text}");
    }
}

#[test]
fn a_rule_of_json_ld_that_is_broken_is_told() {
    for entity in [
        json!({"@id": 5.5, "@type": {"a": 1}}),
        json!({"@id": ["a"], "name": "x"}),
        json!({"@id": "a", "name": {"@value": "x", "@id": "b"}}),
        json!({"@id": "a", "name": {"@value": ["x"]}}),
    ] {
        let found = error(&document(json!([{"@id": "./", "name": "T"}, entity])));
        assert!(matches!(found, Error::JsonLd(_)), "{entity}: {found}");
    }
}

#[test]
fn a_crate_is_told_from_other_json() {
    assert!(Crate::is_crate(&document(json!([]))));
    for other in [
        json!({"name": "T"}),
        json!(["@graph"]),
        json!("@graph"),
        json!(null),
    ] {
        assert!(!Crate::is_crate(&other), "{other}");
    }
}
