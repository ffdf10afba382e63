//! What the original sends, observed or read from its code. POST comes first in each pair.

use super::*;

fn defaults() -> Value {
    json!({
        "title": "Upload from ScieboRDS - 2024-05-06",
        "description": "Uploaded from ScieboRDS - 2024-05-06",
        "publication_date": "2024-05-06",
        "upload_type": "other",
        "creators": [{"name": "alice", "affiliation": ""}]
    })
}

/// What becomes of one property of the root. The second property keeps the original from taking the
/// first one's value for the whole root.
fn check(name: &str, property: Value, others: &[Value], member: &str, post: Value, patch: Value) {
    let document = a_crate(
        json!({name: property, "softwareVersion": "1", "size": "2"}),
        others,
    );
    let (created, updated) = compatible(&document);
    assert_eq!(created[member], post, "POST {property}");
    assert_eq!(updated[member], patch, "PATCH {property}");
}

#[test]
fn title_is_sent_as_it_is() {
    check("name", json!("T"), &[], "title", json!("T"), json!("T"));
}

#[test]
fn title_as_a_list_stays_a_list_in_patch() {
    check("name", json!(["x"]), &[], "title", json!("x"), json!(["x"]));
    check(
        "name",
        json!(["x", "y"]),
        &[],
        "title",
        json!(["x", "y"]),
        json!(["x", "y"]),
    );
}

#[test]
fn title_description_date_and_creators_have_defaults() {
    let document = a_crate(json!({}), &[]);
    assert_eq!(compatible(&document), (defaults(), defaults()));
}

#[test]
fn description_is_joined_without_separator_and_keeps_newlines() {
    let check = |description, post: &str, patch: &str| {
        check(
            "description",
            description,
            &[],
            "description",
            json!(post),
            json!(patch),
        );
    };
    check(json!("a\nb"), "a\nb", "a\nb");
    check(json!(["a\n", "b"]), "a\nb", "a\nb");
    check(
        json!(["a", 5]),
        "Uploaded from ScieboRDS - 2024-05-06",
        "Uploaded from ScieboRDS - 2024-05-06",
    );
    check(
        json!(5),
        "Uploaded from ScieboRDS - 2024-05-06",
        "Uploaded from ScieboRDS - 2024-05-06",
    );
    check(json!({"@value": "a"}), "", "@value");
}

#[test]
fn publication_date_is_the_first_character_of_a_text() {
    check(
        "datePublished",
        json!("2024-01-02"),
        &[],
        "publication_date",
        json!("2"),
        json!("2"),
    );
    check(
        "datePublished",
        json!(""),
        &[],
        "publication_date",
        json!("2024-05-06"),
        json!("2024-05-06"),
    );
}

#[test]
fn publication_date_as_a_list_is_its_first_item_in_patch_and_not_cut() {
    let stamp = json!(["2020-09-29T22:00:00.000Z"]);
    check(
        "datePublished",
        stamp.clone(),
        &[],
        "publication_date",
        json!("2"),
        stamp[0].clone(),
    );
    check(
        "datePublished",
        json!([]),
        &[],
        "publication_date",
        json!("2024-05-06"),
        json!("2024-05-06"),
    );
}

#[test]
fn creators_are_one_and_the_last_wins() {
    let people = [
        json!({"@id": "#a", "@type": "Person", "name": "A"}),
        json!({"@id": "#b", "@type": "Person", "name": "B"}),
        json!({"@id": "#u", "@type": "Organization", "name": "U"}),
    ];
    let all = json!([{"@id": "#a"}, {"@id": "#u"}, {"@id": "#b"}]);
    // On POST a person with nothing but a name has become that name, and an organisation too.
    check(
        "creator",
        all,
        &people,
        "creators",
        json!([{"name": "B"}]),
        json!([{"name": "B", "affiliation": "U"}]),
    );
    check(
        "creator",
        json!(["A", "B"]),
        &[],
        "creators",
        json!([{"name": "B"}]),
        json!([{"name": "B"}]),
    );
    check(
        "creator",
        json!("A"),
        &[],
        "creators",
        json!([{"name": "A"}]),
        json!([{"name": "A"}]),
    );
}

#[test]
fn creators_lose_their_own_affiliation() {
    let people = [
        json!({"@id": "#a", "@type": "Person", "name": "A", "affiliation": {"@id": "#u"}}),
        json!({"@id": "#u", "@type": "Organization", "name": "U"}),
    ];
    // On POST the person's type is gone, which fails.
    let user = json!([{"name": "alice", "affiliation": ""}]);
    check(
        "creator",
        json!([{"@id": "#a"}]),
        &people,
        "creators",
        user,
        json!([{"name": "A"}]),
    );
}

#[test]
fn a_single_creator_object_falls_back_to_the_user() {
    let doe = json!({"@id": "#doe", "@type": "Person", "name": "Doe"});
    let user = json!([{"name": "alice", "affiliation": ""}]);
    check(
        "creator",
        json!({"@id": "#doe"}),
        &[doe],
        "creators",
        user.clone(),
        user.clone(),
    );
    check(
        "creator",
        json!([{"@id": "#gone"}]),
        &[],
        "creators",
        user.clone(),
        user.clone(),
    );
    check(
        "creator",
        json!([5, 6]),
        &[],
        "creators",
        user.clone(),
        user,
    );
}

#[test]
fn upload_type_is_always_other() {
    check(
        "zenodocategory",
        json!("publication/thesis"),
        &[],
        "upload_type",
        json!("other"),
        json!("other"),
    );
}

#[test]
fn everything_else_is_dropped() {
    let document = a_crate(
        json!({
            "name": "T", "license": {"@id": "https://spdx.org/licenses/MIT"}, "keywords": ["a"],
            "publicAccess": true, "contributor": ["B"], "version": "1"
        }),
        &[],
    );
    let mut wanted = defaults();
    wanted["title"] = json!("T");
    assert_eq!(compatible(&document), (wanted.clone(), wanted));
}

#[test]
fn a_wrong_version_is_sent_raw_by_post_and_as_defaults_by_patch() {
    for version in [
        "https://w3id.org/ro/crate/1.0",
        "https://w3id.org/ro/crate/1.2",
    ] {
        let mut document = a_crate(json!({"name": "T"}), &[]);
        document["@graph"][0]["conformsTo"]["@id"] = json!(version);
        assert_eq!(compatible(&document), (document, defaults()));
    }
    let mut document = a_crate(json!({"name": "T"}), &[]);
    document["@graph"][0]["conformsTo"] = json!([{"@id": "https://w3id.org/ro/crate/1.1"}]);
    assert_eq!(compatible(&document), (document, defaults()));
}

#[test]
fn a_crate_without_descriptor_gives_defaults() {
    let document = json!({"@graph": [{"@id": "./", "name": "T"}]});
    assert_eq!(compatible(&document), (defaults(), defaults()));
    // An entity without an id before the descriptor makes it fail instead.
    let document = json!({"@graph": [{"name": "T"}]});
    assert_eq!(compatible(&document), (document, defaults()));
}

#[test]
fn a_root_with_one_property_is_taken_for_it_by_post() {
    let document = a_crate(json!({"name": "Title"}), &[]);
    let mut patch = defaults();
    patch["title"] = json!("Title");
    assert_eq!(compatible(&document), (defaults(), patch));
}

#[test]
fn no_metadata_is_null() {
    for target in [Target::Create, Target::Update] {
        for document in [None, Some("null")] {
            let sent = to_zenodo(document, Mapping::Compatible, target, &DEPOSITOR);
            assert_eq!(sent, Ok(Value::Null));
        }
    }
}

#[test]
fn a_circle_of_references_ends() {
    let document = a_crate(
        json!({"name": "T", "size": "1", "creator": [{"@id": "#a"}, {"@id": "#b"}]}),
        &[
            json!({"@id": "#a", "@type": "Person", "name": "A", "knows": [{"@id": "#b"}, {"@id": "#a"}]}),
            json!({"@id": "#b", "@type": "Person", "name": "B", "knows": [{"@id": "#a"}, {"@id": "#b"}]}),
        ],
    );
    let (post, patch) = compatible(&document);
    assert_eq!(
        (&post["title"], &patch["title"]),
        (&json!("T"), &json!("T"))
    );
    assert_eq!(patch["creators"], json!([{"name": "B"}]));
}
