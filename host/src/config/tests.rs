use std::path::Path;

use secrecy::ExposeSecret as _;

use super::*;
use crate::limits::{Isolation, Limits};

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
                "wasi:sockets/tcp@0.2.12",
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
        let problems = self.load().expect_err("there are problems");
        problems
            .iter()
            .map(|problem| problem.to_string().replace(&root, "$"))
            .collect()
    }
}

fn plugin(imports: &[&str]) -> Vec<u8> {
    let imports: String = imports
        .iter()
        .map(|name| format!("(import {name:?} (instance))\n"))
        .collect();
    let text = format!(
        r#"(component {imports} (instance $none)
            (export "tenon:connector/lifecycle@0.1.0" (instance $none))
            (export "tenon:connector/file-store@0.1.0" (instance $none)))"#
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
            "connectors/b.toml:1: plugin: $/plugins/greedy.wasm: imports `wasi:sockets/tcp@0.2.12`, which this host does not offer",
            "connectors/b.toml:2: hosts[1]: Host `layer1-port-a` is taken by connectors/a.toml",
            "connectors/b.toml:3: colour: unknown key; known here: `tenant`, `name`, `hosts`, `listen`, `rds`, `frontend`, `isolation`, `config`, `limits`, `grants`, `plugin`",
            "connectors/b.toml:8: grants.files[0].path: $/nowhere: No such file or directory (os error 2)",
            "connectors/b.toml:9: grants.files[0].owner: unknown key; known here: `name`, `access`, `io`, `create`, `path`",
            "connectors/b.toml:12: grants.secrets[0].value: expected a reference, `env:NAME` or `file:path`: a secret never stands in the configuration itself",
            "connectors/b.toml:15: grants.secrets[1].value: `NOT_SET` not set, or empty, in the environment",
            "connectors/b.toml:17: limits.cpu_ms: invalid type: string \"a lot\", expected u64",
            "connectors/b.toml:18: limits.memory_bytes: must be at least 1",
        ],
    );
}

#[test]
fn names_what_is_wrong_with_a_connector() {
    check_connector("", &["connectors/c.toml:1: plugin: missing"]);
    check_connector(
        "plugin = 'absent'",
        &[
            "connectors/c.toml:1: plugin: $/plugins/absent.wasm: No such file or directory (os error 2)",
        ],
    );
    check_connector(
        "plugin = 'host.toml.wasm'\nname = 'C'\ntenant = 'acme'",
        &[
            "connectors/c.toml:1: plugin: $/host.toml.wasm: No such file or directory (os error 2)",
            "connectors/c.toml:2: name: `C` is no name: use lower-case letters, digits and `-`, starting with a letter or digit, at most 63 characters",
            "connectors/c.toml:3: tenant: no tenants/acme.toml",
        ],
    );
    check_connector(
        "plugin = 'plain'\nfrontend = 'soap'\nhosts = ['a:80', 'b', 'B']\nlisten = '127.0.0.1:9090'\nisolation = 'hot'",
        &[
            "connectors/c.toml:2: frontend: no frontend `soap`; there is `rds`",
            "connectors/c.toml:3: hosts[0]: `a:80` is no host name; leave the port out",
            "connectors/c.toml:3: hosts[2]: Host `b` is taken by connectors/c.toml",
            "connectors/c.toml:4: listen: listener `127.0.0.1:9090` is taken by host.toml",
            "connectors/c.toml:5: isolation: `hot` is neither `call` nor `warm`",
        ],
    );
    check_connector(
        "plugin = 'plain'\nhosts = 'a'\nisolation = { mode = 'warm', calls_max = -1 }\n[config]\nurl = { env = ['A', 'B'] }\n",
        &[
            "connectors/c.toml:2: hosts: expected an array, not string",
            "connectors/c.toml:3: isolation.calls_max: invalid value: integer `-1`, expected u64",
            "connectors/c.toml:5: config.url: `A`, `B` not set, or empty, in the environment",
        ],
    );
}

#[test]
fn names_what_is_wrong_with_grants() {
    check_connector(
        "\
plugin = 'plain'
[[grants.http]]
origin = 'https://a/path'
addresses = ['10.0.0.0/8', 'home']
[grants.http.credentials]
caller = 'Bearer {caller'
key = '{key}'
[[grants.http]]
addresses = 'some'
[[grants.secrets]]
name = 'caller'
value = 42
[grants.scratch]
[[grants.files]]
path = '.'
access = 'all'
",
        &[
            "connectors/c.toml:3: grants.http[0].origin: an origin ends with host or port: no user, path or query",
            "connectors/c.toml:4: grants.http[0].addresses[1]: invalid IP address syntax",
            "connectors/c.toml:6: grants.http[0].credentials.caller: `{` without a closing `}`",
            "connectors/c.toml:7: grants.http[0].credentials.key: `{key}` is neither `caller`, `user` nor a granted secret",
            "connectors/c.toml:8: grants.http[1].origin: missing",
            "connectors/c.toml:9: grants.http[1].addresses: expected `public`, `any` or a list of networks",
            "connectors/c.toml:11: grants.secrets[0].name: `caller`: stands for the caller in every connector",
            "connectors/c.toml:12: grants.secrets[0].value: expected a reference, `env:NAME` or `file:path`: a secret never stands in the configuration itself (found integer)",
            "connectors/c.toml:13: grants.scratch.bytes_max: missing",
            "connectors/c.toml:14: grants.files[0].name: missing",
            "connectors/c.toml:16: grants.files[0].access: `all` is none of the values of this key",
        ],
    );
}

#[test]
fn names_what_is_wrong_with_the_host() {
    check(
        &[(
            "host.toml",
            "[rds]\nlisten = 'here'\n[telemetry]\nlog = 'guest=loud'\nformat = 'xml'\n[http]\nca = 'none.pem'\nverify_tls = 'maybe'\n[plugins]\ncache = 'c'\n[engines]\n",
        )],
        &[
            "host.toml:2: rds.listen: invalid socket address syntax",
            "host.toml:4: telemetry.log: error parsing level filter: expected one of \"off\", \"error\", \"warn\", \"info\", \"debug\", \"trace\", or a number 0-5",
            "host.toml:5: telemetry.format: expected `pretty` or `json`",
            "host.toml:7: http.ca: $/none.pem: No such file or directory (os error 2)",
            "host.toml:8: http.verify_tls: expected true or false",
            "host.toml:11: engines: unknown key; known here: `plugins`, `engine`, `rds`, `admin`, `telemetry`, `scratch`, `drain`, `http`, `limits`",
        ],
    );
    check(
        &[
            (
                "host.toml",
                "a = 1\na = 2\n[limits]\ncpu_ms = 1 2\n[plugins]\ncache = 'c'\n",
            ),
            ("tenants/A b.toml", ""),
        ],
        &[
            "host.toml:1: a: unknown key; known here: `plugins`, `engine`, `rds`, `admin`, `telemetry`, `scratch`, `drain`, `http`, `limits`",
            "host.toml:2: duplicate key",
            "host.toml:4: string values must be quoted, expected literal string",
            "host.toml:4: limits.cpu_ms: invalid type: string \"1 2\", expected u64",
            "tenants/A b.toml:1: `A b` is no name for a tenant",
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
    let Frontend::Rds(rds) = &connector.frontend;
    assert!(rds.hosts.is_empty() && rds.listen.is_none());
    assert!(rds.break_error_bodies);
}

#[test]
fn shipped_configuration_passes() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime-config");
    let plugins = tempfile::tempdir().unwrap();
    for name in ["archive", "disk", "owncloud"] {
        fs::write(
            plugins.path().join(name).with_extension("wasm"),
            plugin(&[]),
        )
        .unwrap();
    }
    let directory = plugins.path().to_str().unwrap().to_owned();
    let variable = move |name: &str| {
        // The archive makes its directory where it is told to.
        matches!(name, "TENON_PLUGINS" | "TENON_ARCHIVE").then(|| directory.clone())
    };
    let config = Config::load_in(&shipped, &variable).unwrap();
    let ids: Vec<_> = config.connectors.iter().map(|c| c.id.to_string()).collect();
    assert_eq!(ids, ["port-archive", "port-disk", "port-owncloud"]);
}
