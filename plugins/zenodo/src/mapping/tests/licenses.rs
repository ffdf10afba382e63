//! Licenses by every name they go by.

use super::*;

fn check(license: Value, id: Value, notes: Value) {
    let mapped = of_root(json!({ "license": license }));
    assert_eq!(mapped["license"], id, "{license}");
    assert_eq!(mapped["notes"], notes, "{license}");
}

#[test]
fn a_license_is_known_by_its_address() {
    for (address, id) in [
        ("https://creativecommons.org/licenses/by/4.0/", "cc-by-4.0"),
        (
            "http://creativecommons.org/licenses/by-nc-sa/3.0/de/",
            "cc-by-nc-sa-3.0-de",
        ),
        (
            "https://creativecommons.org/licenses/by-nd/4.0/legalcode",
            "cc-by-nd-4.0",
        ),
        (
            "https://creativecommons.org/licenses/by/4.0/deed.en",
            "cc-by-4.0",
        ),
        (
            "https://creativecommons.org/publicdomain/zero/1.0/",
            "cc0-1.0",
        ),
        ("https://spdx.org/licenses/CC-BY-SA-4.0", "cc-by-sa-4.0"),
        (
            "http://spdx.org/licenses/GPL-3.0-or-later.html",
            "gpl-3.0-or-later",
        ),
        ("https://www.spdx.org/licenses/EUPL-1.2.json", "eupl-1.2"),
        ("https://opensource.org/licenses/MIT", "mit"),
        (
            "https://www.apache.org/licenses/LICENSE-2.0.txt",
            "apache-2.0",
        ),
        ("https://www.mozilla.org/en-US/MPL/2.0/", "mpl-2.0"),
        ("https://opendatacommons.org/licenses/by/1-0/", "odc-by-1.0"),
    ] {
        check(json!(address), json!(id), Value::Null);
        check(json!({"@id": address}), json!(id), Value::Null);
        check(
            json!([{"@id": address, "@type": "CreativeWork", "name": "any"}]),
            json!(id),
            Value::Null,
        );
    }
}

#[test]
fn a_license_is_known_by_its_name() {
    for (name, id) in [
        ("MIT", "mit"),
        ("MIT License", "mit"),
        ("CC BY 4.0", "cc-by-4.0"),
        ("cc-by-nc-nd-4.0", "cc-by-nc-nd-4.0"),
        ("CC BY-SA 3.0 DE", "cc-by-sa-3.0-de"),
        ("CC0", "cc0-1.0"),
        ("Apache License 2.0", "apache-2.0"),
        ("Apache License, Version 2.0", "apache-2.0"),
        ("GPL-3.0+", "gpl-3.0-or-later"),
        (
            "Creative Commons Attribution 4.0 International",
            "cc-by-4.0",
        ),
        (
            "Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International (CC BY-NC-SA 4.0)",
            "cc-by-nc-sa-4.0",
        ),
    ] {
        check(json!(name), json!(id), Value::Null);
        check(json!({"@id": "#l", "name": name}), json!(id), Value::Null);
    }
}

#[test]
fn an_unknown_license_is_not_lost() {
    for name in [
        "CC BY",
        "cc-by-9.9",
        "GPL",
        "https://example.org/my-license",
        "https://www.gnu.org/licenses/gpl-3.0.html",
        "http://rightsstatements.org/vocab/InC/1.0/",
    ] {
        check(json!(name), Value::Null, json!(format!("License: {name}")));
    }
    check(
        json!([{"@id": "#own", "name": "Our own"}, "MIT", "CC0", "MIT"]),
        json!("mit"),
        json!("License: Our own<br>License: CC0"),
    );
}
