//! `/plugins` and `/rules`: what can be asked of whom.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::dispatch::rest::Route;
use crate::frontend::sqapi::Pipeline;

/// What sqAPI escapes in the parameters of a path.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'<').add(b'>').add(b' ').add(b'"').add(b'%');

/// An active plugin.
#[derive(Debug, Serialize)]
pub(super) struct Plugin {
    name: String,
    blueprints: Vec<Blueprint>,
}

#[derive(Debug, Serialize)]
struct Blueprint {
    package: String,
    url_prefix: String,
    /// Tenon's plugins have none; sqAPI's callers expect the key.
    url_values_defaults: Option<()>,
    endpoints: Vec<Rule>,
}

/// A path and what leads there.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Rule {
    function: String,
    endpoint: String,
    arguments: Vec<String>,
    methods: Vec<String>,
}

pub(super) async fn plugins(State(pipeline): State<Arc<Pipeline>>) -> Json<Vec<Plugin>> {
    Json(all(&pipeline))
}

pub(super) async fn rules(State(pipeline): State<Arc<Pipeline>>) -> Json<Vec<Rule>> {
    let own = [
        rule("index", "/", "", "GET"),
        rule("plugins", "/plugins", "", "GET"),
        rule("rules", "/rules", "", "GET"),
        rule("health", "/health", "", "GET"),
    ];
    let intake = [
        rule("messages", "/messages", "", "POST"),
        rule("objects", "/objects/", "path", "PUT"),
    ];
    let intake = intake.into_iter();
    let intake = intake.filter(|_| pipeline.settings.intake.enabled);
    let plugins = all(&pipeline).into_iter();
    let endpoints = plugins
        .flat_map(|plugin| plugin.blueprints)
        .flat_map(|it| it.endpoints);
    Json(own.into_iter().chain(intake).chain(endpoints).collect())
}

/// Those that have started, with their resources.
pub(super) fn all(pipeline: &Pipeline) -> Vec<Plugin> {
    let started = pipeline.processors.iter();
    let started = started.filter_map(|processor| Some((processor.name(), processor.started()?)));
    let plugin = |(name, started): (&str, Arc<_>)| -> Plugin {
        let started: Arc<crate::frontend::sqapi::processor::Started> = started;
        let endpoints: Vec<_> = started
            .routes
            .iter()
            .map(|route| of_route(name, route))
            .collect();
        let blueprint = || Blueprint {
            package: name.to_owned(),
            url_prefix: format!("/{name}"),
            url_values_defaults: None,
            endpoints: endpoints.clone(),
        };
        Plugin {
            name: name.to_owned(),
            blueprints: (!endpoints.is_empty())
                .then(blueprint)
                .into_iter()
                .collect(),
        }
    };
    started.map(plugin).collect()
}

impl Plugin {
    /// Its name and the paths of its resources, for people to read.
    pub(super) fn shown(&self) -> (&str, Vec<&str>) {
        let endpoints = self.blueprints.iter().flat_map(|it| &it.endpoints);
        (
            &self.name,
            endpoints.map(|it| it.endpoint.as_str()).collect(),
        )
    }
}

fn of_route(plugin: &str, route: &Route) -> Rule {
    let path = format!("/{plugin}{}", route.path);
    Rule {
        function: format!("{plugin}.{}", route.function),
        arguments: arguments(&path),
        endpoint: utf8_percent_encode(&path, ESCAPED).to_string(),
        methods: route.methods.clone(),
    }
}

fn rule(function: &str, path: &str, argument: &str, method: &str) -> Rule {
    let path = match argument {
        "" => path.to_owned(),
        argument => format!("{path}<{argument}>"),
    };
    Rule {
        function: function.to_owned(),
        arguments: arguments(&path),
        endpoint: utf8_percent_encode(&path, ESCAPED).to_string(),
        methods: vec![method.to_owned()],
    }
}

/// The names in angle brackets.
fn arguments(path: &str) -> Vec<String> {
    let parts = path.split('<').skip(1);
    let names = parts.filter_map(|part| part.split_once('>'));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_escaped_as_sqapi_does() {
        let route = Route {
            function: "by_uuid".to_owned(),
            path: "/uuid/<uuid_ref>".to_owned(),
            methods: vec!["GET".to_owned()],
        };
        let rule = of_route("sizes", &route);
        assert_eq!(rule.endpoint, "/sizes/uuid/%3Cuuid_ref%3E");
        assert_eq!(rule.arguments, ["uuid_ref"]);
        assert_eq!(rule.function, "sizes.by_uuid");
    }
}
