//! HTTP resources, and their faults.

use tenon_sdk::Result;
use tenon_sdk::rest::{Request, Response, Rest, Route};

use super::{Misfit, fault};

impl Rest for Misfit {
    fn routes() -> Vec<Route<Self>> {
        let mut routes = vec![Route::get("index", "/", Self::index)];
        if fault("routes") {
            routes.push(Route::get("lost", "no-slash", Self::index));
        }
        if fault("route-unknown") {
            routes.push(Route::get("anything", "/<a>/<b>/<c>/<d>", Self::index));
        }
        routes
    }
}

impl Misfit {
    fn index(&self, request: &Request) -> Result<Response> {
        assert!(
            request.query("a").is_none() || !fault("request-odd"),
            "a query"
        );
        Ok(Response::json("{}"))
    }
}
