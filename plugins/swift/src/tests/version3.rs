//! Keystone, and the Swift that believes it.

use super::{
    real::{version1, version3},
    *,
};

fn keystone(key: &str) -> Builder {
    Environment::builder()
        .config("auth_url", version3().0)
        .config("user", "tester")
        .config("project_name", "test")
        .config("create_containers", "true")
        .config("containers", r#"["k"]"#)
        .credential("key", key, "{key}")
}

#[test]
fn a_password_becomes_a_token_and_the_catalog_an_address() {
    let store = Store::new(keystone(KEY));
    store.run(Swift::check).unwrap();
    store.write("a/b.txt", b"hello").unwrap();
    assert_eq!(store.read("a/b.txt").unwrap(), b"hello");
    assert_eq!(store.list("", true, 9).unwrap(), ["a/b.txt"]);
    store.run(Swift::check).unwrap();
    let store = Store::new(keystone(KEY).config("region", "RegionOne"));
    assert_eq!(store.read("a/b.txt").unwrap(), b"hello");
}

#[test]
fn what_cannot_log_in_says_so() {
    let refused = |builder: Builder| kind(Store::new(builder).read("a/b.txt"));
    assert_eq!(refused(keystone("tok3n-wrong")), Kind::Unauthenticated);
    for (key, value, kind) in [
        ("user", "nobody", Kind::Unauthenticated),
        ("project_name", "none", Kind::Unauthenticated),
        ("user_domain_name", "none", Kind::Unauthenticated),
        ("region", "elsewhere", Kind::Invalid),
        ("interface", "admin", Kind::Invalid),
    ] {
        assert_eq!(refused(keystone(KEY).config(key, value)), kind, "{key}");
    }
    // There is a Swift, which is no Keystone.
    let elsewhere = format!("{}/v3", version3().1);
    assert_eq!(
        refused(keystone(KEY).config("auth_url", elsewhere)),
        Kind::Invalid
    );
}

#[test]
fn a_configuration_that_fits_together() {
    let made = |builder: Builder| {
        let made = builder.build().enter(Swift::new);
        made.map_err(|error| error.subject().unwrap_or_default().to_owned())
    };
    let (v1, v3) = (version1(), "http://keystone.example/identity/v3/");
    for (url, version, project, expected) in [
        (v1.as_str(), "", "", Ok(())),
        (v3, "", "p", Ok(())),
        ("http://a.example/auth", "1", "", Ok(())),
        ("http://a.example/auth", "1.0", "", Ok(())),
        ("http://a.example/", "3", "p", Ok(())),
        (v3, "", "", Err("project_name")),
        ("http://a.example/auth", "", "", Err("auth_version")),
        ("http://a.example/v2.0", "", "", Err("auth_version")),
        (v1.as_str(), "2", "", Err("auth_version")),
    ] {
        let builder = connector(url, KEY)
            .config("auth_version", version)
            .config("project_name", project);
        let made = made(builder).map(drop);
        assert_eq!(
            made.as_ref().map_err(|key| &**key).copied(),
            expected,
            "{url}"
        );
    }
    for (key, value) in [
        ("containers", r#"[1]"#),
        ("containers", r#"["a/b"]"#),
        ("containers", r#"["."]"#),
        ("lookup", "both"),
        ("user", ""),
        ("user", "a\r\nb"),
    ] {
        let builder = connector(&v1, KEY).config(key, value);
        assert_eq!(made(builder).unwrap_err(), key, "{value}");
    }
}
