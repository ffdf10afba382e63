//! What is counted of requests.

use super::*;
use crate::capability::secret::CALLER;
use crate::capability::usage::Report;

fn report(hooks: &Hooks) -> Report {
    hooks.usage.report(&hooks.grants)
}

#[tokio::test]
async fn each_origin_counts_its_own_requests_and_bytes() {
    let (used, spare) = (Server::start().await, Server::start().await);
    let mut hooks = hooks(vec![
        grant(&spare.origin(), AddressPolicy::Any),
        grant(&used.origin(), AddressPolicy::Any),
    ]);
    let response = get(&mut hooks, &used.uri("/12345")).await.unwrap();
    assert_eq!(text(response).await.unwrap(), "/12345");
    let request = Request::post(used.uri("/p")).header("content-length", 3);
    let request = request.body(parts(vec!["ab", "c"])).unwrap();
    text(send(&mut hooks, request).await.unwrap())
        .await
        .unwrap();

    let http = report(&hooks).http;
    assert_eq!(http[0].requests.times, 0);
    assert_eq!(http[1].requests.times, 2);
    assert_eq!((http[1].sent_bytes, http[1].received_bytes), (3, 8));
    assert!(http[1].requests.last > Some(1_700_000_000_000));
    let meter = &hooks.context.meter;
    assert_eq!((meter.sent(), meter.received()), (3, 8));
}

#[tokio::test]
async fn a_credential_counts_where_it_is_put_in() {
    let server = Server::start().await;
    let mut grant = grant(&server.origin(), AddressPolicy::Any);
    grant.credentials = [(CALLER.to_owned(), "Bearer {caller}".parse().unwrap())].into();
    let mut hooks = hooks(vec![grant]);
    let placeholder = hooks.placeholders.issue(CALLER);
    text(get(&mut hooks, &server.uri("/")).await.unwrap())
        .await
        .unwrap();
    let placed = |hooks: &Hooks| {
        let report = report(hooks);
        let named = report.http[0].credentials.iter();
        let named = named.map(|it| (it.name.clone(), it.placed.times));
        (named.collect::<Vec<_>>(), report.secrets)
    };
    assert!(placed(&hooks).0.iter().all(|(_, times)| *times == 0));
    let request = Request::get(server.uri("/")).header("authorization", placeholder);
    let request = request.body(empty()).unwrap();
    text(send(&mut hooks, request).await.unwrap())
        .await
        .unwrap();
    let (credentials, secrets) = placed(&hooks);
    assert!(
        credentials.contains(&(CALLER.to_owned(), 1)),
        "{credentials:?}"
    );
    let caller = secrets.iter().find(|secret| secret.name == CALLER).unwrap();
    assert_eq!(caller.placed.times, 1);
    assert_eq!(
        server.seen()[1].header("authorization"),
        Some("Bearer TOKEN")
    );
}

#[tokio::test]
async fn what_is_refused_names_the_host() {
    let server = Server::start().await;
    let by_name = format!("http://localhost:{}", server.address.port());
    let mut hooks = hooks(vec![grant(&by_name, AddressPolicy::Public)]);
    let sent = get(&mut hooks, "https://elsewhere.example/a?b").await;
    assert_refused!(sent, Error::HttpRequestDenied);
    let sent = get(&mut hooks, &format!("{by_name}/")).await;
    assert_refused!(sent, Error::DestinationIpProhibited);
    let report = report(&hooks);
    let hosts: Vec<_> = report
        .refused_hosts
        .iter()
        .map(|host| &host.origin)
        .collect();
    assert_eq!(hosts, ["https://elsewhere.example"]);
    assert_eq!(report.http[0].denied.times, 1);
    assert_eq!(report.denied["http"].times, 2);
}
