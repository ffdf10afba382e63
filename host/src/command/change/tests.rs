use serde_json::json;

use super::*;

fn check(change: Value, expected: &str) {
    let change: Change = serde_json::from_value(change).unwrap();
    assert_eq!(describe(&"acme/a".parse().unwrap(), &change), expected);
}

#[test]
fn a_change_is_told_in_a_sentence() {
    let digest = format!("sha256:{}", "a1".repeat(32));
    let previous = format!("sha256:{}", "b2".repeat(32));
    check(
        json!({ "result": "activated", "digest": digest, "previous": previous, "not_ready": null }),
        "acme/a runs a1a1a1a1a1a1 instead of b2b2b2b2b2b2",
    );
    check(
        json!({ "result": "activated", "digest": digest, "previous": null, "not_ready": "no route\u{7}" }),
        "acme/a runs a1a1a1a1a1a1\nnot ready: no route\\u{7}",
    );
    check(
        json!({ "result": "withdrawn", "digest": digest }),
        "acme/a gives a1a1a1a1a1a1 up",
    );
    // Of a host that is newer than this program.
    check(
        json!({ "result": "mirrored", "digest": digest, "to": "b" }),
        "acme/a: mirrored a1a1a1a1a1a1",
    );
}

#[test]
fn a_difference_shows_what_comes_and_goes() {
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let version = |version: &str| Some(version.to_owned());
    let dependency = |name: &str, from, to| DependencyChange {
        name: name.to_owned(),
        from,
        to,
    };
    let grown = Difference {
        imports_added: names(&["tenon:connector/sql"]),
        imports_removed: names(&["tenon:connector/scratch"]),
        wants_added: names(&["http"]),
        size: Grown {
            from: 100 << 10,
            to: 1 << 20,
        },
        memory: Grown { from: 2, to: 1 },
        dependencies: vec![
            dependency("serde", version("1.0.1"), version("1.0.2")),
            dependency("ring", None, version("0.17")),
            dependency("log", version("0.4"), None),
        ],
        ..Difference::default()
    };
    let expected = "\
imports   + tenon:connector/sql
imports   - tenon:connector/scratch
wants     + http
size      100.0 KiB → 1.0 MiB (+924.0 KiB)
memory    2 B → 1 B (-1 B)
libraries ~ serde 1.0.1 → 1.0.2
libraries + ring 0.17
libraries - log 0.4";
    assert_eq!(difference(&grown), expected);
    let same = Difference::default();
    assert_eq!(difference(&same), "no difference beside the code");
    let change = Change {
        result: "pending".to_owned(),
        digest: "sha256:00".to_owned(),
        previous: None,
        not_ready: None,
        difference: Some(grown),
    };
    let text = describe(&"a".parse().unwrap(), &change);
    assert!(
        text.contains("wants     + http") && text.contains("tenon approve a "),
        "{text}"
    );
}
