//! Placeholders become credentials in one place only: requests to the host
//! whose grant lists them.

use wasmtime_wasi_http::WasiBody;

use super::*;

/// Two origins; the first takes the caller's token and a key.
async fn two_hosts() -> (Server, Server, Hooks) {
    let (trusted, other) = (Server::start().await, Server::start().await);
    let mut first = grant(&trusted.origin(), AddressPolicy::Any);
    first.credentials = [
        (
            "caller".to_owned(),
            "Basic {user}:{caller}".parse().unwrap(),
        ),
        ("key".to_owned(), "{key}".parse().unwrap()),
    ]
    .into();
    let second = grant(&other.origin(), AddressPolicy::Any);
    (trusted, other, hooks(vec![first, second]))
}

fn post(uri: &str, body: &str) -> Request<WasiBody> {
    let length = body.len();
    let body = parts(vec![String::leak(body.to_owned())]);
    let request = Request::post(uri).header("content-length", length);
    request.body(body).unwrap()
}

#[tokio::test]
async fn a_header_gets_the_credential_as_the_template_says() {
    let (trusted, _, mut hooks) = two_hosts().await;
    let (caller, key) = (
        hooks.placeholders.issue("caller"),
        hooks.placeholders.issue("key"),
    );
    let request = Request::get(trusted.uri("/"))
        .header("authorization", &caller)
        .header("x-both", format!("a {key} b {key}"))
        .header(
            "x-plain",
            "tenon-credential-00000000000000000000000000000000",
        );
    send(&mut hooks, request.body(empty()).unwrap())
        .await
        .unwrap();
    let seen = &trusted.seen()[0];
    assert_eq!(seen.header("authorization"), Some("Basic YWxpY2U6VE9LRU4="));
    assert_eq!(seen.header("x-both"), Some("a K3Y b K3Y"));
    assert!(seen.header("x-plain").unwrap().ends_with("0000"));
}

#[tokio::test]
async fn another_host_gets_neither_credential_nor_request() {
    let (_, other, mut hooks) = two_hosts().await;
    let caller = hooks.placeholders.issue("caller");
    let request = Request::get(other.uri("/")).header("authorization", &caller);
    let sent = send(&mut hooks, request.body(empty()).unwrap()).await;
    assert_refused!(sent, Error::HttpRequestDenied);
    let sent = send(&mut hooks, post(&other.uri("/"), &caller)).await;
    assert_refused!(sent, Error::HttpRequestDenied);
    assert!(other.seen().is_empty());
    get(&mut hooks, &other.uri("/")).await.unwrap();
}

#[tokio::test]
async fn a_small_body_is_rewritten_and_keeps_its_framing() {
    let (trusted, _, mut hooks) = two_hosts().await;
    let key = hooks.placeholders.issue("key");
    let body = format!("{{\"key\":\"{key}\"}}");
    send(&mut hooks, post(&trusted.uri("/"), &body))
        .await
        .unwrap();
    send(&mut hooks, post(&trusted.uri("/"), "no placeholder"))
        .await
        .unwrap();
    let seen = trusted.seen();
    assert_eq!(seen[0].body.as_deref(), Some(&b"{\"key\":\"K3Y\"}"[..]));
    assert_eq!(seen[0].header("content-length"), Some("13"));
    assert_eq!(seen[1].body.as_deref(), Some(&b"no placeholder"[..]));
    assert_eq!(seen[1].header("content-length"), Some("14"));
}

/// A password with a quote in it is a password, and no further member.
#[tokio::test]
async fn a_body_says_how_a_credential_is_written() {
    const SECRET: &str = "a\"b\\c&d=e f\n\"";
    let (trusted, _, mut hooks) = two_hosts().await;
    let mut context = crate::capability::call::Context::new("r".into(), "c".into());
    context.user = Some("u".into());
    context.credential = Some(SECRET.into());
    hooks.context = Arc::new(context);
    let mut plain = grant(&trusted.origin(), AddressPolicy::Any);
    plain.credentials = [("caller".to_owned(), "{caller}".parse().unwrap())].into();
    hooks.grants = Arc::new(crate::capability::Grants {
        http: Grants::new(vec![plain], &options()).unwrap(),
        ..Default::default()
    });
    let caller = hooks.placeholders.issue("caller");
    for (media_type, body) in [
        ("application/json; charset=utf-8", format!("[\"{caller}\"]")),
        ("application/problem+json", format!("[\"{caller}\"]")),
        (
            "Application/X-www-form-urlencoded",
            format!("k={caller}&l=1"),
        ),
        ("text/plain", caller.clone()),
    ] {
        let mut request = post(&trusted.uri("/"), &body);
        let media_type = media_type.parse().unwrap();
        request.headers_mut().insert("content-type", media_type);
        send(&mut hooks, request).await.unwrap();
    }
    let seen = trusted.seen();
    let body = |place: usize| seen[place].body.clone().unwrap();
    for json in [body(0), body(1)] {
        let read: Vec<String> = serde_json::from_slice(&json).unwrap();
        assert_eq!(read, [SECRET]);
    }
    let form: Vec<_> = url::form_urlencoded::parse(&body(2)).into_owned().collect();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(form, [pair("k", SECRET), pair("l", "1")]);
    assert_eq!(body(3), SECRET);
}

#[tokio::test]
async fn large_bodies_and_those_of_unknown_length_pass_as_they_are() {
    let (trusted, _, mut hooks) = two_hosts().await;
    let key = hooks.placeholders.issue("key");
    let large = key.clone() + &"x".repeat(64 * 1024);
    send(&mut hooks, post(&trusted.uri("/"), &large))
        .await
        .unwrap();
    let unknown = Request::post(trusted.uri("/")).body(parts(vec![String::leak(key.clone())]));
    send(&mut hooks, unknown.unwrap()).await.unwrap();
    let seen = trusted.seen();
    assert_eq!(seen[0].body.as_deref(), Some(large.as_bytes()));
    assert_eq!(seen[1].body.as_deref(), Some(key.as_bytes()));
}

#[tokio::test]
async fn a_credential_with_a_line_break_adds_no_header() {
    let (trusted, _, mut hooks) = two_hosts().await;
    let mut context = crate::capability::call::Context::new("r".into(), "c".into());
    context.credential = Some("T\r\nx-evil: 1".into());
    hooks.context = Arc::new(context);
    let mut plain = grant(&trusted.origin(), AddressPolicy::Any);
    plain.credentials = [("caller".to_owned(), "Bearer {caller}".parse().unwrap())].into();
    let grants = crate::capability::Grants {
        http: Grants::new(vec![plain], &options()).unwrap(),
        ..Default::default()
    };
    hooks.grants = Arc::new(grants);
    let caller = hooks.placeholders.issue("caller");
    let request = Request::get(trusted.uri("/")).header("authorization", caller);
    let sent = send(&mut hooks, request.body(empty()).unwrap()).await;
    assert_refused!(sent, Error::HttpRequestDenied);
    assert!(trusted.seen().is_empty());
}

#[tokio::test]
async fn nothing_that_is_printed_holds_a_credential() {
    let (_, _, mut hooks) = two_hosts().await;
    hooks.placeholders.issue("caller");
    let printed = format!("{hooks:?} {:?} {:?}", hooks.grants, hooks.context);
    for secret in ["TOKEN", "K3Y"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    let options = ClientOptions {
        proxy: Proxy::from_variables(|_| Some("http://u:PASSWORD@proxy".into())),
        ..options()
    };
    assert!(!format!("{options:?}").contains("PASSWORD"));
}
