mod sandbox;

use std::os::unix::fs::symlink;
use std::time::Duration;

use self::sandbox::Sandbox;
use super::files::Host as _;
use super::*;
use crate::bindings::types::Error;
use crate::capability::Io;
use crate::capability::transfer::{Aborted, Upload};

#[track_caller]
fn refused<T>(result: Result<T>) -> Error {
    match result {
        Ok(_) => panic!("allowed"),
        Err(Refusal::Outcome(error)) => error,
        Err(Refusal::Trap(error)) => panic!("{error}"),
    }
}

#[test]
fn reads_a_file_from_an_offset() {
    for io in [Io::Inline, Io::Offload] {
        let mut sandbox = Sandbox::with(Access::ReadOnly, io);
        sandbox.put("a b/ü%2F#?.txt", "0123456789");
        sandbox.put("empty", "");
        assert_eq!(sandbox.read("a b/ü%2F#?.txt", 0).unwrap(), "0123456789");
        assert_eq!(sandbox.read("a b/ü%2F#?.txt", 4).unwrap(), "456789");
        assert_eq!(sandbox.read("a b/ü%2F#?.txt", 10).unwrap(), "");
        assert_eq!(sandbox.read("empty", 0).unwrap(), "");
        let past = refused(sandbox.read("empty", 1));
        assert!(matches!(past, Error::Invalid(_)));
    }
}

#[test]
fn says_what_a_path_is() {
    let mut sandbox = Sandbox::new();
    sandbox.put("folder/file", "abc");
    for folder in ["", ".", "folder", "folder/"] {
        assert!(sandbox.stat(folder).unwrap().folder, "{folder}");
    }
    let file = sandbox.stat("folder/file").unwrap();
    assert_eq!((file.folder, file.size), (false, 3));
    for missing in ["no", "folder/no", "folder/file/no", "folder/file/"] {
        let error = refused(sandbox.stat(missing));
        assert!(matches!(error, Error::NotFound(_)), "{missing}: {error:?}");
    }
    let folder = refused(sandbox.read("folder", 0));
    assert!(matches!(folder, Error::Conflict(_)));
    let root = refused(sandbox.view().stat("other".into(), String::new()));
    assert!(matches!(root, Error::Denied(_)));
}

#[test]
fn the_etag_changes_with_the_content() {
    let mut sandbox = Sandbox::new();
    sandbox.put("file", "abc");
    let before = sandbox.stat("file").unwrap().etag;
    assert_eq!(sandbox.stat("file").unwrap().etag, before);
    let time = std::time::SystemTime::now() + Duration::from_secs(3);
    let file = std::fs::File::options()
        .append(true)
        .open(sandbox.path("file"))
        .unwrap();
    file.set_modified(time).unwrap();
    assert_ne!(sandbox.stat("file").unwrap().etag, before);
}

#[tokio::test]
async fn nothing_leads_out_of_the_root() {
    let mut sandbox = Sandbox::new();
    sandbox.put("in/file", "inside");
    let secret = sandbox.outside.path().join("secret");
    symlink(&secret, sandbox.path("absolute")).unwrap();
    symlink("../secret", sandbox.path("relative")).unwrap();
    symlink("..", sandbox.path("up")).unwrap();
    symlink("../in/file", sandbox.path("in/link")).unwrap();
    let outside = [
        "..",
        "../secret",
        "in/../../secret",
        "/etc/passwd",
        "absolute",
        "relative",
        "up/secret",
        "/",
    ];
    for path in outside {
        let error = refused(sandbox.stat(path));
        assert!(matches!(error, Error::Denied(_)), "{path}: {error:?}");
        let error = refused(sandbox.read(path, 0));
        assert!(matches!(error, Error::Denied(_)), "{path}: {error:?}");
    }
    for path in ["../new", "up/secret", "up/new/deep", "/tmp/x"] {
        let error = refused(sandbox.write(path, None, vec![Ok("x")]).await);
        assert!(matches!(error, Error::Denied(_)), "{path}: {error:?}");
    }
    for path in ["../secret", "up/secret", "/tmp/x"] {
        let error = refused(sandbox.view().remove("r".into(), path.into()));
        assert!(matches!(error, Error::Denied(_)), "{path}: {error:?}");
    }
    assert_eq!(std::fs::read_to_string(secret).unwrap(), "secret");
    assert_eq!(sandbox.read("in/link", 0).unwrap(), "inside");
    assert_eq!(sandbox.list("", None, 100).unwrap(), ["in"]);
    assert_eq!(sandbox.list("in", None, 100).unwrap(), ["file", "link"]);
}

#[test]
fn odd_paths_are_invalid_and_pipes_do_not_block() {
    let mut sandbox = Sandbox::new();
    symlink("loop", sandbox.path("loop")).unwrap();
    let pipe = sandbox.path("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    let long = "x".repeat(5000);
    for path in ["a\0b", "loop", "pipe", &long] {
        let error = refused(sandbox.read(path, 0));
        assert!(matches!(error, Error::Invalid(_)), "{path}: {error:?}");
    }
    assert!(sandbox.list("", None, 100).unwrap().is_empty());
}

#[test]
fn lists_in_byte_order_page_by_page() {
    let mut sandbox = Sandbox::new();
    let names = ["B", "a", "a b", "a.b", "b", "ä", "é"];
    for name in names {
        sandbox.put(name, name);
    }
    std::fs::create_dir(sandbox.path("c")).unwrap();
    let all = ["B", "a", "a b", "a.b", "b", "c", "ä", "é"];
    assert_eq!(sandbox.list("", None, 100).unwrap(), all);
    let mut paged: Vec<String> = Vec::new();
    loop {
        let page = sandbox
            .list("", paged.last().cloned().as_deref(), 3)
            .unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, all);
    assert!(sandbox.list("", None, 0).unwrap().is_empty());
    assert!(matches!(
        refused(sandbox.list("a", None, 1)),
        Error::Conflict(_)
    ));
    assert!(matches!(
        refused(sandbox.list("no", None, 1)),
        Error::NotFound(_)
    ));
}

#[tokio::test]
async fn a_write_is_complete_and_makes_its_folders() {
    for io in [Io::Inline, Io::Offload] {
        let mut sandbox = Sandbox::with(Access::ReadWrite, io);
        let status = sandbox
            .write("x/y/file", Some(7), vec![Ok("one "), Ok("two")])
            .await;
        assert_eq!(status.unwrap().etag, sandbox.stat("x/y/file").unwrap().etag);
        assert_eq!(sandbox.read("x/y/file", 0).unwrap(), "one two");
        sandbox.write("x/y/file", None, vec![]).await.unwrap();
        assert_eq!(sandbox.read("x/y/file", 0).unwrap(), "");
        assert_eq!(sandbox.list("x/y", None, 10).unwrap(), ["file"]);
    }
}

#[tokio::test]
async fn a_write_that_fails_changes_nothing() {
    let mut sandbox = Sandbox::new();
    sandbox.put("file", "old");
    std::fs::create_dir(sandbox.path("folder")).unwrap();

    let longer = refused(sandbox.write("file", Some(2), vec![Ok("new")]).await);
    assert!(matches!(longer, Error::Invalid(_)));
    let shorter = refused(sandbox.write("file", Some(4), vec![Ok("new")]).await);
    assert!(matches!(shorter, Error::Invalid(_)));
    let parts = vec![Ok("ne"), Err(Aborted::new("gone"))];
    let broken = refused(sandbox.write("file", None, parts).await);
    assert!(matches!(broken, Error::Unavailable(_)));
    let folder = refused(sandbox.write("folder", None, vec![Ok("x")]).await);
    assert!(matches!(folder, Error::Conflict(_)));
    let beneath = refused(sandbox.write("file/x", None, vec![Ok("x")]).await);
    assert!(matches!(beneath, Error::Conflict(_)));
    for name in ["", "folder/", ".", "a\0b", "folder/.."] {
        let unnamed = refused(sandbox.write(name, None, vec![Ok("x")]).await);
        assert!(matches!(unnamed, Error::Invalid(_)), "{name}");
    }

    assert_eq!(sandbox.read("file", 0).unwrap(), "old");
    assert_eq!(sandbox.names(), ["file", "folder"]);
}

#[tokio::test]
async fn a_write_dropped_half_way_leaves_nothing() {
    let mut sandbox = Sandbox::new();
    sandbox.put("file", "old");
    let content = Upload::new(futures::StreamExt::chain(
        futures::stream::iter([Ok("half".into())]),
        futures::stream::pending(),
    ));
    let content: DynInputStream = Box::new(content);
    let content = sandbox.table.push(content).unwrap();
    let path = sandbox.path("");
    {
        let mut view = sandbox.view();
        let write = view.write("r".into(), "file".into(), None, content);
        let dropped = tokio::time::timeout(Duration::from_millis(50), write).await;
        assert!(dropped.is_err());
    }
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 1);
    assert_eq!(sandbox.read("file", 0).unwrap(), "old");
}

#[tokio::test]
async fn removes_files_links_and_folders_but_not_the_root() {
    let mut sandbox = Sandbox::new();
    sandbox.put("a/b/c", "x");
    sandbox.put("kept", "x");
    symlink("kept", sandbox.path("link")).unwrap();
    for path in ["link", "a"] {
        sandbox.view().remove("r".into(), path.into()).unwrap();
    }
    assert_eq!(sandbox.names(), ["kept"]);
    let gone = refused(sandbox.view().remove("r".into(), "a".into()));
    assert!(matches!(gone, Error::NotFound(_)));
    for path in ["", ".", "./", "/"] {
        let root = refused(sandbox.view().remove("r".into(), path.into()));
        assert!(matches!(root, Error::Denied(_)), "{path}");
    }
}

#[tokio::test]
async fn a_root_for_reading_is_not_written() {
    let mut sandbox = Sandbox::with(Access::ReadOnly, Io::Inline);
    sandbox.put("file", "old");
    let write = refused(sandbox.write("file", None, vec![Ok("x")]).await);
    assert!(matches!(write, Error::Denied(_)));
    let remove = refused(sandbox.view().remove("r".into(), "file".into()));
    assert!(matches!(remove, Error::Denied(_)));
    assert_eq!(sandbox.read("file", 0).unwrap(), "old");
}

#[test]
fn moves_in_one_step_and_never_over_a_folder() {
    let mut sandbox = Sandbox::new();
    sandbox.put("a/file", "new");
    sandbox.put("b/file", "old");
    symlink("..", sandbox.path("up")).unwrap();
    let rename = |sandbox: &mut Sandbox, from: &str, to: &str| {
        sandbox.view().rename("r".into(), from.into(), to.into())
    };
    rename(&mut sandbox, "a/file", "b/file").unwrap();
    assert_eq!(sandbox.read("b/file", 0).unwrap(), "new");
    assert!(sandbox.list("a", None, 9).unwrap().is_empty());
    for (from, to) in [("b", "a"), ("b/file", "a"), ("a", "b/file")] {
        let taken = refused(rename(&mut sandbox, from, to));
        assert!(
            matches!(taken, Error::Conflict(_)),
            "{from} {to}: {taken:?}"
        );
    }
    for (from, to) in [("no", "x"), ("a", "no/x"), ("b/file", "no/x")] {
        let missing = refused(rename(&mut sandbox, from, to));
        assert!(
            matches!(missing, Error::NotFound(_)),
            "{from} {to}: {missing:?}"
        );
    }
    for (from, to) in [
        ("a", ""),
        (".", "x"),
        ("a", "../x"),
        ("up/secret", "x"),
        ("a", "up/x"),
    ] {
        let denied = refused(rename(&mut sandbox, from, to));
        assert!(
            matches!(denied, Error::Denied(_)),
            "{from} {to}: {denied:?}"
        );
    }
    let hidden = refused(rename(&mut sandbox, "a", ".tenon-1.partial"));
    assert!(matches!(hidden, Error::Invalid(_)));

    let mut view = sandbox.view();
    view.create_folder("r".into(), "a/c".into()).unwrap();
    rename(&mut sandbox, "b", "a/c/b").unwrap();
    rename(&mut sandbox, "a", "z").unwrap();
    assert_eq!(sandbox.read("z/c/b/file", 0).unwrap(), "new");
    let create = |sandbox: &mut Sandbox, path: &str| {
        refused(sandbox.view().create_folder("r".into(), path.into()))
    };
    assert!(matches!(create(&mut sandbox, "z"), Error::Conflict(_)));
    assert!(matches!(create(&mut sandbox, "no/x"), Error::NotFound(_)));
    assert!(matches!(create(&mut sandbox, "../x"), Error::Denied(_)));
}
