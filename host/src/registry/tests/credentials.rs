//! Where credentials go, and where they do not.

use secrecy::SecretString;

use super::*;

/// `alice:tok3n` in Basic.
const BASIC: &str = "Basic YWxpY2U6dG9rM24=";

fn log_in(access: &mut Access) {
    access.credentials = Some(Credentials {
        username: "alice".to_owned(),
        password: SecretString::from("tok3n"),
    });
}

/// Wraps an answer: without this authorization it is the challenge.
fn guarded(
    challenge: impl Into<String>,
    wanted: &'static str,
    inner: impl Fn() -> axum::response::Response + Send + Sync + 'static,
) -> impl Fn(&axum::extract::Request) -> axum::response::Response + Send + Sync + 'static {
    let challenge = challenge.into();
    move |request| match request.headers().get("authorization") {
        Some(value) if value == wanted => inner(),
        _ => status(
            StatusCode::UNAUTHORIZED,
            &[("www-authenticate", &challenge)],
        ),
    }
}

#[tokio::test]
async fn go_nowhere_unasked_and_not_after_a_redirect() {
    let storage =
        Script::default().on("GET /storage", |_| answer(StatusCode::OK, &[], component()));
    let storage = storage.serve().await;
    let redirect = format!("http://{}/storage", storage.address);
    let server = honest()
        .on(
            MANIFEST,
            guarded("Basic realm=\"r\"", BASIC, || {
                answer(StatusCode::OK, &[], manifest())
            }),
        )
        .on(blob(), move |_| {
            status(StatusCode::TEMPORARY_REDIRECT, &[("location", &redirect)])
        })
        .serve()
        .await;
    let registries = registries(server.address, log_in);
    registries.pull(&reference(&server)).await.unwrap();
    let asked = (MANIFEST.to_owned(), None);
    let sent = |line: String| (line, Some(BASIC.to_owned()));
    let expected = [asked, sent(MANIFEST.to_owned()), sent(blob())];
    assert_eq!(server.seen(), expected);
    assert_eq!(storage.seen(), [("GET /storage".to_owned(), None)]);
}

#[tokio::test]
async fn stay_here_when_an_upload_goes_elsewhere() {
    let storage = Script::default().on("PUT /upload", |_| status(StatusCode::CREATED, &[]));
    let storage = storage.serve().await;
    let upload = format!("http://{}/upload?state=x", storage.address);
    let server = Script::default()
        .on(
            "POST /v2/team/disk/blobs/uploads/",
            guarded("Basic realm=\"r\"", BASIC, move || {
                status(StatusCode::ACCEPTED, &[("location", &upload)])
            }),
        )
        .on("PUT /v2/team/disk/manifests/1", |_| {
            status(StatusCode::CREATED, &[])
        })
        .serve()
        .await;
    let registries = registries(server.address, log_in);
    let reference = reference(&server);
    let pushed = registries.push(&reference, component(), BTreeMap::new(), None);
    assert_eq!(pushed.await.unwrap().digest, Digest::of(&component()));
    assert_eq!(server.authorizations(), [BASIC]);
    let uploads = vec![("PUT /upload".to_owned(), None); 2];
    assert_eq!(storage.seen(), uploads);
}

#[tokio::test]
async fn go_to_a_token_service_that_was_named() {
    let tokens = Script::default().on("GET /token", |request| {
        let query = request.uri().query().unwrap_or_default();
        assert_eq!(query, "scope=repository%3Ateam%2Fdisk%3Apull&service=r");
        answer(StatusCode::OK, &[], r#"{"token":"t0","access_token":"t0"}"#)
    });
    let tokens = tokens.serve().await;
    let service = format!("http://{}/token", tokens.address);
    let challenge = format!("Bearer realm=\"{service}\",service=\"r\"");
    let server = honest()
        .on(
            MANIFEST,
            guarded(challenge, "Bearer t0", || {
                answer(StatusCode::OK, &[], manifest())
            }),
        )
        .serve()
        .await;

    // Anonymous tokens are had without credentials.
    pull(&server).await.unwrap();
    assert_eq!(tokens.authorizations(), Vec::<String>::new());
    assert_eq!(server.authorizations(), ["Bearer t0"]);

    let trusting = registries(server.address, log_in);
    let error = trusting.pull(&reference(&server)).await.unwrap_err();
    assert_eq!(error.code(), "denied");
    assert!(error.to_string().contains("token_service"), "{error}");
    assert_eq!(tokens.authorizations(), Vec::<String>::new());

    let trusting = registries(server.address, |access| {
        log_in(access);
        access.token_service = Some(service.parse().unwrap());
    });
    trusting.pull(&reference(&server)).await.unwrap();
    assert_eq!(tokens.authorizations(), [BASIC]);
    assert_eq!(server.authorizations(), ["Bearer t0"]);
}

#[tokio::test]
async fn wrong_or_missing_ones_are_denied() {
    let server = honest()
        .on(
            MANIFEST,
            guarded("Basic realm=\"r\"", "Basic other", || {
                status(StatusCode::OK, &[])
            }),
        )
        .serve()
        .await;
    let error = pull(&server).await.unwrap_err();
    assert_eq!(error.code(), "denied");
    assert!(error.to_string().contains("none are configured"), "{error}");
    let error = registries(server.address, log_in)
        .pull(&reference(&server))
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), "denied");
    assert!(!error.to_string().contains("tok3n"), "{error}");
}

#[tokio::test]
async fn tls_is_never_left() {
    let plain = honest().serve().await;
    let location = format!("http://{}/", plain.address);
    let target = location.clone();
    let server = Script::default()
        .on("GET /", move |_| {
            status(StatusCode::FOUND, &[("location", &target)])
        })
        .serve()
        .await;
    let registries = registries(server.address, |access| access.plain_http = false);
    let parsed: Reference = reference(&server).parse().unwrap();
    let session = Session::open(&registries.config, &parsed.repository, Purpose::Pull).unwrap();
    let from = session.url("blobs/uploads/").unwrap();
    let error = session.resolve(&from, &location).unwrap_err();
    assert_eq!(error.code(), "bad-answer");
    // The first request is plain as well; what counts is that none follows.
    let request = session.http.get(format!("http://{}/", server.address));
    let error = session.send(request).await.unwrap_err();
    assert_eq!(error.code(), "bad-answer");
    assert!(error.to_string().contains("plain HTTP"), "{error}");
    assert_eq!(plain.seen(), []);

    let circle = Script::default().on(MANIFEST, |request| {
        status(StatusCode::FOUND, &[("location", request.uri().path())])
    });
    let error = pull(&circle.serve().await).await.unwrap_err();
    assert_eq!(error.code(), "bad-answer", "{error}");
}
