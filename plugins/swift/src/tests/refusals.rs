//! What a real Swift refuses.

use super::{
    real::{tree, version1},
    *,
};

#[test]
fn each_refusal_keeps_its_meaning() {
    tree(&[("r1/a", b"a")]);
    let url = version1();
    let nothing = url.replace("/auth/", "/nothing/");
    for (url, key, user, expected) in [
        (&*url, "tok3n-wrong", "test:tester", Kind::Unauthenticated),
        (&*url, KEY, "test:nobody", Kind::Unauthenticated),
        // One can log in, but the account is another's.
        (&*url, "tok3n-reader", "test:reader", Kind::Denied),
        (&*nothing, KEY, "test:tester", Kind::Invalid),
        (
            "http://127.0.0.1:1/auth/v1.0",
            KEY,
            "test:tester",
            Kind::Unavailable,
        ),
    ] {
        for containers in ["", r#"["r1"]"#] {
            let builder = connector(url, key).config("user", user);
            let store = Store::new(builder.config("containers", containers));
            let shown = format!("{url} {user} {containers}");
            assert_eq!(kind(store.read("a")), expected, "{shown}");
            assert_eq!(kind(store.stat("a")), expected, "{shown}");
            assert_eq!(kind(store.list("", true, 9)), expected, "{shown}");
            assert_eq!(kind(store.delete("a")), expected, "{shown}");
            assert_eq!(kind(store.run(Swift::check)), expected, "{shown}");
            if !containers.is_empty() {
                assert_eq!(kind(store.write("a", b"x")), expected, "{shown}");
            }
        }
    }
    // Without a key there is nothing to log in with.
    let environment = Environment::builder()
        .config("auth_url", url)
        .config("user", "test:tester")
        .build();
    let check = environment.enter(|| Swift::new()?.check());
    assert_eq!(kind(check), Kind::Unauthenticated);
}

#[test]
fn an_address_of_ones_own_takes_the_place_of_swifts() {
    tree(&[("r2/a", b"a")]);
    let url = version1();
    let account = |name: &str| url.replace("/auth/v1.0", &format!("/v1/AUTH_{name}/"));
    let at = |name: &str| {
        let builder = connector(&url, KEY).config("storage_url", account(name));
        Store::new(builder.config("containers", r#"["r2"]"#))
    };
    assert_eq!(at("test").read("a").unwrap(), b"a");
    assert_eq!(kind(at("other").read("a")), Kind::Denied);
}
