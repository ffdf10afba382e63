//! Files, schemas and URLs, and what an operator is told of bad ones.

use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use super::*;

on_both!(what_was_stored_is_there_again, a_newer_schema_is_left_alone,);

const SOON: Duration = Duration::from_secs(1);
const PASSWORD: &str = "hunter2-of-the-operator";

async fn what_was_stored_is_there_again(database: Database) {
    let persistence = database.open().await;
    let digest = add(&persistence, "d").await;
    activate(&persistence, "a", &digest).await;
    let before = persistence.snapshot().await.unwrap();
    persistence.pool.close().await;
    let closed = persistence.revision().await;
    assert!(matches!(closed, Err(Error::Unreachable(_))), "{closed:?}");
    let again = database.open().await;
    assert_eq!(again.snapshot().await.unwrap(), before);
    assert_eq!(again.bytes(&digest).await.unwrap().unwrap(), b"d");
    assert_eq!(activate(&again, "a", &digest).await, before.revision + 1);
}

async fn a_newer_schema_is_left_alone(database: Database) {
    let persistence = database.open().await;
    let newer = "INSERT INTO _sqlx_migrations \
                 (version, description, success, checksum, execution_time) \
                 SELECT 99, 'future', success, checksum, 0 FROM _sqlx_migrations LIMIT 1";
    assert_eq!(execute(&persistence, newer).await, 1);
    let opened = Persistence::open(&database.url).await;
    assert!(matches!(opened, Err(Error::Newer(99))), "{opened:?}");
}

#[tokio::test]
async fn a_file_is_made_for_nobody_else_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state of things/100% #1?/tenon.db");
    let persistence = Persistence::open(&Persistence::url_of(&file))
        .await
        .unwrap();
    assert_eq!(persistence.revision().await.unwrap(), 0);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    assert_eq!(mode(file.parent().unwrap().parent().unwrap()), 0o700);
    add(&persistence, "d").await;
    let log = file.with_file_name("tenon.db-wal");
    assert_eq!(mode(&log), 0o600);
}

#[tokio::test]
async fn a_file_that_cannot_be_had_is_named() {
    let database = Database::sqlite();
    let folder = database.folder().unwrap();
    std::fs::write(
        folder.join("text.db"),
        "no database, but long enough a text".repeat(99),
    )
    .unwrap();
    for path in [
        folder.clone(),
        folder.join("text.db"),
        folder.join("text.db/tenon.db"),
        // Nobody can make files there, not even root.
        "/proc/tenon/tenon.db".into(),
    ] {
        let opened = Persistence::open_within(&Persistence::url_of(&path), SOON).await;
        let error = opened.unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
    drop(database.open().await);
    let url = database.url.replace("mode=rwc", "mode=ro");
    let error = Persistence::open_within(&url, SOON).await.unwrap_err();
    assert!(error.to_string().contains("readonly"), "{error}");
}

/// What is logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_password_is_shown_nowhere() {
    let database = Database::postgres().await;
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(lines.finish());
    tracing::info!("logs are caught");
    let mut good: url::Url = database.url.parse().unwrap();
    if good.password().is_none() {
        good.set_password(Some(PASSWORD)).unwrap();
    }
    let hidden = good.password().unwrap().to_owned();
    let persistence = Persistence::open(good.as_str()).await.unwrap();
    assert!(!format!("{persistence:?}").contains(&hidden));

    let changed = |change: &dyn Fn(&mut url::Url)| {
        let mut url = good.clone();
        change(&mut url);
        url.set_password(Some(PASSWORD)).unwrap();
        String::from(url)
    };
    let refused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = refused.local_addr().unwrap().port();
    drop(refused);
    let urls = [
        ("refused", changed(&|url| url.set_port(Some(port)).unwrap())),
        (
            "no_such_role",
            changed(&|url| url.set_username("no_such_role").unwrap()),
        ),
        (
            "no_such_database",
            changed(&|url| url.set_path("/no_such_database")),
        ),
        (
            "lookup",
            changed(&|url| url.set_host(Some("no-such-host.invalid")).unwrap()),
        ),
        (
            "`pasword`",
            changed(&|url| url.set_query(Some(&format!("pasword={PASSWORD}")))),
        ),
        (
            "sslmode",
            changed(&|url| url.set_query(Some("sslmode=sometimes"))),
        ),
        (
            "sslrootcert",
            changed(&|url| {
                url.set_query(Some("sslmode=verify-full&sslrootcert=/no/such/file"));
            }),
        ),
        ("port", format!("postgres://u:{PASSWORD}@host:port/db")),
        ("scheme", format!("mysql://u:{PASSWORD}@host/db")),
        ("", format!("u:{PASSWORD}@host/db")),
        ("", PASSWORD.to_owned()),
    ];
    for (what, url) in urls {
        let error = Persistence::open_within(&url, SOON).await.unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains(PASSWORD), "{what}: {shown}");
        println!("{what}: {error}");
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("logs are caught"), "{log}");
    assert!(!log.contains(&hidden) && !log.contains(PASSWORD), "{log}");
}
