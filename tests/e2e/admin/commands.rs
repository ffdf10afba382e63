//! The command line against a host: what is printed, and how it ends.

use tenon_tests::{address, host};

use super::start;

#[tokio::test]
async fn exit_codes_say_what_became_of_it() {
    let (_host, operator) = start().await;
    let listed = operator.tenon(&["connectors"]).await;
    assert_eq!(listed.code(), Some(0), "{}", listed.stderr());
    assert!(listed.stdout().starts_with("ID "), "{}", listed.stdout());
    let listed = operator.tenon(&["connectors", "--json"]).await;
    assert!(listed.json().is_array());

    // Refused by the host.
    let refused = operator.tenon(&["rollback", "acme/none"]).await;
    assert_eq!(refused.code(), Some(3));
    let expected = "tenon: no connector `acme/none` [no-connector]\n";
    assert_eq!(refused.stderr(), expected);
    assert_eq!(refused.stdout(), "");
    let refused = operator.tenon(&["--json", "history", "none"]).await;
    assert_eq!(refused.code(), Some(3));
    assert_eq!(refused.json()["code"], "no-connector");
    let mut stranger = operator.clone();
    stranger.token = "tok3n-of-bob".to_owned();
    let refused = stranger.tenon(&["plugins"]).await;
    assert_eq!(refused.code(), Some(3));
    assert!(refused.stderr().contains("[unauthenticated]"));

    // Wrong arguments, and no token.
    let wrong = operator.tenon(&["activate", "none"]).await;
    assert_eq!(wrong.code(), Some(2));
    stranger.token.clear();
    let wrong = stranger.tenon(&["connectors"]).await;
    assert_eq!(wrong.code(), Some(2));
    assert!(wrong.stderr().contains("TENON_TOKEN"), "{}", wrong.stderr());

    // Nobody there, and somebody else.
    let mut nowhere = operator.clone();
    nowhere.address = address::unused();
    let failed = nowhere.tenon(&["prune"]).await;
    assert_eq!(failed.code(), Some(1));
    assert!(failed.stderr().contains("no answer from http://127."));
}

#[tokio::test]
async fn a_token_may_stand_in_a_file() {
    let (host, operator) = start().await;
    host.setup
        .write("../token", format!("{}\n", operator.token));
    let path = host.setup.path("../token");
    let mut elsewhere = operator.clone();
    elsewhere.token.clear();
    let arguments = ["events", "--token-file", path.to_str().unwrap()];
    let listed = elsewhere.tenon(&arguments).await;
    assert_eq!(listed.code(), Some(0), "{}", listed.stderr());
}

#[tokio::test]
async fn a_new_token_opens_a_host() {
    let setup = tenon_tests::setup::Setup::new();
    let mut nobody = tenon_tests::operator::Operator {
        address: setup.admin,
        token: String::new(),
    };
    let made = nobody
        .tenon(&["token", "new", "--name", "eve", "--json"])
        .await;
    let made = made.json();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    let other = nobody.tenon(&["token", "new", "--json"]).await.json();
    assert_ne!(other["token"], made["token"]);
    let host = setup.host(&text("host_toml")).start().await;
    nobody.token = text("token");
    assert_eq!(nobody.get("/connectors").await.status, 200);
    let printed = nobody
        .tenon(&["token", "new", "--name", "eve"])
        .await
        .stdout();
    assert!(
        printed.contains("[[admin.operators]]\nname = \"eve\"\n"),
        "{printed}"
    );
    drop(host);
}

#[tokio::test]
async fn completions_are_of_every_command() {
    let (_host, operator) = start().await;
    for shell in ["bash", "zsh", "fish"] {
        let script = operator.tenon(&["completions", shell]).await;
        assert_eq!(script.code(), Some(0));
        for command in ["activate", "canary", "connectors", "rollback", "promote"] {
            assert!(script.stdout().contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn a_configuration_with_a_token_in_the_clear_is_refused_unseen() {
    let setup = tenon_tests::setup::Setup::new();
    let setup = setup.host("[[admin.operators]]\nname = 'ada'\ntoken_sha256 = 'tok3n'\n");
    let output = host::run(&setup, "check");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(64));
    assert!(text.contains("admin.operators[0].token_sha256: expected the SHA-256"));
    assert!(!text.contains("tok3n"), "{text}");
}
