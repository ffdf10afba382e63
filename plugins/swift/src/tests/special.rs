//! Objects that are more than their bytes, in a real Swift: those made of others, and those that
//! stand for folders.

use tenon_sdk::http::Request;

use super::{
    real::{tree, version1},
    *,
};

/// Stores an object as a client of Swift's own does it.
fn put(path_and_query: &str, headers: &[(&str, &str)], body: &str) {
    Environment::builder().build().enter(|| {
        let login = Request::get(version1())
            .header("x-auth-user", "test:tester")
            .header("x-auth-key", KEY);
        let session = login.send().unwrap().ok("login").unwrap();
        let header = |name| session.header(name).unwrap();
        let url = format!("{}/{path_and_query}", header("x-storage-url"));
        let mut request = Request::put(url).header("x-auth-token", header("x-auth-token"));
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        request
            .body(body)
            .send()
            .unwrap()
            .ok(path_and_query)
            .unwrap();
    });
}

fn entry(store: &Store, folder: &str, name: &str) -> Entry {
    let folder = Path::new(folder).unwrap();
    let request = ListRequest {
        folder: &folder,
        recursive: false,
        after: None,
        max: 100,
    };
    let page = store.run(|swift| swift.list_folder(request)).unwrap();
    let mut entries = page.entries.into_iter();
    entries.find(|entry| entry.path == name).unwrap()
}

#[test]
fn an_object_made_of_others_is_read_as_one() {
    let store = tree(&[("l/part/1", b"one, "), ("l/part/2", b"two")]);
    let manifest = r#"[{"path": "/l/part/1"}, {"path": "/l/part/2"}]"#;
    put("l/static?multipart-manifest=put", &[], manifest);
    put("l/dynamic", &[("x-object-manifest", "l/part/")], "");
    for name in ["static", "dynamic"] {
        let path = format!("l/{name}");
        assert_eq!(store.read(&path).unwrap(), b"one, two", "{name}");
        let rest = store.read_from(&path, 5).unwrap();
        assert_eq!(rest.bytes, b"two", "{name}");
        let known = store.stat(&path).unwrap();
        assert_eq!(known.size, Some(8), "{name}");
        // What a listing does not know it does not say.
        let listed = entry(&store, "l", name);
        assert!([None, Some(8)].contains(&listed.size), "{name} {listed:?}");
    }
    assert_eq!(
        entry(&store, "l", "static").etag,
        store.stat("l/static").unwrap().etag
    );
}

#[test]
fn an_object_may_stand_for_a_folder() {
    let store = tree(&[("f/full/a", b"a")]);
    let directory = [("content-type", "application/directory")];
    for name in ["f/empty", "f/full", "f/slash/"] {
        put(name, &directory, "");
    }
    let listed = store.list("f", false, 9).unwrap();
    assert_eq!(listed, ["empty/", "full/", "slash/"]);
    assert_eq!(store.list("f", true, 9).unwrap(), ["full/a"]);
    for name in ["f/empty", "f/full", "f/slash"] {
        assert!(store.stat(name).unwrap().folder, "{name}");
    }
    for name in ["f/empty", "f/slash"] {
        assert_eq!(store.list(name, true, 9).unwrap(), [""; 0], "{name}");
    }
    // Names that are no paths are left out.
    put("f//", &[], "");
    put("f/a//b", &[], "");
    assert_eq!(store.list("f", true, 9).unwrap(), ["full/a"]);
}
