//! `/`: a page for people who look what is here.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use http::StatusCode;

use super::plugins::{self, Plugin};
use super::problem::Problem;
use crate::frontend::sqapi::Pipeline;

#[derive(Template)]
#[template(path = "sqapi/index.html")]
struct Page<'a> {
    pipeline: String,
    plugins: &'a [Plugin],
    intake: bool,
}

pub(super) async fn index(State(pipeline): State<Arc<Pipeline>>) -> Response {
    let page = Page {
        pipeline: pipeline.id().to_string(),
        plugins: &plugins::all(&pipeline),
        intake: pipeline.settings.intake.enabled,
    };
    match page.render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
    }
}
