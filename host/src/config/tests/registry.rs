//! `[[registries]]` and `[[signatures]]`.

use super::*;
use crate::registry::Scope;

/// A key of P-256, made for this test.
const KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEc9q/Hwq75LKJcbTKolY+15Lr6M6n
PwD244nC5lFnUbHx5W431hSLC5ooN5o/5nBuyfu9EUjAEtxdZ7j9gA36+A==
-----END PUBLIC KEY-----
";

const WHOLE: &str = "\
[plugins]
cache = 'cache'
[admission]
component_bytes = 1000
signed_only = true
[[registries]]
host = 'Registry.Example:443'
username = 'tenon'
password = 'env:PASSWORD'
ca = 'ca.pem'
token_service = 'https://tokens.example/auth'
[[registries]]
host = '127.0.0.1:5000'
plain_http = true
[[signatures]]
scope = '*'
keys = [{ name = 'release', file = 'release.pub' }]
[[signatures]]
scope = 'registry.example/team'
required = false
[[signatures.keys]]
name = 'release'
file = 'release.pub'
[[signatures.keys]]
name = 'old'
file = 'release.pub'
";

fn directory(host: &str) -> Directory {
    let directory = Directory::new(&[("host.toml", host), ("release.pub", KEY)]);
    let authority = rcgen::generate_simple_self_signed(["registry.example".to_owned()]);
    directory.write("ca.pem", authority.unwrap().cert.pem().as_bytes());
    directory
}

#[test]
fn reads_registries_and_policies() {
    let mut directory = directory(WHOLE);
    directory.variables.push(("PASSWORD", "tok3n"));
    let config = directory.load().unwrap().host.registry;
    assert!(!format!("{config:?}").contains("tok3n"));
    assert!(config.signed_only);
    assert_eq!(config.component_bytes_max, 1000);
    let [named, plain] = &config.registries[..] else {
        panic!("{config:?}")
    };
    assert_eq!(named.registry.to_string(), "registry.example");
    let credentials = named.credentials.as_ref().unwrap();
    assert_eq!(credentials.username, "tenon");
    assert_eq!(credentials.password.expose_secret(), "tok3n");
    assert!(named.ca.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(named.token_service.is_some() && !named.plain_http);
    assert!(plain.plain_http && plain.credentials.is_none());
    let [all, team] = &config.policies[..] else {
        panic!("{config:?}")
    };
    assert_eq!(all.scope, Scope::All);
    assert!(all.required && !team.required);
    let names: Vec<_> = team.keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["release", "old"]);
}

#[test]
fn a_change_takes_a_restart() {
    let mut directory = directory(WHOLE);
    directory.variables.push(("PASSWORD", "tok3n"));
    let running = directory.load().unwrap().host;
    directory.variables.clear();
    directory.variables.push(("PASSWORD", "other"));
    let mut new = directory.load().unwrap().host;
    assert_eq!(running.needs_restart(&new), ["registries or signatures"]);
    new.keep_until_restart(running.clone());
    assert_eq!(new.registry, running.registry);
}

#[test]
fn names_what_is_wrong() {
    let host = "\
[plugins]
cache = 'cache'
[[registries]]
host = 'registry.example/team'
username = 'tenon'
[[registries]]
host = 'a.example:5000'
password = 'hunter2'
ca = 'release.pub'
token_service = 'http://tokens.example'
[[registries]]
host = 'A.example:05000'
plain_http = true
ca = 'ca.pem'
[[registries]]
verify = false
[[signatures]]
scope = ''
keys = []
[[signatures]]
scope = 'a.example/team*'
required = 'sometimes'
[[signatures.keys]]
name = 'x'
file = 'ca.pem'
[[signatures.keys]]
file = 'nowhere.pub'
[[signatures]]
scope = '*'
keys = [{ name = 'x', file = 'release.pub' }, { name = 'x', file = 'release.pub' }]
[[signatures]]
scope = '*'
";
    let expected = [
        "host.toml:4: registries[0].host: expected a registry's host, or host and port, such as `registry.example:5000`",
        "host.toml:3: registries[0].password: missing",
        "host.toml:6: registries[1].username: missing",
        "host.toml:8: registries[1].password: expected a reference, `env:NAME` or `file:path`: a secret never stands in the configuration itself",
        "host.toml:9: registries[1].ca: $/release.pub: no certificate in PEM",
        "host.toml:10: registries[1].token_service: expected `https://`: it is sent the password",
        "host.toml:12: registries[2].host: `a.example:5000` stands here twice",
        "host.toml:14: registries[2].ca: has no use where `plain_http` is true",
        "host.toml:15: registries[3].host: missing",
        "host.toml:16: registries[3].verify: unknown key; known here: `host`, `username`, `password`, `plain_http`, `ca`, `token_service`",
        "host.toml:18: signatures[0].scope: expected `*`, a registry, or a registry and the beginning of a repository's name",
        "host.toml:19: signatures[0].keys: expected at least one key",
        "host.toml:21: signatures[1].scope: expected `*`, a registry, or a registry and the beginning of a repository's name",
        "host.toml:22: signatures[1].required: expected true or false",
        "host.toml:25: signatures[1].keys[0].file: $/ca.pem: expected an EC P-256 public key in PEM, `BEGIN PUBLIC KEY`, as `cosign.pub` or `openssl pkey -in KEY -pubout` have it",
        "host.toml:26: signatures[1].keys[1].name: missing",
        "host.toml:27: signatures[1].keys[1].file: $/nowhere.pub: No such file or directory (os error 2)",
        "host.toml:30: signatures[2].keys[1].name: `x` stands here twice",
        "host.toml:31: signatures[3].keys: expected at least one key",
        "host.toml:32: signatures[3].scope: `*` stands here twice",
    ];
    let mut problems = directory(host).problems();
    let mut expected: Vec<_> = expected.iter().map(|text| (*text).to_owned()).collect();
    problems.sort();
    expected.sort();
    assert_eq!(problems, expected);
}
