//! The faults, through one system for all.

use std::time::Duration;

use tenon_fakes::zenodo::Operation;
use tenon_fakes::{Fault, Hold, Nth};

use super::*;
use crate::raw::Cut;

fn creation() -> Request {
    request("POST", DEPOSITIONS).json(&json!({}))
}

/// What a creation meets, and how many deposits there are then.
fn create_with(fault: Fault) -> (Result<Reply, Cut>, usize) {
    let zenodo = fake();
    zenodo.fail(Operation::Create, 1, fault);
    let reply = creation().try_send(&zenodo.origin());
    (reply, zenodo.deposits().len())
}

#[test]
fn a_status_comes_without_or_after_the_effect() {
    let (reply, made) = create_with(Fault::Status(503));
    assert_eq!((reply.expect("a reply").status, made), (503, 0));
    let (reply, made) = create_with(Fault::StatusAfter(502));
    assert_eq!((reply.expect("a reply").status, made), (502, 1));
}

#[test]
fn a_rate_limit_says_when_to_come_back() {
    let (reply, made) = create_with(Fault::RateLimited(7));
    let reply = reply.expect("a reply");
    assert_eq!((reply.status, made), (429, 0));
    assert_eq!(reply.header("retry-after"), Some("7"));
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(reply.json()["status"], 429);
}

#[test]
fn a_connection_closes_before_or_after_the_effect() {
    let (reply, made) = create_with(Fault::Close);
    assert_eq!((reply.expect_err("a cut"), made), (Cut(0), 0));
    let (reply, made) = create_with(Fault::CloseAfter);
    assert_eq!((reply.expect_err("a cut"), made), (Cut(0), 1));
}

#[test]
fn an_answer_is_cut_in_its_body() {
    let (reply, made) = create_with(Fault::CloseInAnswer);
    let Cut(length) = reply.expect_err("a cut");
    assert!(length > 0, "half of a body");
    assert_eq!(made, 1);
}

#[test]
fn an_answer_is_not_json() {
    let (reply, made) = create_with(Fault::Garbage);
    let reply = reply.expect("a reply");
    assert_eq!((reply.status, made), (201, 1));
    assert!(reply.body.starts_with(b"<html>"));
}

#[test]
fn an_upload_is_cut_while_it_is_read() {
    let zenodo = fake();
    let (_, bucket) = paths(&zenodo);
    zenodo.fail(
        Operation::PutObject,
        Nth::Every,
        Fault::CloseInRequest(1 << 16),
    );
    let upload = request("PUT", &format!("{bucket}/a")).body(vec![0; 1 << 20]);
    assert!(upload.try_send(&zenodo.origin()).is_err());
    assert!(zenodo.deposits()[0].files.is_empty());
    let received = zenodo.calls()[1].received;
    assert!(((1 << 16)..(1 << 20)).contains(&received), "{received}");
}

#[test]
fn a_slow_answer_comes_whole() {
    for fault in [
        Fault::Slow(Duration::from_millis(1)),
        Fault::Delay(Duration::from_millis(1)),
    ] {
        let (reply, made) = create_with(fault);
        assert_eq!(reply.expect("a reply").json()["submitted"], false);
        assert_eq!(made, 1);
    }
}

#[test]
fn a_silent_server_has_no_effect_or_has_had_it() {
    for (fault, made) in [(Fault::Hang, 0), (Fault::HangAfter, 1)] {
        let zenodo = fake();
        zenodo.fail(Operation::Create, 1, fault);
        let stream = creation().start(&zenodo.origin());
        // A second call through another connection: the first is handled.
        while zenodo.calls().is_empty() || zenodo.deposits().len() < made {
            std::thread::yield_now();
        }
        assert_eq!(create(&zenodo)["submitted"], false);
        assert_eq!(zenodo.deposits().len(), made + 1);
        assert_eq!(zenodo.calls()[0].status, None);
        drop(stream);
    }
}

#[test]
fn a_held_call_goes_on_without_its_client() {
    let zenodo = fake();
    let hold = Hold::new();
    zenodo.fail(Operation::Create, 1, Fault::Hold(hold.clone()));
    let stream = creation().start(&zenodo.origin());
    hold.wait();
    drop(stream);
    assert!(zenodo.deposits().is_empty());
    hold.release();
    while zenodo.deposits().is_empty() {
        std::thread::yield_now();
    }
}

#[test]
fn a_held_answer_comes_when_it_may() {
    let zenodo = fake();
    let hold = Hold::new();
    zenodo.fail(Operation::Create, 1, Fault::HoldAfter(hold.clone()));
    let origin = zenodo.origin();
    let client = std::thread::spawn(move || creation().send(&origin).status);
    hold.wait();
    assert_eq!(zenodo.deposits().len(), 1);
    assert_eq!(zenodo.calls()[0].status, None);
    hold.release();
    assert_eq!(client.join().expect("a client"), 201);
}

#[test]
fn faults_are_counted_over_all_operations_and_healed() {
    let zenodo = fake();
    zenodo.fail_call(2, Fault::Status(500));
    let list = || request("GET", DEPOSITIONS).send(&zenodo.origin()).status;
    create(&zenodo);
    assert_eq!((list(), list()), (500, 200));
    zenodo.fail_call(Nth::From(4), Fault::Status(500));
    assert_eq!((list(), list()), (500, 500));
    zenodo.heal();
    assert_eq!(list(), 200);
}

#[test]
fn a_creation_whose_fate_is_unknown_is_not_repeated() {
    for (fault, allowed) in [
        (Fault::CloseAfter, false),
        (Fault::Status(502), false),
        (Fault::RateLimited(1), true),
    ] {
        let zenodo = fake();
        zenodo.fail(Operation::Create, 1, fault);
        let create = creation().header("x-request-id", "r");
        _ = create.try_send(&zenodo.origin());
        let again = create.send(&zenodo.origin()).status;
        assert_eq!(
            (again, rules(&zenodo).is_empty()),
            if allowed { (201, true) } else { (400, false) }
        );
    }
}

#[test]
fn a_fake_stops_listening_and_starts_again() {
    let zenodo = fake();
    create(&zenodo);
    zenodo.refuse_connections();
    let address = zenodo.origin().replace("http://", "");
    assert!(std::net::TcpStream::connect(&address).is_err());
    zenodo.accept_connections();
    create(&zenodo);
    assert_eq!(zenodo.deposits().len(), 2);
}

#[test]
fn a_publication_is_not_repeated_without_a_look() {
    for looks in [false, true] {
        let zenodo = fake();
        let (deposit, _) = ready(&zenodo);
        zenodo.fail(Operation::Publish, 1, Fault::Close);
        let origin = zenodo.origin();
        let ask = |method, path: &str| request(method, path).header("x-request-id", "r");
        let publish = ask("POST", &format!("{deposit}/actions/publish"));
        assert!(publish.try_send(&origin).is_err());
        if looks {
            assert_eq!(ask("GET", &deposit).send(&origin).status, 200);
        } else {
            ask("GET", DEPOSITIONS).send(&origin);
        }
        let again = publish.send(&origin).status;
        let expected: &[&str] = match looks {
            true => &[],
            false => &["a call repeated without a look at what became of it"],
        };
        assert_eq!(again, if looks { 202 } else { 400 });
        assert_eq!(rules(&zenodo), expected);
    }
}
