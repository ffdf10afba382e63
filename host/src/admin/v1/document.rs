//! The OpenAPI document, made from the handlers and their types.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi as _};

use crate::admin::extract::JSON_TYPE;
use crate::admin::problem::{PROBLEM_TYPE, Problem};

/// What is true of the API as a whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Tenon's operators",
        description = "Which plugin each connector runs: admitted, activated, tried out, rolled back. \
            Whatever is refused is answered with a problem document (RFC 9457) whose `code` \
            tells programs why, and changes nothing.",
    ),
    components(schemas(Problem)),
    security(("operator" = [])),
    tags(
        (name = "connectors", description = "What runs."),
        (name = "changes", description = "What is to run."),
        (name = "components", description = "What was admitted."),
        (name = "messages", description = "What sqAPI pipelines gave up."),
        (name = "observation", description = "What happened."),
    ),
    modifiers(&Bearer),
)]
struct About;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An operator's token; `tenon token new` makes one."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("operator", SecurityScheme::Http(scheme));
    }
}

/// The document without its paths.
pub(super) fn about() -> OpenApi {
    About::openapi()
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    use utoipa_axum::router::OpenApiRouter;
    let routes = OpenApiRouter::with_openapi(about()).nest(super::PREFIX, super::routes());
    let document = routes.into_openapi();
    // Made of the program's own types: it has nothing that JSON could not hold.
    document.to_json().unwrap_or_default()
});

/// This document
#[utoipa::path(
    get, path = "/openapi.json", tag = "observation",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object), AnyTime)
)]
pub(super) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, JSON_TYPE)], DOCUMENT.as_str())
}

type Responses = BTreeMap<String, RefOr<Response>>;

fn problems(reasons: &[(u16, &str)]) -> Responses {
    let problem = |(status, description): &(u16, &str)| {
        let schema = Ref::from_schema_name("Problem");
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response = ResponseBuilder::new()
            .description(*description)
            .content(PROBLEM_TYPE, content)
            .build();
        (status.to_string(), response.into())
    };
    reasons.iter().map(problem).collect()
}

/// What any request may be refused for.
pub(super) struct AnyTime;

impl IntoResponses for AnyTime {
    fn responses() -> Responses {
        problems(&[
            (401, "No token, or nobody's."),
            (403, "No operator is configured."),
            (429, "Too many wrong tokens, or too many streams."),
            (500, "The host failed."),
            (503, "The host stops, or its database failed."),
        ])
    }
}

/// What a request for something in particular may be refused for.
pub(super) struct OfPath;

impl IntoResponses for OfPath {
    fn responses() -> Responses {
        problems(&[
            (400, "Not of the form that is asked for."),
            (404, "No such connector or component."),
        ])
    }
}

/// What a request with parameters may be refused for.
pub(super) struct OfQuery;

impl IntoResponses for OfQuery {
    fn responses() -> Responses {
        problems(&[(400, "Not of the form that is asked for.")])
    }
}

/// What a request with a body may be refused for.
pub(super) struct OfBody;

impl IntoResponses for OfBody {
    fn responses() -> Responses {
        problems(&[
            (400, "Not of the form that is asked for."),
            (408, "The body did not arrive in time."),
            (413, "The body is too large."),
            (415, "The body is of another media type."),
        ])
    }
}

/// What a change may be refused for.
pub(super) struct OfChange;

impl IntoResponses for OfChange {
    fn responses() -> Responses {
        problems(&[
            (409, "Something changed meanwhile."),
            (422, "It cannot be, as things are; `code` says why."),
        ])
    }
}
