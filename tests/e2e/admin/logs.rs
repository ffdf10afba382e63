//! The log, from memory and as it grows.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;
use tenon_tests::host::Signal;
use tenon_tests::setup::{Setup, hostile};
use tenon_tests::wait;

use super::{assert_problem, start};

fn is(message: &'static str) -> impl Fn(&Value) -> bool {
    move |record| record["message"] == message
}

#[tokio::test]
async fn a_guests_lines_are_followed_by_connector_and_request() {
    let setup = Setup::new().operator("ada");
    let setup = setup.connector("port-hostile", &hostile());
    let host = setup.connector("port-other", &hostile()).start().await;
    let operator = host.operator("ada");
    let mut all = operator.follow("/logs?follow=true").await;
    let path = "/logs?follow=true&max=0&level=info&connector=port-hostile";
    let mut filtered = operator.follow(path).await;

    let other = host.caller("port-other", "alice");
    assert_eq!(other.file("log-a-little").await.text(), "logged");
    let caller = host.caller("port-hostile", "alice");
    let caller = caller.with("x-request-id", "the-request");
    assert_eq!(caller.file("log-a-little").await.text(), "logged");

    let own =
        |record: &Value| record["connector"] == "port-hostile" && record["message"] == "a line";
    let line = all.find("the guest's line", own).await;
    assert_eq!(line["request_id"], "the-request");
    assert_eq!(line["target"], "guest");
    assert_eq!(line["level"], "DEBUG");
    assert!(line["timestamp"].is_string());
    // The first that fits is not the other's, nor below the level.
    let line = filtered
        .find("anything", |record| record["target"] == "guest")
        .await;
    assert_eq!(line["connector"], "port-hostile");
    assert_eq!(line["message"], "another");
    // What was logged is on the host's standard error as well, word for word.
    wait::until("the line on standard error", async || {
        host.logs().contains(&line).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_latest_records_are_there_without_following() {
    let (host, operator) = start().await;
    let caller = host.caller("port-hostile", "alice");
    assert_eq!(caller.file("log-a-little").await.text(), "logged");
    host.logged("and one more", 0).await;
    let answer = operator.get("/logs?connector=port-hostile").await;
    assert!(answer.whole);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let text = answer.text();
    let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let records: Vec<Value> = records.collect();
    let at = |message| records.iter().position(is(message)).expect(message);
    assert!(at("a line") < at("another") && at("another") < at("and one more"));
    let last = operator
        .get("/logs?level=warn&connector=port-hostile&max=1")
        .await;
    assert_eq!(last.json()["message"], "and one more");
}

#[tokio::test]
async fn whoever_follows_reads_the_last_of_it() {
    let (mut host, operator) = start().await;
    let mut log = operator.follow("/logs?follow=true&max=0").await;
    let mut events = operator.follow("/events?follow=true").await;
    host.signal(Signal::TERM);
    log.find("the end", is("drained")).await;
    assert_eq!(log.next().await, None);
    while events.next().await.is_some() {}
    assert!(host.ended().await.success());
}

#[tokio::test]
async fn followers_are_few_and_make_room_again() {
    let (_host, operator) = start().await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(operator.follow("/logs?follow=true&max=0").await);
    }
    let refused = operator.get("/logs?follow=true").await;
    assert_problem(&refused, 429, "too-many-followers");
    let refused = operator.get("/events?follow=true").await;
    assert_problem(&refused, 429, "too-many-followers");
    // Whoever does not follow takes no place.
    assert_eq!(operator.get("/events").await.status, 200);
    drop(open);
    tenon_tests::wait::until("there is room again", async || {
        let request = operator.request("GET", "/logs?follow=true", "", "");
        let answer = tenon_tests::client::open(operator.address, request).await;
        (answer.unwrap().status() == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_command_follows_in_either_form() {
    let (host, operator) = start().await;
    let json = ["logs", "--follow", "--json", "--connector=port-hostile"];
    let text = ["logs", "-f", "--max=0", "--connector=port-hostile"];
    for (arguments, expected) in [
        (json, r#""message":"a line""#),
        (text, "DEBUG guest: a line"),
    ] {
        let mut command = operator.command(&arguments);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let found = tokio::task::spawn_blocking(move || {
            let mut lines = output.lines().map_while(Result::ok);
            lines.find(|line| line.contains(expected))
        });
        let caller = host.caller("port-hostile", "alice");
        // It may begin to follow after the first of them.
        tenon_tests::wait::until(expected, async || {
            assert_eq!(caller.file("log-a-little").await.text(), "logged");
            found.is_finished().then_some(())
        })
        .await;
        process.kill().unwrap();
        process.wait().unwrap();
        assert!(found.await.unwrap().is_some());
    }
}
