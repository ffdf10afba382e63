//! `/health`: sqAPI's fields, and the truth about broker and stores.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::frontend::sqapi::Pipeline;
use crate::frontend::sqapi::broker::Status;

#[derive(Serialize)]
struct Health {
    plugins: Plugins,
    instance: Instance,
    pipeline: String,
    /// Why no messages are worked on, if none are.
    failing: Option<String>,
    broker: Option<Broker>,
}

#[derive(Serialize)]
struct Plugins {
    active: Vec<String>,
    /// Configured, but not asked yet.
    unloaded: Vec<String>,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
struct Failed {
    name: String,
    error: String,
}

#[derive(Serialize)]
struct Instance {
    /// ISO 8601, in UTC.
    started: String,
    /// Seconds.
    uptime: f64,
}

#[derive(Serialize)]
struct Broker {
    status: &'static str,
    error: Option<String>,
}

/// 200 while messages are worked on, or resources served; 503 otherwise.
pub(super) async fn health(State(pipeline): State<Arc<Pipeline>>) -> Response {
    let look = pipeline.health.look();
    let broker = pipeline.broker.as_ref().map(|broker| broker.status());
    let consuming = broker.as_ref().is_none_or(|it| *it == Status::Consuming);
    let status = match consuming && look.failing.is_none() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let started = OffsetDateTime::from(look.started).format(&Rfc3339);
    let body = Health {
        plugins: plugins(&pipeline, look.processors),
        instance: Instance {
            started: started.unwrap_or_default(),
            uptime: look.uptime.as_secs_f64(),
        },
        pipeline: pipeline.id().to_string(),
        failing: look.failing,
        broker: broker.map(of_broker),
    };
    (status, Json(body)).into_response()
}

fn plugins(pipeline: &Pipeline, known: BTreeMap<String, Option<String>>) -> Plugins {
    let unloaded = pipeline.processors.iter().map(|it| it.name());
    let unloaded = unloaded.filter(|name| !known.contains_key(*name));
    let mut plugins = Plugins {
        unloaded: unloaded.map(str::to_owned).collect(),
        active: Vec::new(),
        failed: Vec::new(),
    };
    for (name, failed) in known {
        match failed {
            None => plugins.active.push(name),
            Some(error) => plugins.failed.push(Failed { name, error }),
        }
    }
    plugins
}

fn of_broker(status: Status) -> Broker {
    Broker {
        status: status.name(),
        error: match status {
            Status::Connecting { error, .. } => error,
            Status::Failed(error) => Some(error),
            Status::Consuming | Status::Stopped => None,
        },
    }
}
