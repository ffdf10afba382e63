mod alone;
mod fingerprint;
mod links;
mod mistakes;
mod rds;
mod registry;
mod schemas;
mod shipped;
mod sqapi;
mod sqapi_yml;
mod systems;

use std::path::Path;

use secrecy::ExposeSecret as _;

use super::*;
use crate::limits::{Isolation, Limits, LongLived};

const HOST: &str = "[plugins]\ndirectory = 'plugins'\ncache = 'cache'\n";

/// A configuration directory with one plugin that imports nothing (`plain`)
/// and one that imports all there is (`greedy`).
struct Directory {
    root: tempfile::TempDir,
    variables: Vec<(&'static str, &'static str)>,
}

impl Directory {
    fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let directory = Self {
            root,
            variables: Vec::new(),
        };
        directory.write("host.toml", HOST.as_bytes());
        directory.write("plugins/plain.wasm", &plugin(&[]));
        directory.write(
            "plugins/greedy.wasm",
            &plugin(&[
                "wasi:http/outgoing-handler@0.2.12",
                "tenon:connector/files@0.1.0",
                "tenon:connector/scratch@0.1.0",
                "tenon:connector/secret@0.1.0",
                "wasi:keyvalue/store@0.2.0",
            ]),
        );
        for (path, text) in files {
            directory.write(path, text.as_bytes());
        }
        directory
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn load(&self) -> Result<Config, Problems> {
        let variable = |name: &str| {
            let found = self.variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::load_in(self.root.path(), &variable)
    }

    fn problems(&self) -> Vec<String> {
        let root = self.root.path().display().to_string();
        let problems = match self.load() {
            Ok(config) => Problems::new(config.plugin_problems.into_all()),
            Err(problems) => problems,
        };
        problems
            .iter()
            .map(|problem| problem.to_string().replace(&root, "$"))
            .collect()
    }
}

fn plugin(imports: &[&str]) -> Vec<u8> {
    playing("file-store", imports)
}

fn playing(role: &str, imports: &[&str]) -> Vec<u8> {
    playing_all(&[role], imports)
}

fn playing_all(roles: &[&str], imports: &[&str]) -> Vec<u8> {
    let imports: String = imports
        .iter()
        .map(|name| format!("(import {name:?} (instance))\n"))
        .collect();
    let roles: String = roles
        .iter()
        .map(|role| format!(r#"(export "tenon:connector/{role}@0.1.0" (instance $none))"#))
        .collect();
    let text = format!(
        r#"(component {imports} (instance $none)
            (export "tenon:connector/lifecycle@0.1.0" (instance $none))
            {roles})"#
    );
    wat::parse_str(text).unwrap()
}

fn check(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(Directory::new(files).problems(), expected);
}

/// One connector file named `c.toml`.
fn check_connector(text: &str, expected: &[&str]) {
    check(&[("connectors/c.toml", text)], expected);
}

#[test]
fn reports_everything_that_is_wrong_with_one_file() {
    let a = "plugin = 'plain'\n";
    let b = "\
plugin = 'greedy'
hosts = ['b.example', 'Layer1-Port-A']
colour = 'blue'
[config]
x = 1
[[grants.files]]
name = 'root'
path = 'nowhere'
owner = 'me'
[[grants.secrets]]
name = 'key'
value = 'hunter2'
[[grants.secrets]]
name = 'other'
value = 'env:NOT_SET'
[limits]
cpu_ms = 'a lot'
memory_bytes = 0
";
    check(
        &[("connectors/a.toml", a), ("connectors/b.toml", b)],
        &[
            "connectors/b.toml:1: plugin: $/plugins/greedy.wasm: imports `tenon:connector/scratch@0.1.0`, which needs [grants.scratch]",
            "connectors/b.toml:1: plugin: $/plugins/greedy.wasm: imports `wasi:http/outgoing-handler@0.2.12`, which needs a [[grants.http]]",
            "connectors/b.toml:1: plugin: $/plugins/greedy.wasm: imports `wasi:keyvalue/store@0.2.0`, which this host does not offer",
            "connectors/b.toml:2: hosts[1]: Host `layer1-port-a` is taken by connectors/a.toml",
            "connectors/b.toml:3: colour: unknown key; known here: `enabled`, `tenant`, `name`, `frontend`, `hosts`, `listen`, `rds`, `isolation`, `config`, `limits`, `grants`, `plugin`",
            "connectors/b.toml:8: grants.files[0].path: $/nowhere: No such file or directory (os error 2)",
            "connectors/b.toml:9: grants.files[0].owner: unknown key; known here: `name`, `access`, `io`, `create`, `path`",
            "connectors/b.toml:12: grants.secrets[0].value: expected a reference, `env:NAME` or `file:path`: a secret never stands in the configuration itself",
            "connectors/b.toml:15: grants.secrets[1].value: `NOT_SET` not set, or empty, in the environment",
            "connectors/b.toml:17: limits.cpu_ms: invalid string: expected u64",
            "connectors/b.toml:18: limits.memory_bytes: must be at least 1",
        ],
    );
}

const WHOLE: &str = "\
plugin = 'greedy'
name = 'port-x'
tenant = 'acme'
isolation = { mode = 'warm', calls_max = 7 }
[config]
url = { env = ['EMPTY', 'URL'], default = 'http://default' }
retries = 3
nested = { list = [1, { env = 'URL' }] }
[[grants.http]]
origin = { env = 'URL' }
addresses = 'any'
[grants.http.credentials]
key = 'Bearer {key}'
[[grants.secrets]]
name = 'key'
value = 'file:key.txt'
[[grants.files]]
name = 'root'
path = 'made/on/demand'
access = 'read-write'
create = true
[grants.scratch]
bytes_max = 10
[limits]
cpu_ms = 5
total_ms = 9
";

#[test]
fn reads_a_whole_connector() {
    let mut directory = Directory::new(&[
        ("connectors/x.toml", WHOLE),
        ("tenants/acme.toml", "[limits]\nconcurrent_calls = 4\n"),
        ("key.txt", "s3cret\r\n"),
        (
            "host.toml",
            &format!("{HOST}[limits]\ncpu_ms = 1\nhandles = 2\n"),
        ),
    ]);
    directory.write(
        "plugins/greedy.wasm",
        &plugin(&["tenon:connector/secret@0.1.0"]),
    );
    directory.variables = vec![("EMPTY", ""), ("URL", "http://cloud:81/base")];
    let config = directory.load().unwrap();
    assert_eq!(config.tenants["acme"].concurrent_calls, Some(4));
    let [connector] = &config.connectors[..] else {
        panic!("one connector")
    };
    assert_eq!(connector.id.to_string(), "acme/port-x");
    assert_eq!(connector.values["url"], "http://cloud:81/base");
    assert_eq!(connector.values["retries"], "3");
    assert_eq!(
        connector.values["nested"],
        r#"{"list":[1,"http://cloud:81/base"]}"#
    );
    assert_eq!(
        format!("{:?}", connector.grants.http),
        r#"["http://cloud:81"]"#
    );
    assert!(directory.root.path().join("made/on/demand").is_dir());
    let secret = &connector.grants.secrets.secrets["key"];
    assert_eq!(secret.value.expose_secret(), "s3cret");
    assert!(!format!("{config:?}").contains("s3cret"));
    let expected = Limits {
        cpu_ms: 5,
        total_ms: Some(9),
        handles: 2,
        ..Limits::default()
    };
    assert_eq!(*connector.limits, expected);
    let Isolation::Warm(warm) = &connector.isolation else {
        panic!("warm")
    };
    assert_eq!((warm.calls_max, warm.idle_ms), (7, 30_000));
    let Frontend::Rds(rds) = &connector.frontend else {
        panic!("another frontend");
    };
    assert!(rds.hosts.is_empty() && rds.listen.is_none());
    assert!(rds.break_error_bodies);
}

#[test]
fn reads_how_long_a_sandbox_lives() {
    let isolation = |text: &str| {
        let file = format!("plugin = 'plain'\nisolation = {text}\n");
        let config = Directory::new(&[("connectors/c.toml", &file)]).load();
        config.unwrap().connectors.remove(0).isolation
    };
    assert_eq!(isolation("'call'"), Isolation::Call);
    let long_lived = LongLived::default();
    assert_eq!(isolation("'long-lived'"), Isolation::LongLived(long_lived));
    let set =
        "{ mode = 'long-lived', wait_ms = 1, return_ms = 2, state_bytes_max = 3, handoff_ms = 4 }";
    let expected = LongLived {
        wait_ms: 1,
        return_ms: 2,
        state_bytes_max: 3,
        handoff_ms: 4,
    };
    assert_eq!(isolation(set), Isolation::LongLived(expected));
}
