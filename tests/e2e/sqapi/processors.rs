//! A processor that breaks rules, beside three that do not: what it does ends
//! as contract and design say, and nobody else notices.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tenon_tests::postgres::Database;
use tenon_tests::sqapi::{Deployment, PROCESSORS, Producer, Running, Table, message};
use tenon_tests::{artefact, wait};

/// Two further tries.
const RETRY: &str = "[retry]\ndelays_ms = [100, 200]\n";
const TRIES: u64 = 3;
/// Longest that one who asks for `/health` may wait on a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// A deed, the outcome it has, and a part of its reason.
type Row = (&'static str, &'static str, &'static str);

/// What another try may change.
const TRIED_AGAIN: [Row; 18] = [
    ("trap", "internal", "the plugin trapped"),
    ("panic", "internal", "the plugin trapped"),
    ("exit 3", "internal", "exited with status 1"),
    ("spin", "internal", "limit `cpu_ms`"),
    ("wait", "deadline", "limit `first_byte_ms`"),
    ("grow", "internal", "limit `memory_bytes`"),
    ("recurse", "internal", "limit `stack`"),
    ("open-for-ever", "internal", "limit `handles`"),
    ("long-result 70000", "internal", "a result of 70002 bytes"),
    ("no-json", "internal", "a result that is no JSON"),
    ("deep-json", "internal", "a result that is no JSON"),
    ("large-statement", "internal", "limit `hostcall_bytes`"),
    ("endless-rows", "internal", "limit `sql_result_bytes`"),
    ("not-found", "not-found", "on purpose"),
    ("rate-limited", "rate-limited", "on purpose"),
    ("unavailable", "unavailable", "on purpose"),
    ("internal", "internal", "on purpose"),
    ("initialize-trap", "unavailable", "has not started yet"),
];

/// What none can.
const GIVEN_UP: [Row; 16] = [
    ("invalid", "invalid", "on purpose"),
    ("unauthenticated", "unauthenticated", "on purpose"),
    ("denied", "denied", "on purpose"),
    ("conflict", "conflict", "on purpose"),
    ("unsupported", "unsupported", "on purpose"),
    ("long-error", "invalid", "x\\n"),
    ("malformed-sql", "invalid", "SELEC"),
    ("several-malformed", "invalid", "SELEC"),
    ("no-statement", "invalid", ""),
    ("no-such-table", "invalid", "nowhere_at_all"),
    ("unnamed-parameter", "invalid", "nobody"),
    ("unclosed-parameter", "invalid", ""),
    ("cut-parameters", "invalid", ""),
    ("huge-parameters", "invalid", ""),
    ("deep-parameters", "invalid", ""),
    ("nul", "invalid", ""),
];

/// Three that work, and what is put in beside them.
struct Case {
    running: Running,
    table: Table,
    _database: Database,
}

/// What the hostile ones may use: little, so that no test waits long.
fn limits(deed: &str) -> &'static str {
    match deed {
        "wait" => "first_byte_ms = 1000\n",
        "leak-stream" | "leak-pollable" => "handles = 64\n",
        _ => "first_byte_ms = 20000\ncpu_ms = 500\nhandles = 256\n",
    }
}

fn name(deed: &str) -> &str {
    deed.split(' ').next().unwrap_or(deed)
}

/// Adds one, which takes a media type of its own.
fn hostile(deployment: Deployment, deed: &str) -> Deployment {
    let (name, guest) = (name(deed), artefact::guest("hostile-processor"));
    let more = format!("[config]\ndeed = '{deed}'\n[limits]\n{}", limits(deed));
    deployment
        .processor(name, &guest.display().to_string(), &more)
        .with(&format!("accepts = ['test/{name}']\n"))
}

impl Case {
    async fn new(deeds: impl IntoIterator<Item = &'static str>) -> Self {
        let database = Database::new().await;
        let deployment = Deployment::new()
            .postgres(&database.url())
            .operated()
            .processors()
            .pipeline("", RETRY);
        let deployment = deeds.into_iter().fold(deployment, hostile);
        let running = deployment.start().await;
        running.store("a.txt", b"six by");
        Self {
            table: Table::new(&database.url()),
            running,
            _database: database,
        }
    }

    /// A message that the deed's processor takes, beside those that take all.
    async fn post(&self, uuid: &str, deed: &str) {
        let mut message = message(uuid, "a.txt");
        message["data_type"] = json!(format!("test/{}", name(deed)));
        let answer = self.running.post(&message).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }

    /// The good ones have each message once, nothing is under way any more,
    /// and the host is well.
    async fn others_are_done(&self, messages: usize) {
        let messages = i64::try_from(messages).unwrap();
        for processor in PROCESSORS {
            assert_eq!(self.table.rows_of(processor).await, messages);
        }
        let counts = self.table.counts().await;
        let ended = |(status, _): &(String, i64)| ["DONE", "FAILED"].contains(&status.as_str());
        assert!(counts.iter().all(ended), "{counts:?}");
        self.running.nothing_is_left().await;
        self.running.healthy().await;
    }

    /// That a message failed by this deed alone, for this reason.
    async fn failed(&self, (deed, outcome, reason): Row) {
        let name = name(deed);
        let state = self.table.reaches(name, "FAILED").await;
        let info = state.info.unwrap_or_default();
        assert!(info.starts_with(&format!("{name}: {outcome}: ")), "{info}");
        assert!(info.contains(reason), "{deed}: {info}");
        assert!(info.len() <= 2100 && !info.contains(['\n', '\0']), "{info}");
        let result = &state.results[name];
        assert_eq!(result["status"], "failed", "{deed}: {result}");
        assert_eq!(result["outcome"], outcome, "{deed}: {result}");
        for processor in PROCESSORS {
            let result = &state.results[processor];
            assert_eq!(result["status"], "done", "{deed}: {processor}: {result}");
        }
    }
}

/// Of a failed message: how often it was tried, and which processors failed.
fn buried<'a>(failures: &'a [Value], uuid: &str) -> (u64, &'a Value) {
    let mut of_uuid = failures.iter().filter(|it| it["uuid"] == uuid);
    let (Some(failure), None) = (of_uuid.next(), of_uuid.next()) else {
        panic!("{uuid} is not buried once: {failures:#?}");
    };
    (
        failure["attempt"].as_u64().unwrap() + 1,
        &failure["plugins"],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_misdeed_ends_and_the_others_finish() {
    let rows = || TRIED_AGAIN.iter().chain(&GIVEN_UP);
    let case = Case::new(rows().map(|(deed, ..)| *deed)).await;
    for (deed, ..) in rows() {
        case.post(name(deed), deed).await;
    }
    for row in rows() {
        case.failed(*row).await;
        let health = tokio::time::timeout(SOON, case.running.get("/health")).await;
        assert_eq!(health.expect("an answer soon").status, 200);
    }
    let messages = rows().count();
    case.others_are_done(messages).await;
    let failures = case.running.failures().await;
    assert_eq!(failures.len(), messages, "{failures:#?}");
    for (deed, ..) in &TRIED_AGAIN {
        let expected = (TRIES, &json!([name(deed)]));
        assert_eq!(buried(&failures, name(deed)), expected, "{deed}");
    }
    for (deed, ..) in &GIVEN_UP {
        assert_eq!(buried(&failures, name(deed)), (1, &json!([name(deed)])));
    }
}

/// The benign twins, and what is bad for a sandbox, but no message's fault.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_leaks_is_done_all_the_same() {
    const EACH: usize = 40;
    let deeds = [
        "fine",
        "nothing",
        "leak-memory",
        "leak-stream",
        "leak-pollable",
        "read",
        "read-past-the-end",
        "open-transaction",
        "long-result 60000",
    ];
    let case = Case::new(deeds).await;
    for number in 0..EACH {
        for deed in deeds {
            case.post(&format!("{}-{number}", name(deed)), deed).await;
        }
    }
    let all = EACH * deeds.len();
    case.table.holds(i64::try_from(all).unwrap(), "DONE").await;
    case.others_are_done(all).await;
    let state = case.table.get("read-1").await.unwrap();
    assert_eq!(state.results["read"]["result"], 6);
    assert_eq!(case.running.failures().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_try_leaves_out_who_is_done() {
    let retry = "[retry]\ndelays_ms = [100, 1500]\n";
    let database = Database::new().await;
    let deployment = Deployment::new()
        .postgres(&database.url())
        .operated()
        .processors()
        .pipeline("", retry);
    let all = "accepts = []\n";
    let guest = artefact::guest("hostile-processor").display().to_string();
    let deed = |deed: &str| format!("[config]\ndeed = '{deed}'\n");
    let running = deployment
        .processor("count", &guest, &deed("count"))
        .with(all)
        .processor("flaky", &guest, &deed("fail-first 4"))
        .with(all)
        .start()
        .await;
    running.store("a.txt", b"six by");
    let table = Table::new(&database.url());
    assert_eq!(running.post(&message("m", "a.txt")).await.status, 202);

    let state = table.reaches("m", "RETRY").await;
    let info = state.info.unwrap();
    assert!(info.starts_with("flaky: unavailable: try "), "{info}");
    assert_eq!(
        state.results["count"],
        json!({"status": "done", "result": 1})
    );
    let state = table.reaches("m", "FAILED").await;
    assert_eq!(state.info.as_deref(), Some("flaky: unavailable: try 3"));
    assert_eq!(table.tries("count", "m").await, 1);
    assert_eq!(table.tries("fail-first", "m").await, 3);

    // Sent again by an operator, it fails once more and is then done.
    assert_eq!(running.retry_failures().await, 1);
    let state = table.reaches("m", "DONE").await;
    assert_eq!(
        state.results["flaky"],
        json!({"status": "done", "result": 5})
    );
    assert_eq!(table.tries("count", "m").await, 1);
    assert_eq!(running.failures().await, Vec::<Value>::new());
    running.nothing_is_left().await;
}

/// It asks to be left alone for half a billion years.
#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_holds_a_message_up_for_a_day_at_most() {
    let case = Case::new(["never-again"]).await;
    case.post("m", "never-again").await;
    case.table.reaches("m", "RETRY").await;
    let Producer::Embedded(queue) = Producer::embedded(&case.running.host.setup).await else {
        unreachable!()
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_millis()).unwrap();
    let due = wait::until("the message waits", async || {
        let due = sqlx::query_scalar("SELECT due_at FROM queue");
        let due: i64 = due.fetch_one(&queue).await.ok()?;
        (due > now + 60_000).then_some(due)
    })
    .await;
    let (minute, day) = (60_000, 86_400_000);
    assert!(due <= now + day + minute, "in {} days", (due - now) / day);
}

/// Whoever cannot start is named, and holds up nobody who can.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_start_is_named() {
    let deeds = [
        ("initialize-trap", "the plugin trapped"),
        ("initialize-spin", "limit `cpu_ms`"),
        ("initialize-denied", "on purpose"),
        ("initialize-malformed", "NONSENSE"),
        ("routes-trap", "the plugin trapped"),
        ("routes-many", "limit `hostcall_bytes`"),
    ];
    let case = Case::new(deeds.map(|(deed, _)| deed)).await;
    let health = case.running.get("/health").await.json();
    let failed = health["plugins"]["failed"].as_array().unwrap();
    for (deed, reason) in deeds {
        let found = failed.iter().find(|it| it["name"] == deed);
        let error = found.map(|it| it["error"].as_str().unwrap_or_default());
        let error = error.unwrap_or_else(|| panic!("{deed} is not named: {health}"));
        assert!(error.contains(reason), "{deed}: {error}");
    }
    let active = health["plugins"]["active"].as_array().unwrap();
    assert_eq!(active.len(), PROCESSORS.len(), "{health}");
    case.post("good", "of-nobody-hostile").await;
    case.table.reaches("good", "DONE").await;
    case.others_are_done(1).await;
}

/// Nobody knows what it would take, so nothing is done without it.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_say_what_it_takes_is_waited_for() {
    for (deed, reason) in [
        ("accept-trap", "the plugin trapped"),
        ("accept-nonsense", "no media type"),
    ] {
        let database = Database::new().await;
        let guest = artefact::guest("hostile-processor").display().to_string();
        let running = Deployment::new()
            .postgres(&database.url())
            .processors()
            .processor("hostile", &guest, &format!("[config]\ndeed = '{deed}'\n"))
            .pipeline("", RETRY)
            .start()
            .await;
        running.store("a.txt", b"six by");
        assert_eq!(running.post(&message("m", "a.txt")).await.status, 202);
        let state = Table::new(&database.url()).reaches("m", "FAILED").await;
        let info = state.info.unwrap();
        assert!(
            info.contains("hostile: unavailable: the processor has not started yet"),
            "{info}"
        );
        for processor in PROCESSORS {
            assert_eq!(state.results[processor]["status"], "done");
        }
        let health = running.get("/health").await.json();
        let error = health["plugins"]["failed"][0]["error"].as_str().unwrap();
        assert!(error.contains(reason), "{error}");
    }
}
