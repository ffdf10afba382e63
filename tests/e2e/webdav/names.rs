//! Names that somebody, somewhere, has given a file.

use tenon_tests::apache::{ALICE, BOB};

use super::{caller, start};

/// The longest that file systems take.
const NAME_BYTES_MAX: usize = 255;

const NAMES: [&str; 20] = [
    "plain.txt",
    "two words.txt",
    " leading and trailing ",
    "100%.txt",
    "100%41.txt",
    "%2F.txt",
    "number #1.txt",
    "why?.txt",
    "a?b=c&d=e#f.txt",
    "a+b.txt",
    "semi;colon,comma:colon.txt",
    "quotes '\"`.txt",
    "<angles> & entities &amp;.txt",
    "{braces} [brackets] |pipe|.txt",
    "back\\slash.txt",
    "Übersicht März.txt",
    "U\u{308}bersicht Ma\u{308}rz.txt",
    "文件 ファイル файл.txt",
    "🦀👩‍🔬.txt",
    "~$.hidden",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_name_is_listed_and_read() {
    let (apache, host) = start().await;
    let mut names: Vec<_> = NAMES.map(str::to_owned).to_vec();
    names.push("long".repeat(64)[..NAME_BYTES_MAX].to_owned());
    for name in &names {
        apache.store("alice", name, name.as_bytes());
        // As a folder, and below one.
        let nested = format!("folders/{name}/deep/{name}");
        apache.store("alice", &nested, nested.as_bytes());
    }
    apache.store("alice", "empty", b"");
    apache.store("bob", "bob's", b"bob");
    for system in ["owncloud", "nextcloud"] {
        let alice = caller(&host, system, "alice", ALICE);
        let answer = alice.folder("/").await;
        let mut listed = answer.files();
        listed.sort();
        let nested = names
            .iter()
            .map(|name| format!("folders/{name}/deep/{name}"));
        let mut expected: Vec<_> = names.iter().cloned().chain(nested).collect();
        expected.push("empty".to_owned());
        expected.sort();
        assert_eq!(listed, expected, "{system}: {}", answer.text());
        for name in &names {
            let answer = alice.file(name).await;
            assert_eq!(answer.text(), *name, "{system}");
            assert!(answer.whole);
            let nested = format!("/folders/{name}/deep/{name}");
            assert_eq!(alice.file(&nested).await.text(), nested[1..], "{system}");
            let folder = alice.folder(&format!("/folders/{name}/")).await;
            assert_eq!(folder.files(), [format!("deep/{name}")], "{system}");
        }
        let empty = alice.file("/empty").await;
        assert_eq!(
            (empty.status, empty.text().as_str(), empty.whole),
            (200, "", true)
        );
        let bob = caller(&host, system, "bob", BOB);
        assert_eq!(bob.folder("/").await.files(), ["bob's"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_is_written_and_deleted() {
    let (apache, host) = start().await;
    for system in ["owncloud", "nextcloud"] {
        let alice = caller(&host, system, "alice", ALICE);
        for name in NAMES {
            let path = format!("new/{name}/{name}");
            let answer = alice.upload(&path, name).await;
            assert_eq!(answer.status, 200, "{system} {name}: {}", answer.text());
            let stored = apache.path("alice", &path);
            assert_eq!(std::fs::read_to_string(&stored).unwrap(), name, "{system}");
            let answer = alice.delete(&path).await;
            assert_eq!(answer.status, 200, "{system} {name}: {}", answer.text());
            assert!(!stored.exists(), "{system} {name}");
        }
    }
}
