//! Messages that were given up, as an operator sees them, sends them again and
//! forgets them by the command line.

use serde_json::{Value, json};
use tenon_tests::artefact;
use tenon_tests::operator::{Operator, Ran};
use tenon_tests::postgres::Database;
use tenon_tests::sqapi::{Deployment, Running, Table, message};
use tenon_tests::wait;

/// A deployment in which two of three processors fail for what is no picture.
struct Case {
    running: Running,
    table: Table,
    operator: Operator,
    _database: Database,
}

impl Case {
    async fn new() -> Self {
        let database = Database::new().await;
        let deployment = Deployment::new().postgres(&database.url());
        let deployment = ["sizes", "thumbnails", "exif"]
            .iter()
            .fold(deployment, |it, name| it.processor(name, name, ""));
        let deployment = deployment.setup(|setup| setup.operator("ada"));
        let running = deployment.pipeline("", "[retry]\ndelays_ms = [100]\n");
        let running = running.start().await;
        Self {
            operator: running.host.operator("ada"),
            table: Table::new(&database.url()),
            running,
            _database: database,
        }
    }

    /// A message about what is called a picture and is none, until it failed.
    async fn fail(&self, uuid: &str) {
        let path = format!("{uuid}.jpg");
        self.running.store(&path, b"no picture");
        let mut picture = message(uuid, &path);
        picture["data_type"] = json!("image/jpeg");
        assert_eq!(self.running.post(&picture).await.status, 202);
        self.table.reaches(uuid, "FAILED").await;
    }

    fn mend(&self, uuid: &str) {
        let picture = artefact::root().join("runtime-config/samples/harbour.jpg");
        let picture = std::fs::read(picture).unwrap();
        self.running.store(&format!("{uuid}.jpg"), &picture);
    }

    async fn sqapi(&self, arguments: &[&str]) -> Ran {
        let arguments = [&["sqapi"], arguments].concat();
        let ran = self.operator.tenon(&arguments).await;
        assert_eq!(ran.code(), Some(0), "{arguments:?}: {}", ran.stderr());
        ran
    }

    /// What is listed, each as its object and its processors.
    async fn failed(&self, arguments: &[&str]) -> Vec<Value> {
        let listed = self
            .sqapi(&[&["failed", "--json"], arguments].concat())
            .await;
        let listed = listed.json();
        let listed = listed.as_array().unwrap().iter();
        listed
            .map(|it| json!([it["uuid"], it["plugins"]]))
            .collect()
    }

    /// The row of a message, once both lists of processors are as they are to
    /// be.
    async fn has(&self, uuid: &str, done: &[&str], failed: &[&str]) {
        wait::until(
            &format!("{done:?} done and {failed:?} failed"),
            async || {
                let results = self.table.get(uuid).await?.results;
                let is = |name: &&&str, status: &str| results[**name]["status"] == status;
                let all_done = done.iter().all(|name| is(&name, "done"));
                (all_done && failed.iter().all(|name| is(&name, "failed"))).then_some(())
            },
        )
        .await;
    }
}

#[tokio::test]
async fn what_failed_is_listed() {
    let case = Case::new().await;
    let nothing = case.sqapi(&["failed"]).await.stdout();
    assert_eq!(nothing, "nothing has failed\n");
    case.fail("a").await;
    case.fail("b").await;
    let shown = case.sqapi(&["failed"]).await.stdout();
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines.len(), 3, "{shown}");
    assert!(lines[0].starts_with("FAILED "), "{shown}");
    for text in ["main", " a ", "invalid", "thumbnails,exif", "picture"] {
        assert!(lines[1].contains(text), "{text}: {shown}");
    }
    let listed = case.sqapi(&["failed", "--json"]).await.json();
    let first = &listed[0];
    assert_eq!(first["pipeline"], "main");
    assert_eq!(first["kind"], "invalid");
    assert_eq!(first["attempt"], 0);
    let body: Value = serde_json::from_str(first["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["data_location"], "a.jpg");
    let plugins = json!(["thumbnails", "exif"]);
    let (a, b) = (json!(["a", plugins]), json!(["b", plugins]));
    let after = first["id"].as_str().unwrap();
    for (arguments, expected) in [
        (&[][..], &[a.clone(), b.clone()][..]),
        (&["--uuid", "b"], std::slice::from_ref(&b)),
        (
            &["--pipeline", "main", "--uuid", "a"],
            std::slice::from_ref(&a),
        ),
        (&["--pipeline", "other"], &[]),
        (&["--processor", "exif"], &[a.clone(), b.clone()]),
        (&["--processor", "sizes"], &[]),
        (&["--after", after], std::slice::from_ref(&b)),
    ] {
        assert_eq!(case.failed(arguments).await, expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn what_was_mended_is_done_after_a_retry() {
    let case = Case::new().await;
    for uuid in ["a", "b", "c"] {
        case.fail(uuid).await;
    }
    case.mend("a");
    let sent = case.sqapi(&["retry", "--uuid", "a"]).await;
    assert_eq!(sent.stdout(), "1 messages sent again\n");
    let state = case.table.reaches("a", "DONE").await;
    assert_eq!(state.info, None);
    case.has("a", &["sizes", "thumbnails", "exif"], &[]).await;
    assert_eq!(case.failed(&["--uuid", "a"]).await.len(), 0);
    assert_eq!(case.table.rows_of("thumbnails").await, 1);

    // One of two is still broken, and fails again.
    case.mend("b");
    let sent = case.sqapi(&["retry", "--json"]).await.json();
    assert_eq!(sent, json!({ "messages": 2 }));
    case.table.reaches("b", "DONE").await;
    let left = json!(["c", ["thumbnails", "exif"]]);
    wait::until("it has failed again", async || {
        (case.failed(&[]).await == [left.clone()]).then_some(())
    })
    .await;
    let events = case.operator.events(0).await;
    let retried = events.iter().filter(|it| it.action == "sqapi-retried");
    let retried: Vec<_> = retried
        .map(|it| (&*it.actor, &it.detail["messages"]))
        .collect();
    assert_eq!(retried, [("ada", &json!(1)), ("ada", &json!(2))]);
}

#[tokio::test]
async fn one_processor_is_retried_and_the_rest_stays() {
    let case = Case::new().await;
    case.fail("a").await;
    case.mend("a");
    let sent = case.sqapi(&["retry", "--processor", "exif"]).await;
    assert_eq!(sent.stdout(), "1 messages sent again\n");
    case.has("a", &["sizes", "exif"], &["thumbnails"]).await;
    let state = case.table.reaches("a", "FAILED").await;
    assert!(
        state.info.unwrap().starts_with("thumbnails: "),
        "who failed"
    );
    assert_eq!(case.failed(&[]).await, [json!(["a", ["thumbnails"]])]);
    let sent = case.sqapi(&["retry", "--processor", "exif"]).await;
    assert_eq!(sent.stdout(), "0 messages sent again\n");
    case.sqapi(&["retry", "--processor", "thumbnails"]).await;
    case.table.reaches("a", "DONE").await;
    assert_eq!(case.failed(&[]).await.len(), 0);
}

#[tokio::test]
async fn what_is_purged_is_forgotten() {
    let case = Case::new().await;
    for uuid in ["a", "b", "c"] {
        case.fail(uuid).await;
    }
    // All of them is said, or how old they are.
    let wrong = case.operator.tenon(&["sqapi", "purge"]).await;
    assert_eq!(wrong.code(), Some(2), "{}", wrong.stderr());
    for (arguments, forgotten) in [
        (&["--older-than-days", "1"][..], 0),
        (&["--all", "--pipeline", "other"], 0),
        (&["--all", "--uuid", "a"], 1),
        (&["--all", "--processor", "exif"], 2),
    ] {
        let purged = case.sqapi(&[&["purge"], arguments].concat()).await;
        let expected = format!("{forgotten} messages forgotten\n");
        assert_eq!(purged.stdout(), expected, "{arguments:?}");
    }
    let left = [json!(["b", ["thumbnails"]]), json!(["c", ["thumbnails"]])];
    assert_eq!(case.failed(&[]).await, left);
    let purged = case
        .sqapi(&["purge", "--older-than-days", "0", "--json"])
        .await;
    assert_eq!(purged.json(), json!({ "messages": 2 }));
    assert_eq!(case.failed(&[]).await.len(), 0);
}
