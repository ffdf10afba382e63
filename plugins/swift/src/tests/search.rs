//! Names that are looked for in one container after the other, in a real Swift.

use super::{
    real::{tree, version1},
    *,
};

fn search(containers: &str) -> Store {
    Store::new(connector(&version1(), KEY).config("containers", containers))
}

#[test]
fn the_first_container_that_has_it_counts() {
    tree(&[
        ("s1/both/a.txt", b"from one"),
        ("s1/empty", b""),
        ("s2/both/a.txt", b"from two"),
        ("s2/empty", b"full"),
        ("s2/only", b"second"),
    ]);
    let store = search(r#"["s1", {"name": "s2"}]"#);
    assert_eq!(store.read("both/a.txt").unwrap(), b"from one");
    assert_eq!(store.read("empty").unwrap(), b"");
    assert_eq!(store.stat("empty").unwrap().size, Some(0));
    assert_eq!(store.read("only").unwrap(), b"second");
    assert_eq!(kind(store.read("none")), Kind::NotFound);
    // It may yet appear.
    assert_eq!(kind(store.read("both")), Kind::NotFound);
    let store = search(r#"["s2", "s1"]"#);
    assert_eq!(store.read("both/a.txt").unwrap(), b"from two");
    // One that is not there has nothing.
    let store = search(r#"["s-none", "s2"]"#);
    assert_eq!(store.read("only").unwrap(), b"second");
    // Without a list, all of the account are searched.
    let store = Store::new(connector(&version1(), KEY));
    assert_eq!(store.read("only").unwrap(), b"second");
    assert_eq!(kind(store.read("none")), Kind::NotFound);
    assert_eq!(kind(store.write("new", b"x")), Kind::Invalid);
}

#[test]
fn the_containers_are_one_tree() {
    tree(&[
        ("m1/a", b"1"),
        ("m1/sub/x", b"1"),
        ("m1/both", b"long"),
        ("m2/b", b"2"),
        ("m2/both", b"2"),
        ("m2/sub/y", b"2"),
        ("m2/a/deep", b"2"),
    ]);
    let many: Vec<_> = (0..60).map(|at| format!("m2/c{at:02}")).collect();
    tree(
        &many
            .iter()
            .map(|path| (&**path, &b""[..]))
            .collect::<Vec<_>>(),
    );
    let store = search(r#"["m1", "m2"]"#);
    let names: Vec<_> = many.iter().map(|path| &path[3..]).collect();
    for max in [1, 2, 7, 1000] {
        let flat = store.list("", false, max).unwrap();
        assert_eq!(flat[..3], ["a/", "b", "both"], "{max}");
        assert_eq!(flat[3..63], names, "{max}");
        assert_eq!(flat[63..], ["sub/"], "{max}");
        let deep = store.list("", true, max).unwrap();
        assert_eq!(deep[..2], ["b", "both"], "{max}");
        assert_eq!(deep[62..], ["a/deep", "sub/x", "sub/y"], "{max}");
    }
    let root = Path::root();
    let request = ListRequest {
        folder: &root,
        recursive: false,
        after: None,
        max: 3,
    };
    let page = store.run(|swift| swift.list_folder(request)).unwrap();
    assert_eq!(page.entries[2].size, Some(4));
    store.delete("sub").unwrap();
    assert_eq!(kind(store.list("sub", true, 9)), Kind::NotFound);
}

#[test]
fn new_objects_go_into_the_first_and_go_from_where_they_are() {
    let all = tree(&[("w1/x", b""), ("w2/old", b"old")]);
    let store = search(r#"["w1", "w2"]"#);
    store.run(Swift::check).unwrap();
    assert_eq!(store.write("d/new", b"new").unwrap().path, "d/new");
    store.write("old", b"newer").unwrap();
    assert_eq!(all.read("w1/d/new").unwrap(), b"new");
    assert_eq!(all.read("w2/old").unwrap(), b"old");
    store.delete("old").unwrap();
    assert_eq!(store.read("old").unwrap(), b"old");
    store.delete("old").unwrap();
    assert_eq!(kind(store.delete("old")), Kind::NotFound);
}
