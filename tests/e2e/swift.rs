//! The `swift` plugin in the real host, against a Swift and a Keystone that
//! nobody here wrote.

use http_body_util::BodyExt as _;
use tenon_tests::client::Caller;
use tenon_tests::host::Host;
use tenon_tests::setup::Setup;
use tenon_tests::swift::{KEY, KEY_VARIABLE, Swift};
use tenon_tests::wait;

const TREE: &str = "lookup = 'path'\ncreate_containers = true";
/// What one transfer may add to an idle host.
const MEMORY_MAX: u64 = 64 << 20;

/// A file of its own, so that it can be changed under way.
const KEY_FILE: &str = "secrets/key";

/// A host with these connectors, each with these lines of configuration.
async fn host(swift: &Swift, connectors: &[(&str, &str)]) -> Host {
    let mut setup = Setup::new();
    setup.write(KEY_FILE, KEY);
    for (name, more) in connectors {
        let text = format!("isolation = 'warm'\n{}", swift.connector(more));
        let text = text.replace(&format!("env:{KEY_VARIABLE}"), &format!("file:{KEY_FILE}"));
        setup = setup.connector(&format!("port-{name}"), &text);
    }
    setup.start().await
}

fn caller(host: &Host, connector: &str) -> Caller {
    host.caller(&format!("port-{connector}"), "alice")
}

async fn stores_lists_and_removes(swift: Swift) {
    let host = host(&swift, &[("tree", TREE)]).await;
    host.ready("port-tree").await;
    let tree = caller(&host, "tree");
    for (path, content) in [
        ("c/a.txt", "a"),
        ("c/sub/b c#?.txt", "bc"),
        ("c/empty", ""),
        ("d/\u{fc}.txt", "u"),
    ] {
        let stored = tree.upload(path, content).await;
        assert_eq!(stored.status, 200, "{path}: {}", stored.text());
        let read = tree.file(path).await;
        assert_eq!(
            (read.status, read.text().as_str()),
            (200, content),
            "{path}"
        );
        assert!(read.whole);
    }
    let listed = tree.folder("/").await.files();
    assert_eq!(
        listed,
        ["c/a.txt", "c/empty", "c/sub/b c#?.txt", "d/\u{fc}.txt"]
    );
    let listed = tree.folder("/c/sub").await.files();
    assert_eq!(listed, ["b c#?.txt"]);
    for (path, status) in [
        ("c/none", 404),
        ("none/a.txt", 404),
        ("c/sub", 400),
        ("c", 400),
    ] {
        let read = tree.file(path).await;
        assert_eq!(read.status, status, "{path}: {}", read.text());
    }
    assert_eq!(tree.folder("c/none").await.status, 404);
    assert_eq!(tree.delete("c/a.txt").await.status, 200);
    assert_eq!(tree.delete("c/a.txt").await.status, 404);
    assert_eq!(tree.file("c/a.txt").await.status, 404);
    // What is gone is told from what cannot be asked.
    drop(swift);
    let read = tree.file("c/empty").await;
    assert_eq!(read.status, 503, "{}", read.text());
    assert!(!read.header("retry-after").is_empty());
    assert_eq!(tree.folder("/").await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_lists_and_removes_by_version_1() {
    stores_lists_and_removes(Swift::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_lists_and_removes_by_version_3() {
    stores_lists_and_removes(Swift::with_keystone().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_searched_in_the_order_of_the_containers() {
    let swift = Swift::start().await;
    let connectors = [
        ("tree", TREE),
        ("onetwo", "containers = ['one', 'two']"),
        (
            "twoone",
            "containers = [{ name = 'two' }, { name = 'one' }]",
        ),
        ("all", ""),
    ];
    let host = host(&swift, &connectors).await;
    let tree = caller(&host, "tree");
    for (path, content) in [
        ("one/both.txt", "one"),
        ("two/both.txt", "two"),
        ("one/empty", ""),
        ("two/empty", "not empty"),
        ("two/deep/only.txt", "only"),
    ] {
        assert_eq!(tree.upload(path, content).await.status, 200, "{path}");
    }
    for (connector, name, expected) in [
        ("onetwo", "both.txt", "one"),
        ("twoone", "both.txt", "two"),
        ("onetwo", "empty", ""),
        ("twoone", "empty", "not empty"),
        ("onetwo", "deep/only.txt", "only"),
        ("all", "deep/only.txt", "only"),
    ] {
        let read = caller(&host, connector).file(name).await;
        assert_eq!(read.text(), expected, "{connector} {name}");
        assert_eq!(read.status, 200);
    }
    for connector in ["onetwo", "all"] {
        assert_eq!(caller(&host, connector).file("none").await.status, 404);
    }
    let listed = caller(&host, "onetwo").folder("/").await.files();
    assert_eq!(listed, ["both.txt", "empty", "deep/only.txt"]);
    assert_eq!(
        caller(&host, "onetwo").upload("new", "new").await.status,
        200
    );
    assert_eq!(tree.file("one/new").await.text(), "new");
    assert_eq!(caller(&host, "all").upload("new", "new").await.status, 400);
}

/// A connector that never had the right key is not activated, so this one
/// loses it.
async fn a_wrong_key_is_told_from_a_missing_object(swift: Swift) {
    let connectors = [("tree", TREE), ("search", "containers = ['one']")];
    let host = host(&swift, &connectors).await;
    let tree = caller(&host, "tree");
    assert_eq!(tree.upload("one/a.txt", "a").await.status, 200);
    for connector in ["tree", "search"] {
        assert_eq!(caller(&host, connector).file("none").await.status, 404);
    }
    host.setup.write(KEY_FILE, "tok3n-wrong");
    for connector in ["tree", "search"] {
        let caller = caller(&host, connector);
        wait::until("the key is refused", async || {
            (caller.file("one/none").await.status != 404).then_some(())
        })
        .await;
        for answer in [
            caller.file("one/a.txt").await,
            caller.file("one/none").await,
            caller.folder("/").await,
            caller.delete("one/a.txt").await,
            caller.upload("one/a.txt", "x").await,
        ] {
            assert_eq!(answer.status, 401, "{connector}: {}", answer.text());
            assert!(!answer.text().contains("tok3n"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_from_a_missing_object_by_version_1() {
    a_wrong_key_is_told_from_a_missing_object(Swift::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_from_a_missing_object_by_version_3() {
    a_wrong_key_is_told_from_a_missing_object(Swift::with_keystone().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_of_128_mebibytes_passes_through_little_memory() {
    const LINE: &str = "one of very many lines\n";
    let swift = Swift::start().await;
    let host = host(&swift, &[("tree", TREE)]).await;
    let tree = caller(&host, "tree");
    // Everything that is made once has been made.
    assert_eq!(tree.upload("c/small", "small").await.status, 200);
    assert_eq!(tree.file("c/small").await.text(), "small");
    let content = LINE.repeat((128 << 20) / LINE.len());
    host.reset_peak();
    let (idle, _) = host.memory();
    let stored = tree.upload("c/large", &content).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let mut body = tree.open_file("c/large").await.into_body();
    let (mut hasher, mut size) = (blake3::Hasher::new(), 0);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.unwrap().into_data() {
            size += data.len();
            hasher.update(&data);
        }
    }
    assert_eq!(size, content.len());
    assert_eq!(hasher.finalize(), blake3::hash(content.as_bytes()));
    let above = host.memory().1.saturating_sub(idle);
    println!("128 MiB there and back: {} KiB above idle", above >> 10);
    assert!(above < MEMORY_MAX, "{above} bytes above idle");
}
