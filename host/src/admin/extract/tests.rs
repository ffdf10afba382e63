use axum::response::IntoResponse as _;
use serde::Deserialize;

use super::*;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    component: Option<String>,
}

fn request(content_type: &str, body: &str) -> Request {
    let mut request = Request::post("/");
    if !content_type.is_empty() {
        request = request.header(CONTENT_TYPE, content_type);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

async fn refused(content_type: &str, body: &str) -> (u16, &'static str) {
    let read = Command::<Order>::from_request(request(content_type, body), &()).await;
    let failure = read.expect_err("it is refused");
    let code = failure.code();
    (failure.into_response().status().as_u16(), code)
}

#[tokio::test]
async fn a_body_is_json_of_known_fields_and_short() {
    for (content_type, body) in [
        ("application/json", "{}"),
        ("Application/JSON; charset=utf-8", r#"{"component":null}"#),
    ] {
        let read = Command::<Order>::from_request(request(content_type, body), &()).await;
        assert_eq!(read.unwrap().0, Order::default());
    }
    let json = "application/json";
    let long = format!(r#"{{"component":"{}"}}"#, "x".repeat(64 << 10));
    for body in ["", "{", "[]", r#"{"force":true}"#, r#"{"component":1}"#] {
        assert_eq!(refused(json, body).await, (400, "malformed"), "{body}");
    }
    assert_eq!(refused(json, &long).await, (413, "too-large"));
    let wrong = (415, "unsupported-media-type");
    assert_eq!(refused("", "{}").await, wrong);
    assert_eq!(refused("text/plain", "{}").await, wrong);
}

#[tokio::test]
async fn a_body_may_be_left_out_where_nothing_is_asked_for() {
    let read = async |content_type, body| {
        let read = MaybeCommand::<Order>::from_request(request(content_type, body), &()).await;
        read.map(|MaybeCommand(order)| order.component)
            .map_err(|failure| failure.code())
    };
    assert_eq!(read("", "").await, Ok(None));
    assert_eq!(
        read("application/json", r#"{"component":"a"}"#).await,
        Ok(Some("a".to_owned()))
    );
    assert_eq!(read("", "{}").await, Err("unsupported-media-type"));
    assert_eq!(read("application/json", "").await, Err("malformed"));
}

async fn query(text: &str) -> Result<Query, Failure> {
    let request = Request::get(format!("/?{text}")).body(()).unwrap();
    Query::from_request_parts(&mut request.into_parts().0, &()).await
}

#[tokio::test]
async fn a_query_is_of_known_parameters_once_each() {
    let mut found = query("max=5&connector=acme%2Fa").await.unwrap();
    assert_eq!(found.take::<u32>("max", "a number"), Ok(Some(5)));
    let connector = found.take::<ConnectorId>("connector", "an id").unwrap();
    assert_eq!(connector.unwrap().tenant(), "acme");
    assert_eq!(found.take::<u32>("after", "a number"), Ok(None));
    assert_eq!(found.finish(), Ok(()));

    let unknown = query("limit=5").await.unwrap().finish();
    assert!(format!("{unknown:?}").contains("unknown parameter `limit`"));
    let wrong = query("max=many")
        .await
        .unwrap()
        .take::<u32>("max", "a number");
    assert!(format!("{wrong:?}").contains("max: expected a number"));
    assert!(query("a=1&a=2").await.is_err());
}
