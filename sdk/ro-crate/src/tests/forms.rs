//! Every form of JSON-LD that crates are met in.

use super::*;

const RO_CRATE: &str = "https://w3id.org/ro/crate/1.1/context";

#[test]
fn a_value_reads_the_same_in_every_form() {
    for value in [
        json!("T"),
        json!(["T"]),
        json!([["T"]]),
        json!({"@value": "T"}),
        json!([{"@value": "T", "@language": "en"}]),
        json!({"@value": "T", "@type": "http://www.w3.org/2001/XMLSchema#string"}),
        json!({"@list": ["T"]}),
        json!({"@set": ["T"]}),
        json!(["T", null]),
    ] {
        assert_eq!(
            name_of_root(json!(RO_CRATE), json!({"name": value})),
            ["T"],
            "{value}"
        );
    }
}

#[test]
fn a_property_reads_the_same_under_every_name() {
    let both = |context: Json| json!([RO_CRATE, context]);
    for (context, key) in [
        (json!(RO_CRATE), "name"),
        (json!(RO_CRATE), "https://schema.org/name"),
        (json!(RO_CRATE), "http://schema.org/name"),
        (both(json!({"schema": "http://schema.org/"})), "schema:name"),
        (
            both(json!({"s": {"@id": "https://schema.org/", "@prefix": true}})),
            "s:name",
        ),
        (both(json!({"label": "http://schema.org/name"})), "label"),
        (
            both(json!({"label": {"@id": "http://schema.org/name"}})),
            "label",
        ),
        (both(json!({"title": "name"})), "title"),
        (both(json!({"@vocab": "https://schema.org/"})), "name"),
    ] {
        assert_eq!(name_of_root(context, json!({key: "T"})), ["T"], "{key}");
    }
}

#[test]
fn a_term_with_its_own_meaning_is_not_schema_orgs() {
    let context = json!([RO_CRATE, {"name": "https://example.org/name"}]);
    assert_eq!(name_of_root(context.clone(), json!({"name": "T"})).len(), 0);
    let document = json!({"@context": context, "@graph": document(json!([
        {"@id": "./", "name": "T"}
    ]))["@graph"]});
    assert_eq!(
        parse(&document).root().text("https://example.org/name"),
        Some("T")
    );
}

#[test]
fn keywords_may_have_other_names() {
    let document = json!({
        "@context": [RO_CRATE, {"id": "@id", "type": "@type", "graph": "@graph"}],
        "graph": [
            {
                "about": {"id": "./"},
                "conformsTo": {"id": "https://w3id.org/ro/crate/1.2"},
                "id": "ro-crate-metadata.json"
            },
            {"creator": {"id": "#a"}, "id": "./", "type": "Dataset"},
            {"affiliation": {"name": "nested", "type": "Organization"}, "id": "#a", "type": ["Person"]}
        ]
    });
    let parsed = parse(&document);
    assert_eq!(parsed.version(), Version::V1_2);
    assert_eq!(shown(parsed.root(), "creator"), ["<#a>"]);
    let Some(Value::Entity(person)) = parsed.root().values("creator").next() else {
        panic!("the creator is described");
    };
    assert!(person.has_type("Person") && !person.has_type("Dataset"));
    let Some(Value::Entity(organization)) = person.values("affiliation").next() else {
        panic!("a nested entity is an entity");
    };
    assert_eq!(organization.text("name"), Some("nested"));
    assert!(organization.id().starts_with("_:"));
}

#[test]
fn the_order_of_values_is_the_documents() {
    let creators: Vec<Json> = (0..50)
        .map(|n| match n % 3 {
            0 => json!({"@id": format!("#{}", 50 - n)}),
            1 => json!({"@id": format!("#{}", 50 - n), "name": "nested"}),
            _ => json!(format!("{}", 50 - n)),
        })
        .collect();
    let wanted: Vec<String> = (0..50)
        .map(|n| match n % 3 {
            0 => format!("[#{}]", 50 - n),
            1 => format!("<#{}>", 50 - n),
            _ => format!("{}", 50 - n),
        })
        .collect();
    for list in [json!(creators), json!({"@list": creators})] {
        let parsed = parse(&document(json!([{"@id": "./", "creator": list}])));
        assert_eq!(shown(parsed.root(), "creator"), wanted);
    }
}

#[test]
fn numbers_and_truth_values_are_texts_as_written() {
    let values = json!([1, 1.0, 1.5, -3, 1e30, true, false, 18446744073709551615_u64]);
    let parsed = parse(&document(json!([{"@id": "./", "version": values}])));
    let texts: Vec<_> = parsed.root().texts("version").collect();
    assert_eq!(
        texts,
        [
            "1",
            "1.0",
            "1.5",
            "-3",
            "1e+30",
            "true",
            "false",
            "18446744073709551615"
        ]
    );
}

#[test]
fn lists_nest_and_may_be_empty() {
    let parsed = parse(&document(json!([
        {"@id": "./", "keywords": ["a", {"@list": []}, {"@list": ["b", {"@list": ["c", "d"]}, "e"]}, "f"]},
        {"@id": "#x", "creator": {"@list": [{"@id": "./"}, {"@id": "#y", "name": "Y"}]}}
    ])));
    assert_eq!(
        shown(parsed.root(), "keywords"),
        ["a", "b", "c", "d", "e", "f"]
    );
    let x = parsed.entity("#x").unwrap();
    assert_eq!(shown(x, "creator"), ["<./>", "<#y>"]);
}

#[test]
fn ids_come_back_as_written() {
    let ids = [
        "data/my file (1).csv",
        "données/é ü.txt",
        "data/a%20b.txt",
        "../outside",
        "#anchor with space",
        "_:blank",
        "https://orcid.org/0000-0002-1825-0097",
        "urn:uuid:1-2",
        "C:\\file",
    ];
    let mut entities: Vec<Json> = ids
        .iter()
        .map(|id| json!({"@id": id, "name": id}))
        .collect();
    let parts: Vec<Json> = ids.iter().map(|id| json!({"@id": id})).collect();
    entities.push(json!({"@id": "./", "hasPart": parts}));
    let parsed = parse(&document(json!(entities)));
    let shown: Vec<_> = shown(parsed.root(), "hasPart");
    assert_eq!(shown, ids.map(|id| format!("<{id}>")));
    for id in ids {
        assert_eq!(parsed.entity(id).unwrap().text("name"), Some(id));
    }
}

#[test]
fn a_leading_dot_makes_no_other_entity() {
    let parsed = parse(&document(json!([
        {"@id": "./", "hasPart": [{"@id": "./a.txt"}]},
        {"@id": "a.txt", "@type": "File", "name": "A"}
    ])));
    let part = parsed.entity("./a.txt").unwrap();
    assert_eq!(part, parsed.entity("a.txt").unwrap());
    assert_eq!(part.text("name"), Some("A"));
    assert_eq!(shown(parsed.root(), "hasPart").len(), 1);
}

#[test]
fn what_the_crate_does_not_describe_is_a_reference() {
    let parsed = parse(&document(json!([
        {"@id": "./", "license": {"@id": "https://spdx.org/licenses/MIT"}, "author": {"@id": "#gone"}}
    ])));
    assert_eq!(
        shown(parsed.root(), "license"),
        ["[https://spdx.org/licenses/MIT]"]
    );
    assert_eq!(shown(parsed.root(), "author"), ["[#gone]"]);
    assert!(parsed.entity("#gone").is_none());
    assert_eq!(parsed.root().text("license"), None);
}

#[test]
fn ro_crates_own_terms_have_their_short_names() {
    let parsed = parse(&document(json!([
        {"@id": "./", "@type": ["Dataset", "RepositoryCollection", "https://example.org/Own"]},
        {"@id": "a", "@type": "File"},
        {"@id": "b", "@type": "http://schema.org/MediaObject"},
        {"@id": "c", "http://purl.org/dc/terms/conformsTo": "x"}
    ])));
    let types: Vec<_> = parsed.root().types().collect();
    // The parser sorts the types of an entity.
    assert_eq!(
        types,
        ["Dataset", "RepositoryCollection", "https://example.org/Own"]
    );
    assert!(parsed.entity("a").unwrap().has_type("File"));
    assert!(parsed.entity("b").unwrap().has_type("File"));
    assert_eq!(parsed.entity("c").unwrap().text("conformsTo"), Some("x"));
}

#[test]
fn the_context_may_stand_last_or_be_missing() {
    let text = document(json!([{"@id": "./", "name": "T"}])).to_string();
    let graph = &text[text.find("\"@graph\"").unwrap()..text.len() - 1];
    for text in [
        format!("{{{graph}, \"@context\": \"{RO_CRATE}\"}}"),
        format!("{{{graph}}}"),
        format!("\u{feff}{{ \"A\": 1, {graph}, \"@context\": [\"{RO_CRATE}\"]}}"),
    ] {
        assert_eq!(
            Crate::parse(&text).unwrap().root().text("name"),
            Some("T"),
            "{text}"
        );
    }
}

#[test]
fn entities_nest_and_merge() {
    let document = json!({
        "@context": RO_CRATE,
        "@id": "ro-crate-metadata.json",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./", "name": "T", "hasPart": [
            {"@id": "a", "@type": "File", "isPartOf": {"@id": "./", "keywords": ["k"]}}
        ]}
    });
    let root = parse(&document);
    let root = root.root();
    assert_eq!(root.text("name"), Some("T"));
    assert_eq!(shown(root, "keywords"), ["k"]);
    assert_eq!(shown(root, "hasPart"), ["<a>"]);
}

#[test]
fn other_ways_to_link_work() {
    let mut document = document(json!([
        {"@id": "./", "name": "T", "@reverse": {"isPartOf": {"@id": "a", "name": "A"}}},
        {"@id": "b", "author": "https://example.org/me"}
    ]));
    document["@context"] =
        json!([RO_CRATE, {"author": {"@id": "http://schema.org/author", "@type": "@id"}}]);
    let parsed = parse(&document);
    assert_eq!(shown(parsed.entity("a").unwrap(), "isPartOf"), ["<./>"]);
    assert_eq!(
        shown(parsed.entity("b").unwrap(), "author"),
        ["[https://example.org/me]"]
    );
}
