//! Requests past the grants, past the limits, and without end.

use tenon_host::capability::Grants;
use tenon_host::capability::http::{self, AddressPolicy, ClientOptions};
use tenon_host::dispatch::Outcome::{Deadline, Denied, Internal};
use tenon_tests::connector::Plan;
use tenon_tests::upstream::Upstream;

use super::rig::{Op, Rig, TOKEN, granted};

/// A connector that may call one origin, with the caller's credential.
pub(super) fn calling(origin: &str, addresses: AddressPolicy) -> Plan {
    let template = "Bearer {caller}".parse().unwrap();
    let grant = http::Grant {
        origin: origin.parse().unwrap(),
        addresses,
        credentials: [("caller".to_owned(), template)].into(),
    };
    granted(Grants {
        http: http::Grants::new(vec![grant], &ClientOptions::default()).unwrap(),
        ..Grants::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn only_granted_hosts_are_called_however_one_gets_there() {
    let granted = Upstream::start().await;
    let other = Upstream::start().await;
    let (here, there) = (granted.origin(), other.origin());
    for rig in Rig::both(|| calling(&here, AddressPolicy::Any)) {
        rig.assert_all_end(&[
            (&format!("get {there}/"), Denied, "HttpRequestDenied"),
            (
                "get http://169.254.169.254/latest/",
                Denied,
                "HttpRequestDenied",
            ),
            (
                &format!("get {}/", granted.origin_by_name()),
                Denied,
                "HttpRequestDenied",
            ),
            (
                &format!("follow {here}/redirect/{there}/"),
                Denied,
                "HttpRequestDenied",
            ),
            (
                &format!("follow {here}/redirect/http://169.254.169.254/latest/"),
                Denied,
                "HttpRequestDenied",
            ),
        ])
        .await;
        let twin = format!("follow {here}/redirect/{here}/page");
        assert_eq!(rig.run(Op::Stat, &twin).await.unwrap(), "/page");
    }
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_name_leads_only_where_its_addresses_may() {
    let upstream = Upstream::start().await;
    for origin in [upstream.origin_by_name(), upstream.origin()] {
        let get = format!("get {origin}/page");
        for rig in Rig::both(|| calling(&origin, AddressPolicy::Public)) {
            rig.assert_all_end(&[(&get, Denied, "DestinationIpProhibited")])
                .await;
        }
        assert_eq!(upstream.seen().len(), 0);
    }
    let origin = upstream.origin_by_name();
    for rig in Rig::both(|| calling(&origin, AddressPolicy::Any)) {
        let get = format!("get {origin}/page");
        assert_eq!(rig.run(Op::Stat, &get).await.unwrap(), "/page");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_and_silence_is_timed() {
    let upstream = Upstream::start().await;
    let here = upstream.origin();
    for rig in Rig::both(|| calling(&here, AddressPolicy::Any)) {
        rig.assert_all_end(&[
            (&format!("open 1000 {here}/"), Internal, "`http_open` (4)"),
            (
                &format!("open-one-by-one 1000 {here}/"),
                Internal,
                "`http_requests` (8)",
            ),
        ])
        .await;
        let twins = [
            format!("open 4 {here}/"),
            format!("open-one-by-one 8 {here}/"),
        ];
        rig.assert_all_pass(&twins.each_ref().map(|twin| &**twin))
            .await;
    }
    let impatient = || {
        let mut plan = calling(&here, AddressPolicy::Any);
        plan.limits.first_byte_ms = 400;
        plan
    };
    for rig in Rig::both(impatient) {
        let silent = format!("get {here}/silent");
        rig.assert_all_end(&[(&silent, Deadline, "`first_byte_ms`")])
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_goes_to_its_host_and_nowhere_else() {
    let upstream = Upstream::start().await;
    let here = upstream.origin();
    for (nth, rig) in Rig::both(|| calling(&here, AddressPolicy::Any))
        .iter()
        .enumerate()
    {
        let ask = format!("authorized {here}/{nth}");
        assert_eq!(rig.run(Op::Stat, &ask).await.unwrap(), format!("/{nth}"));
        let sent = upstream.seen()[nth].headers["authorization"].clone();
        assert_eq!(sent, format!("Bearer {TOKEN}"));
        let memory = rig.read("memory").await.unwrap().unwrap();
        assert!(!String::from_utf8_lossy(&memory).contains(TOKEN));
    }
}

/// A warm sandbox remembers; what it remembers is worth nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_is_worthless_in_the_next_call() {
    let upstream = Upstream::start().await;
    let here = upstream.origin();
    let [_, rig] = Rig::both(|| calling(&here, AddressPolicy::Any));
    let placeholder = rig.run(Op::Stat, "remember caller").await.unwrap();
    assert!(!placeholder.contains(TOKEN));
    rig.run(Op::Stat, &format!("replay {here}/")).await.unwrap();
    let sent = upstream.seen()[0].headers["authorization"].clone();
    // It did remember, and all it had was the placeholder itself.
    assert_eq!(sent, placeholder);
}
