//! What is said of each mistake.

use super::{Directory, check, check_connector};
use crate::admin::TokenHash;

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
        "plugin = 'plain'\nname = 'C'\nhosts = [1, 'a:80']\n[rds.registration]\ninfo_url = 'x'",
        &[
            "connectors/c.toml:2: name: `C` is no name: use lower-case letters, digits and `-`, starting with a letter or digit, at most 63 characters",
            "connectors/c.toml:3: hosts[0]: expected a string or { env = \"NAME\" }, not integer",
            "connectors/c.toml:3: hosts[1]: `a:80` is no host name; leave the port out",
            "connectors/c.toml:4: rds.registration: expected either `oauth` or `credentials`",
            "connectors/c.toml:5: rds.registration.info_url: expected `http://` or `https://` and a host",
        ],
    );
    check_connector(
        "plugin = 'plain'\nfrontend = 'soap'\nhosts = ['a:80', 'b', 'B']\nlisten = '127.0.0.1:9090'\nisolation = 'hot'",
        &[
            "connectors/c.toml:2: frontend: no frontend `soap`; there are `rds` and `sqapi`",
            "connectors/c.toml:3: hosts[0]: `a:80` is no host name; leave the port out",
            "connectors/c.toml:3: hosts[2]: Host `b` is taken by connectors/c.toml",
            "connectors/c.toml:4: listen: listener `127.0.0.1:9090` is taken by host.toml",
            "connectors/c.toml:5: isolation: `hot` is none of `call`, `warm`, `batch` and `long-lived`",
        ],
    );
    check_connector(
        "plugin = 'plain'\nhosts = 'a'\nisolation = { mode = 'warm', calls_max = -1 }\n[config]\nurl = { env = ['A', 'B'] }\n",
        &[
            "connectors/c.toml:2: hosts: expected an array, not string",
            "connectors/c.toml:3: isolation.calls_max: invalid integer: expected u64",
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
            "host.toml:11: engines: unknown key; known here: `plugins`, `engine`, `rds`, `sqapi`, `admin`, `admission`, `persistence`, `retention`, `http`, `registries`, `signatures`, `telemetry`, `scratch`, `drain`, `limits`",
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
            "host.toml:1: a: unknown key; known here: `plugins`, `engine`, `rds`, `sqapi`, `admin`, `admission`, `persistence`, `retention`, `http`, `registries`, `signatures`, `telemetry`, `scratch`, `drain`, `limits`",
            "host.toml:2: duplicate key",
            "host.toml:4: string values must be quoted, expected literal string",
            "host.toml:4: limits.cpu_ms: invalid string: expected u64",
            "tenants/A b.toml:1: `A b` is no name for a tenant",
        ],
    );
}

/// What begins a host.toml.
fn check_operators(text: &str, expected: &[&str]) {
    let host = format!("{text}\n{}", super::HOST);
    check(&[("host.toml", &host)], expected);
}

#[test]
fn names_what_is_wrong_with_operators() {
    let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    let name = "expected 1 to 64 letters, digits and `-._@`, beginning with a letter or digit";
    let named = format!("host.toml:2: admin.operators[0].name: {name}");
    check_operators(
        &format!("[[admin.operators]]\nname = '(files)'\ntoken_sha256 = '{hash}'"),
        &[&named],
    );
    // Whatever stands in the place of a hash is not repeated: it may be the token.
    check_operators(
        "[[admin.operators]]\nname = 'ada'\ntoken_sha256 = 'tenon_secret'\ntoken = 'x'\n\
         [[admin.operators]]\ntoken_sha256 = { env = 'NOT_SET' }",
        &[
            "host.toml:3: admin.operators[0].token_sha256: expected the SHA-256 of a token, 64 hexadecimal digits; `tenon token new` makes a token and prints it",
            "host.toml:4: admin.operators[0].token: unknown key; known here: `name`, `token_sha256`",
            "host.toml:5: admin.operators[1].name: missing",
            "host.toml:6: admin.operators[1].token_sha256: `NOT_SET` not set, or empty, in the environment",
        ],
    );
    check_operators(
        &format!(
            "[[admin.operators]]\nname = 'ada'\ntoken_sha256 = '{hash}'\n\
             [[admin.operators]]\nname = 'ada'\ntoken_sha256 = '{hash}'"
        ),
        &[
            "host.toml:5: admin.operators[1].name: another operator has this name: events would not tell them apart",
            "host.toml:6: admin.operators[1].token_sha256: `ada` has the same token: make one for each with `tenon token new`",
        ],
    );
}

#[test]
fn an_operator_without_a_token_is_off() {
    let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    let operators = "[[admin.operators]]\nname = 'ada'\n\
         token_sha256 = { env = 'HASH', default = '' }\n\
         [[admin.operators]]\nname = 'bob'\ntoken_sha256 = ''";
    let host = format!("{operators}\n{}", super::HOST);
    let mut directory = Directory::new(&[("host.toml", &host)]);
    assert_eq!(directory.load().unwrap().host.operators, []);
    directory.variables.push(("HASH", hash));
    let operators = directory.load().unwrap().host.operators;
    let names: Vec<_> = operators.iter().map(|operator| &operator.name).collect();
    assert_eq!(names, ["ada"]);
    assert_eq!(operators[0].token, TokenHash::of("secret"));
}
