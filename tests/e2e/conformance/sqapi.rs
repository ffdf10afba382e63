//! The shipped plugins of sqAPI pass: processors over a real database, the
//! databases themselves, and the stores of metadata.

use std::fs;
use std::path::{Path, PathBuf};

use tenon_tests::artefact;
use tenon_tests::postgres::Database;
use tenon_tests::redis::Redis;

use super::{folder, tested_as};

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    file
}

fn of_sqlite(folder: &Path) -> PathBuf {
    let text = "frontend = 'sqapi'\nplugin = 'sqlite'\n[[grants.sql]]\nname = 'main'\nurl = 'sqlite:main.db'\n";
    written(folder, "sqlite.toml", text)
}

#[test]
fn the_shipped_processors_pass() {
    let sqlite = artefact::plugin("sqlite");
    for name in [
        "sizes",
        "duplicates",
        "datatypes",
        "hashes",
        "languages",
        "exif",
        "thumbnails",
    ] {
        let home = folder();
        let text =
            format!("frontend = 'sqapi'\nplugin = '{name}'\n[grants.database]\nconnector = 'db'\n");
        let connector = written(home.path(), "processor.toml", &text);
        let database = of_sqlite(home.path());
        let more = [
            "--database",
            sqlite.to_str().unwrap(),
            "--database-connector",
            database.to_str().unwrap(),
        ];
        let ran = tested_as(&artefact::plugin(name), &connector, &more);
        ran.assert_good();
        assert!(ran.cases("passed").contains(&"initialize-again"), "{name}");
        assert!(ran.cases("skipped").is_empty(), "{name}: {}", ran.report);
    }
}

#[test]
fn without_a_database_a_processor_is_tested_as_far_as_it_goes() {
    let home = folder();
    let text = "frontend = 'sqapi'\nplugin = 'sizes'\n[grants.database]\nconnector = 'db'\n";
    let connector = written(home.path(), "processor.toml", text);
    let ran = tested_as(&artefact::plugin("sizes"), &connector, &[]);
    ran.assert_good();
    assert_eq!(ran.cases("skipped"), ["initialize-again"]);
}

#[test]
fn the_shipped_sqlite_passes() {
    let home = folder();
    let connector = of_sqlite(home.path());
    let ran = tested_as(&artefact::plugin("sqlite"), &connector, &[]);
    ran.assert_good();
    for case in ["transaction", "log-replaces"] {
        assert!(ran.cases("passed").contains(&case), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_postgres_passes() {
    let (database, home) = (Database::new().await, folder());
    let text = format!(
        "frontend = 'sqapi'\nplugin = 'postgres'\n[[grants.sql]]\nname = 'main'\nurl = '{}'\n",
        database.url()
    );
    let connector = written(home.path(), "postgres.toml", &text);
    let ran = tokio::task::spawn_blocking(move || {
        tested_as(&artefact::plugin("postgres"), &connector, &[])
    });
    let ran = ran.await.unwrap();
    ran.assert_good();
    for case in ["transaction", "log-replaces"] {
        assert!(ran.cases("passed").contains(&case), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_redis_passes() {
    let (redis, home) = (Redis::start().await, folder());
    redis.set("known", r#"{"name":"a"}"#);
    let text = format!(
        "frontend = 'sqapi'\nplugin = 'redis'\n[[grants.kv]]\nname = 'main'\nurl = 'redis://{}/0'\n",
        redis.address()
    );
    let connector = written(home.path(), "redis.toml", &text);
    let ran = tokio::task::spawn_blocking(move || {
        tested_as(
            &artefact::plugin("redis"),
            &connector,
            &["--reference", "known"],
        )
    });
    let ran = ran.await.unwrap();
    ran.assert_good();
    assert!(
        ran.cases("passed").contains(&"fetch-known"),
        "{}",
        ran.report
    );
}
