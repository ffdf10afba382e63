//! What makes a connector another one when it is read again.

use super::Directory;
use crate::config::Fingerprint;

const CONNECTOR: &str = "\
plugin = 'greedy'
tenant = 'acme'
[config]
url = { env = 'URL', default = 'http://localhost' }
[[grants.http]]
origin = 'http://localhost'
[[grants.files]]
name = 'root'
path = 'root'
create = true
[grants.scratch]
bytes_max = 1
[[grants.secrets]]
name = 'key'
value = 'file:key'
";

fn directory() -> Directory {
    let mut directory = Directory::new(&[
        ("connectors/c.toml", CONNECTOR),
        ("connectors/other.toml", "plugin = 'plain'\n"),
        ("tenants/acme.toml", "[limits]\nconcurrent_calls = 3\n"),
        ("key", "hunter2"),
    ]);
    // The plugin with sockets is no plugin for this host.
    let plugin = super::plugin(&[
        "wasi:http/outgoing-handler@0.2.12",
        "tenon:connector/files@0.1.0",
        "tenon:connector/scratch@0.1.0",
        "tenon:connector/secret@0.1.0",
    ]);
    directory.write("plugins/greedy.wasm", &plugin);
    directory.variables.push(("UNUSED", "1"));
    directory
}

fn fingerprint(directory: &Directory) -> Fingerprint {
    let config = directory
        .load()
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    config.connectors[0].fingerprint
}

/// Whether a change of the directory changes the connector `c`.
fn changes(change: impl FnOnce(&mut Directory)) -> bool {
    let mut directory = directory();
    let before = fingerprint(&directory);
    assert_eq!(before, fingerprint(&directory), "read twice");
    change(&mut directory);
    before != fingerprint(&directory)
}

#[test]
fn follows_everything_that_was_read_for_the_connector() {
    let edit = |directory: &mut Directory, path: &str, from: &str, to: &str| {
        let path = directory.root.path().join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(&path, text.replace(from, to)).unwrap();
    };
    let edited = |path, from, to| changes(|directory| edit(directory, path, from, to));
    assert!(edited(
        "connectors/c.toml",
        "bytes_max = 1",
        "bytes_max = 2"
    ));
    assert!(edited("tenants/acme.toml", "3", "4"), "the tenant's limits");
    assert!(edited("key", "hunter2", "hunter3"), "a secret's file");
    assert!(
        edited("host.toml", "[plugins]", "[limits]\ncpu_ms = 7\n[plugins]"),
        "a default it inherits"
    );
    assert!(
        edited(
            "host.toml",
            "[plugins]",
            "[http]\nverify_tls = false\n[plugins]"
        ),
        "how it connects"
    );
    assert!(
        changes(|directory| directory.variables.push(("URL", "http://b"))),
        "a variable"
    );
    assert!(
        changes(|directory| directory.variables.push(("HTTP_PROXY", "http://u:p@b"))),
        "the proxy"
    );
    assert!(
        changes(|directory| {
            let root = directory.root.path().join("root");
            // The old one stays, so that its number is not given away again.
            std::fs::rename(&root, root.with_extension("old")).unwrap();
            std::fs::create_dir(&root).unwrap();
        }),
        "another folder under the same name"
    );
}

#[test]
fn stays_while_others_change() {
    let kept = |change: fn(&mut Directory)| !changes(change);
    assert!(kept(|directory| {
        directory.write(
            "connectors/other.toml",
            b"plugin = 'plain'\nhosts = ['x']\n",
        );
        directory.write("connectors/third.toml", b"plugin = 'plain'\n");
        directory.write("tenants/beta.toml", b"[limits]\nconcurrent_calls = 1\n");
    }));
    assert!(
        kept(|directory| directory.variables.push(("ELSE", "2"))),
        "a variable that nobody asked for"
    );
    assert!(
        kept(|directory| {
            let plugin = std::fs::read(directory.root.path().join("plugins/greedy.wasm"));
            let mut plugin = plugin.unwrap();
            // An empty custom section.
            plugin.extend_from_slice(&[0, 2, 1, b'x']);
            directory.write("plugins/greedy.wasm", &plugin);
        }),
        "another version of the plugin"
    );
}

#[test]
fn shows_nothing_of_what_went_in() {
    assert_eq!(
        format!("{:?}", fingerprint(&directory())),
        "Fingerprint(..)"
    );
}
