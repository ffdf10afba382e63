//! Who asks, and of which connector.

use std::sync::Arc;

use axum::extract::{Extension, FromRequestParts, Request};
use http::StatusCode;
use http::request::Parts;

use crate::dispatch::repository::Object;
use crate::dispatch::{Call, Error, Operation};
use crate::frontend::rds::Services;
use crate::frontend::rds::access::Origin;
use crate::frontend::rds::address::Target;
use crate::frontend::rds::body::{self, Bounds, Metadata};
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::routes::Route;
use crate::frontend::rds::user_id::UserId;

/// A request before its body has been read.
pub(in crate::frontend::rds) struct Caller {
    /// What the frontend is built on.
    pub services: Services,
    /// Where the request's address leads.
    pub target: Target,
    /// What the request says of itself.
    pub origin: Origin,
}

impl FromRequestParts<Services> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Refusal> {
        let target = Extension::from_request_parts(parts, services).await;
        let origin = Extension::from_request_parts(parts, services).await;
        match (target, origin) {
            (Ok(Extension(target)), Ok(Extension(origin))) => Ok(Self {
                services: services.clone(),
                target,
                origin,
            }),
            _ => Err(Refusal::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The request has lost its address.",
            )),
        }
    }
}

impl Caller {
    /// Reads a body of `{userId}`.
    pub(super) async fn asks(self, request: Request) -> Result<Asked, Refusal> {
        let json = body::read(request, self.bounds()).await?;
        json.user_only()?;
        self.in_the_name_of(json.user)
    }

    /// Reads a body of `{userId}` that may be missing as a whole.
    pub(super) async fn may_ask(self, request: Request) -> Result<Asked, Refusal> {
        let json = body::read_if_any(request, self.bounds()).await?;
        json.user_only()?;
        self.in_the_name_of(json.user)
    }

    /// Reads a body of `{userId, metadata}`.
    pub(super) async fn asks_about(
        self,
        request: Request,
        kind: Metadata,
    ) -> Result<(Asked, Option<Object>), Refusal> {
        let mut json = body::read(request, self.bounds()).await?;
        let metadata = json.take_metadata(kind)?;
        Ok((self.in_the_name_of(json.user)?, metadata))
    }

    /// Goes on in a user's name.
    pub(super) fn in_the_name_of(self, user: UserId) -> Result<Asked, Refusal> {
        let route = self.target.connector(&user)?;
        Ok(Asked {
            caller: self,
            route,
            user,
        })
    }

    /// What bounds the request's body.
    pub(super) fn bounds(&self) -> Bounds {
        self.services.bounds(&self.target)
    }
}

/// A request whose body has passed.
pub(super) struct Asked {
    pub caller: Caller,
    pub route: Arc<Route>,
    pub user: UserId,
}

impl Asked {
    /// A call of the connector in the user's name.
    pub(super) fn call(&self) -> Call {
        self.caller.origin.call(&self.route, &self.user)
    }

    /// Runs an operation of the connector's.
    pub(super) async fn run<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        let dispatcher = &self.caller.services.dispatcher;
        dispatcher.call(self.call(), operation).await
    }
}
