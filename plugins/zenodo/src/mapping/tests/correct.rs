//! The correct mapping, member by member.

use super::*;

#[test]
fn a_whole_crate_is_mapped() {
    let document = a_crate(
        json!({
            "name": "Survey",
            "description": "One\nTwo",
            "datePublished": "2020-09-29T22:00:00.000Z",
            "creator": [{"@id": "#doe"}, {"@id": "#uni"}],
            "contributor": {"@id": "#roe"},
            "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
            "keywords": ["a", "b"],
            "version": 1.0,
            "inLanguage": "de",
            "citation": {"@id": "https://doi.org/10.5281/zenodo.1"},
            "zenodocategory": "publication/thesis",
            "publicAccess": true
        }),
        &[
            json!({
                "@id": "#doe", "@type": "Person", "name": "Jane Doe",
                "familyName": "Doe", "givenName": "Jane", "affiliation": {"@id": "#uni"},
                "identifier": "https://orcid.org/0000-0002-1825-0097"
            }),
            json!({"@id": "#uni", "@type": "Organization", "name": "University"}),
            json!({"@id": "#roe", "@type": "Person", "name": "Roe, Richard"}),
        ],
    );
    let wanted = json!({
        "title": "Survey",
        "description": "One<br>Two",
        "publication_date": "2020-09-29",
        "creators": [
            {"name": "Doe, Jane", "affiliation": "University", "orcid": "0000-0002-1825-0097"},
            {"name": "University"}
        ],
        "contributors": [{"name": "Roe, Richard", "type": "Other"}],
        "license": "cc-by-4.0",
        "keywords": ["a", "b"],
        "version": "1.0",
        "language": "deu",
        "related_identifiers": [{"identifier": "10.5281/zenodo.1", "relation": "cites"}],
        "upload_type": "publication",
        "publication_type": "thesis",
        "access_right": "open"
    });
    assert_eq!(correct(&document), wanted);
    // The same crate in version 1.2, and for a creation.
    let newer = document.to_string().replace("crate/1.1", "crate/1.2");
    for target in [Target::Create, Target::Update] {
        let mapped = to_zenodo(Some(&newer), Mapping::Correct, target, &DEPOSITOR);
        assert_eq!(mapped.as_ref(), Ok(&wanted));
    }
}

#[test]
fn what_is_absent_gets_a_default() {
    let defaults = json!({
        "title": "Upload from ScieboRDS - 2024-05-06",
        "description": "Uploaded from ScieboRDS - 2024-05-06",
        "publication_date": "2024-05-06",
        "upload_type": "other",
        "creators": [{"name": "alice"}]
    });
    assert_eq!(of_root(json!({})), defaults);
    let empty = json!({
        "name": " ", "description": ["", "\n"], "datePublished": "", "creator": [], "keywords": " , ",
        "license": "", "version": "", "zenodocategory": "", "publicAccess": "maybe"
    });
    assert_eq!(of_root(empty), defaults);
    let without = |document| to_zenodo(document, Mapping::Correct, Target::Update, &DEPOSITOR);
    assert_eq!(without(None).as_ref(), Ok(&defaults));
    assert_eq!(without(Some("null")).as_ref(), Ok(&defaults));
    assert_eq!(without(Some("{}")).as_ref(), Ok(&defaults));
}

#[test]
fn the_default_creator_is_the_user_if_there_is_one() {
    for (user, name) in [
        (Some("alice"), "alice"),
        (Some("al@ice@cloud"), "al"),
        (Some("---"), "Unknown"),
        (Some(""), "Unknown"),
        (None, "Unknown"),
    ] {
        let depositor = Depositor { user, ..DEPOSITOR };
        let mapped = to_zenodo(None, Mapping::Correct, Target::Create, &depositor).unwrap();
        assert_eq!(mapped["creators"], json!([{"name": name}]), "{user:?}");
    }
}

#[test]
fn title_is_the_name_in_any_form() {
    for name in [
        json!("T"),
        json!(["T"]),
        json!([" ", " T "]),
        json!({"@value": "T", "@language": "en"}),
        json!(["T", "U"]),
    ] {
        assert_eq!(of_root(json!({ "name": name }))["title"], "T", "{name}");
    }
}

#[test]
fn description_is_html_with_its_lines_kept() {
    for (text, html) in [
        (json!("a"), "a"),
        (json!("a\nb\r\nc\rd"), "a<br>b<br>c<br>d"),
        (json!("a\n\nb"), "a<br><br>b"),
        (json!(["a", "b"]), "a<br>b"),
        (json!("<p>a &amp; b</p>"), "<p>a &amp; b</p>"),
        (
            json!("<ul>\n <li>a</li>\n</ul>"),
            "<ul>\n <li>a</li>\n</ul>",
        ),
        (json!("<b>a</b>\nb"), "<b>a</b><br>b"),
        (json!("p < 0.05 & q > 1"), "p < 0.05 & q > 1"),
        (json!("a<br>b"), "a<br>b"),
    ] {
        assert_eq!(of_root(json!({ "description": text }))["description"], html);
    }
}

#[test]
fn publication_date_is_a_day() {
    for (text, day) in [
        (json!("2024-01-02"), "2024-01-02"),
        (json!(["2024-01-02"]), "2024-01-02"),
        (json!("2020-09-29T22:00:00.000Z"), "2020-09-29"),
        (json!("2026-11-22T05:00:09+00:00"), "2026-11-22"),
        (json!("2020-09-29 22:00"), "2020-09-29"),
        (json!("2023-07"), "2023-07-01"),
        (json!("2023"), "2023-01-01"),
        (json!(2023), "2023-01-01"),
        (
            json!({"@value": "2024-02-29", "@type": "http://schema.org/Date"}),
            "2024-02-29",
        ),
        (json!(["soon", "2024-01-02"]), "2024-01-02"),
        // No days at all: today.
        (json!("2023-02-29"), "2024-05-06"),
        (json!("2023-13-01"), "2024-05-06"),
        (json!("02.01.2024"), "2024-05-06"),
        (json!("2024-1-2"), "2024-05-06"),
        (json!("2024-01-02-03"), "2024-05-06"),
        (json!("+024-01-02"), "2024-05-06"),
        (json!("２０２４"), "2024-05-06"),
    ] {
        let mapped = of_root(json!({ "datePublished": text }));
        assert_eq!(mapped["publication_date"], day, "{text}");
    }
}

#[test]
fn upload_type_comes_from_zenodocategory() {
    for (category, wanted) in [
        ("poster", json!({"upload_type": "poster"})),
        (
            "publication/thesis",
            json!({"upload_type": "publication", "publication_type": "thesis"}),
        ),
        (
            "Image / Photo",
            json!({"upload_type": "image", "image_type": "photo"}),
        ),
        // Zenodo refuses these two without a subtype, and has none for the others.
        (
            "publication",
            json!({"upload_type": "publication", "publication_type": "other"}),
        ),
        (
            "image/",
            json!({"upload_type": "image", "image_type": "other"}),
        ),
        ("dataset/table", json!({"upload_type": "dataset"})),
        ("/thesis", json!({"upload_type": "other"})),
    ] {
        for key in [
            "zenodocategory",
            "https://www.research-data-services.org/jsonld/zenodocategory",
        ] {
            let mapped = of_root(json!({ key: category }));
            for name in [
                "upload_type",
                "publication_type",
                "image_type",
                "dataset_type",
            ] {
                assert_eq!(mapped.get(name), wanted.get(name), "{category} {name}");
            }
        }
    }
}

#[test]
fn zenodocategory_may_be_a_term_of_sciebo_rds() {
    let mut document = a_crate(json!({"zenodocategory": "lesson"}), &[]);
    document["@context"] = json!(["https://w3id.org/ro/crate/1.1/context", {
        "@vocab": "https://schema.org/",
        "zenodocategory": "https://www.research-data-services.org/jsonld/zenodocategory"
    }]);
    assert_eq!(correct(&document)["upload_type"], "lesson");
}

#[test]
fn keywords_are_a_list_or_one_text_with_commas() {
    let term = json!({"@id": "#k", "@type": "DefinedTerm", "name": "term"});
    for (keywords, wanted) in [
        (json!("a, b,,a , c d"), json!(["a", "b", "c d"])),
        (json!(["a", "b, c"]), json!(["a", "b, c"])),
        (json!(["a,b"]), json!(["a", "b"])),
        (
            json!(["x", {"@id": "#k"}, {"@id": "#gone"}]),
            json!(["x", "term"]),
        ),
    ] {
        let document = a_crate(json!({ "keywords": keywords }), std::slice::from_ref(&term));
        assert_eq!(correct(&document)["keywords"], wanted, "{keywords}");
    }
}

#[test]
fn access_right_is_sent_when_the_crate_tells() {
    for (public, right) in [
        (json!(true), json!("open")),
        (json!("false"), json!("closed")),
        (json!(false), json!("closed")),
    ] {
        let key = "https://schema.org/publicAccess";
        assert_eq!(of_root(json!({ key: public }))["access_right"], right);
    }
    assert_eq!(of_root(json!({})).get("access_right"), None);
}

#[test]
fn language_has_three_letters() {
    let english =
        json!({"@id": "#en", "@type": "Language", "name": "English", "alternateName": "en"});
    for (language, wanted) in [
        (json!("en"), json!("eng")),
        (json!("en-GB"), json!("eng")),
        (json!("DEU"), json!("deu")),
        (json!(["Klingon", "fr"]), json!("fra")),
        (json!({"@id": "#en"}), json!("eng")),
        (json!("Deutsch"), Value::Null),
        (json!("xx"), Value::Null),
    ] {
        let document = a_crate(
            json!({ "inLanguage": language }),
            std::slice::from_ref(&english),
        );
        assert_eq!(correct(&document)["language"], wanted, "{language}");
    }
}

#[test]
fn related_works_need_an_address() {
    let mapped = correct(&a_crate(
        json!({
            "citation": [{"@id": "https://doi.org/10.1/a"}, "doi:10.1/b", "Doe et al., 2020", {"@id": "#paper"}, {"@id": "http://dx.doi.org/10.1/a"}],
            "isBasedOn": {"@id": "https://example.org/raw"},
            "isPartOf": [{"@id": "#project"}, "10.1/c"],
            "hasPart": {"@id": "https://example.org/file"}
        }),
        &[json!({"@id": "#paper", "name": "P", "identifier": "https://doi.org/10.1/p"})],
    ));
    assert_eq!(
        mapped["related_identifiers"],
        json!([
            {"identifier": "10.1/a", "relation": "cites"},
            {"identifier": "10.1/b", "relation": "cites"},
            {"identifier": "10.1/p", "relation": "cites"},
            {"identifier": "https://example.org/raw", "relation": "isDerivedFrom"},
            {"identifier": "10.1/c", "relation": "isPartOf"}
        ])
    );
}

#[test]
fn a_crate_of_another_version_is_refused_by_name() {
    let mut document = a_crate(json!({"name": "T"}), &[]);
    document["@graph"][0]["conformsTo"] = json!({"@id": "https://w3id.org/ro/crate/1.0"});
    let error = attempt(&document).unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(
        error.message().contains("https://w3id.org/ro/crate/1.0"),
        "{error}"
    );
}

#[test]
fn a_bad_crate_is_refused_with_a_reason() {
    let text = |document: &str| {
        to_zenodo(Some(document), Mapping::Correct, Target::Update, &DEPOSITOR).unwrap_err()
    };
    let no_descriptor = json!({"@graph": [{"@id": "./", "name": "T"}]});
    let no_root = json!({"@graph": [
        {"@id": "ro-crate-metadata.json", "about": {"@id": "./data"}}
    ]});
    let no_context = json!({"@context": "https://example.org/c", "@graph": []});
    let deep = format!("{{\"@graph\":{}{}}}", "[".repeat(40), "]".repeat(40));
    for (document, reason) in [
        (no_descriptor.to_string(), "ro-crate-metadata.json"),
        (no_root.to_string(), "./data"),
        (no_context.to_string(), "https://example.org/c"),
        (deep, "nested"),
        ("{\"@graph\":".to_owned(), "not JSON"),
        ("[1]".to_owned(), "neither an object nor null"),
        ("\"x\"".to_owned(), "neither an object nor null"),
        ("{\"@graph\": 5}".to_owned(), "ro-crate-metadata.json"),
    ] {
        let error = text(&document);
        assert_eq!(error.kind(), Kind::Invalid, "{document}");
        assert!(error.message().contains(reason), "{document}: {error}");
    }
}
