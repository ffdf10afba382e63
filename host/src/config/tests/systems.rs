//! Granted databases and key-value stores.

use super::*;
use crate::capability::{kv, sql};

const PLUGIN: &str = "plugin = 'plain'\n";

fn connector(grants: &str) -> String {
    format!("{PLUGIN}{grants}")
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, row by row")]
fn by_their_urls_and_by_their_parts() {
    let text = connector(
        "
[[grants.sql]]
name = 'main'
url = { env = ['MISSING', 'DATABASE_URL'] }
[[grants.sql]]
name = 'other'
host = { env = 'DB_HOST' }
user = 'ann'
password = 'file:password'
database = 'other'
tls = 'verify'
access = 'read-only'
connections_max = 2
statement_timeout_ms = 100
connect_timeout_ms = 200
[[grants.sql]]
name = 'file'
url = 'sqlite:data/main.db'
[[grants.sql]]
name = 'trusting'
url = 'postgres://ann@db/main?sslmode=disable'
[[grants.kv]]
name = 'meta'
url = 'env:REDIS_URL'
access = 'read-write'
[[grants.kv]]
name = 'parts'
host = 'cache'
port = 6380
database = 1
username = 'ann'
password = { env = 'REDIS_PASSWORD' }
tls = true
timeout_ms = 100
[[grants.kv]]
name = 'file'
url = 'embedded:data/meta.db'
",
    );
    let mut directory = Directory::new(&[("connectors/c.toml", &text), ("password", "hush\n")]);
    directory.variables.extend([
        ("DATABASE_URL", "postgres://ann:hush@db:6432/main"),
        ("DB_HOST", "db"),
        ("REDIS_URL", "redis://:hush@cache/3"),
        ("REDIS_PASSWORD", "hush"),
    ]);
    let config = directory.load().unwrap();
    let grants = &config.connectors[0].grants;
    let access: Vec<_> = grants
        .sql
        .iter()
        .map(|(name, it)| (&**name, it.access))
        .collect();
    let read_write = sql::Access::ReadWrite;
    assert_eq!(
        access,
        [
            ("file", read_write),
            ("main", read_write),
            ("other", sql::Access::ReadOnly),
            ("trusting", read_write)
        ]
    );
    let access: Vec<_> = grants
        .kv
        .iter()
        .map(|(name, it)| (&**name, it.access))
        .collect();
    let read_only = kv::Access::ReadOnly;
    assert_eq!(
        access,
        [
            ("file", read_only),
            ("meta", kv::Access::ReadWrite),
            ("parts", read_only)
        ]
    );
    assert!(!format!("{config:?}").contains("hush"));
    // Nothing is opened before it is used.
    assert!(!directory.root.path().join("data").exists());
}

#[test]
fn another_password_is_another_connector() {
    let text = connector("[[grants.kv]]\nname = 'meta'\nurl = 'env:REDIS_URL'");
    let mut directory = Directory::new(&[("connectors/c.toml", &text)]);
    let mut fingerprint = |url| {
        directory.variables = vec![("REDIS_URL", url)];
        directory.load().unwrap().connectors[0].fingerprint
    };
    let first = fingerprint("redis://:a@cache");
    assert_eq!(first, fingerprint("redis://:a@cache"));
    assert_ne!(first, fingerprint("redis://:b@cache"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, row by row")]
fn mistakes_are_named_and_no_secret_is() {
    let text = connector(
        "
[[grants.sql]]
name = 'main'
url = 'postgres://ann:hush@db/main'
[[grants.sql]]
url = 'mysql://db/main'
[[grants.sql]]
name = 'nowhere'
[[grants.sql]]
name = 'half'
host = 'db'
tls = 'maybe'
password = 'hush'
[[grants.sql]]
name = 'both'
url = 'sqlite:a'
host = 'db'
connections_max = 0
[[grants.sql]]
name = 'memory'
url = 'sqlite::memory:'
[[grants.sql]]
name = 'twice'
url = 'sqlite:a'
[[grants.sql]]
name = 'twice'
url = 'postgres://db/main?passwort=hush'
[[grants.kv]]
name = 'meta'
url = 'redis://:hush@cache'
[[grants.kv]]
name = 'other'
url = 'memcached://cache'
access = 'all'
[[grants.kv]]
host = 'cache'
database = -1
password = 'env:MISSING'
",
    );
    let c = "connectors/c.toml";
    let reference = "expected a reference, `env:NAME` or `file:path`";
    let never = "a secret never stands in the configuration itself";
    let problems = Directory::new(&[(c, &text)]).problems();
    assert!(
        !problems.iter().any(|it| it.contains("hush")),
        "{problems:#?}"
    );
    for expected in [
        format!(
            "{c}:5: grants.sql[0].url: holds a password, which never stands in the configuration itself: {reference}"
        ),
        format!("{c}:6: grants.sql[1].name: missing"),
        format!("{c}:7: grants.sql[1].url: expected `postgres://…` or `sqlite:<path>`"),
        format!("{c}:8: grants.sql[2].url: missing"),
        format!("{c}:13: grants.sql[3].tls: `maybe` is none of the values of this key"),
        format!("{c}:14: grants.sql[3].password: {reference}: {never}"),
        format!("{c}:10: grants.sql[3].user: missing"),
        format!("{c}:10: grants.sql[3].database: missing"),
        format!("{c}:19: grants.sql[4].connections_max: must be at least 1"),
        format!("{c}:22: grants.sql[5].url: expected `sqlite:<path>`"),
        format!("{c}:27: grants.sql[7].name: `twice`: granted twice"),
        format!(
            "{c}:28: grants.sql[7].url: the URL has a parameter `passwort`, which is not known"
        ),
        format!(
            "{c}:34: grants.kv[1].url: expected `redis://…`, `rediss://…` or `embedded:<path>`"
        ),
        format!("{c}:35: grants.kv[1].access: `all` is none of the values of this key"),
        format!("{c}:36: grants.kv[2].name: missing"),
        format!("{c}:39: grants.kv[2].password: `MISSING` not set, or empty, in the environment"),
    ] {
        assert!(problems.contains(&expected), "{expected}\n{problems:#?}");
    }
    let unknown = problems.iter().find(|it| it.contains("grants.sql[4].host"));
    assert!(
        unknown.is_some_and(|it| it.contains("unknown key")),
        "{problems:#?}"
    );
}
