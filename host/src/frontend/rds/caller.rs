//! On whose behalf a connector is called.
//!
//! The contract's callers come twice. First with a bare user name, and the
//! connector is to look the user's credential up; when that is refused, with
//! the credential inside `userId`. Every operation passes here, so that the
//! rule stands in one place: a connector that uses its callers' credentials is
//! not called without one. Connectors that use none are open to everybody.

use http::StatusCode;
use secrecy::SecretString;

use super::Services;
use super::access::Origin;
use super::problem::Refusal;
use super::routes::Route;
use super::token::{Login, Tokens};
use super::user_id::UserId;
use crate::dispatch::{Call, ConnectorId};

/// A caller whose credential is known, where one is needed.
#[derive(Debug)]
pub(super) struct Caller {
    connector: ConnectorId,
    origin: Origin,
    user: Option<String>,
    credential: Option<SecretString>,
}

impl Services {
    /// Who calls the connector at the end of `route`. May ask the port
    /// service; an operation of several calls asks once.
    pub(super) async fn caller(
        &self,
        origin: &Origin,
        route: &Route,
        user: &UserId,
    ) -> Result<Caller, Refusal> {
        Caller::new(&self.tokens, origin, route, user).await
    }
}

impl Caller {
    async fn new(
        tokens: &Tokens,
        origin: &Origin,
        route: &Route,
        user: &UserId,
    ) -> Result<Self, Refusal> {
        let given = user.credential.is_some() || !route.options.needs_credential;
        let (user, credential) = if given {
            (user.user.clone(), user.credential.clone())
        } else {
            let login = look_up(tokens, route, user).await?;
            (login.user, Some(login.credential))
        };
        Ok(Self {
            connector: route.connector.clone(),
            origin: origin.clone(),
            user,
            credential,
        })
    }

    /// One call in the caller's name.
    pub(super) fn call(&self) -> Call {
        Call {
            connector: self.connector.clone(),
            request_id: self.origin.request_id.clone(),
            user: self.user.clone(),
            credential: self.credential.clone(),
            trace_parent: self.origin.trace_parent.clone(),
            alone: false,
        }
    }
}

async fn look_up(tokens: &Tokens, route: &Route, user: &UserId) -> Result<Login, Refusal> {
    // Who sends a session has looked the credential up already.
    let name = user.user.as_deref().filter(|_| !user.session);
    let asked = name.filter(|_| tokens.is_configured()).zip(route.service());
    let Some((name, service)) = asked else {
        return Err(unauthenticated("The request carries no credential."));
    };
    let login = tokens.credential(name, &service).await?;
    login.ok_or_else(|| {
        unauthenticated("The request carries no credential, and its user has none on record.")
    })
}

fn unauthenticated(sentence: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, sentence)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::extract::Path;
    use axum::routing::get;
    use http::HeaderMap;
    use secrecy::ExposeSecret as _;
    use tokio::net::TcpListener;

    use super::*;
    use crate::frontend::rds::{Options, Tokens};

    /// A port service that knows alice, and only with `port-x`.
    async fn port_service() -> Tokens {
        let answer = async |Path((user, service)): Path<(String, String)>| {
            let known = user == "alice@cloud.example" && service == "port-x";
            let token = r#"{"data": {"access_token": "tok3n-asked", "user": {"data": {"username": "al"}}}}"#;
            if known {
                Ok(token)
            } else {
                Err(StatusCode::NOT_FOUND)
            }
        };
        let router = Router::new().route("/user/{user}/service/{service}", get(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Tokens::new(
            client,
            base.parse().unwrap(),
            std::time::Duration::from_secs(5),
        )
    }

    fn route(needs_credential: bool, service: Option<&str>) -> Route {
        Route {
            connector: "x".parse().unwrap(),
            hosts: Vec::new(),
            options: Options {
                needs_credential,
                service: service.map(str::to_owned),
                ..Options::default()
            },
        }
    }

    type Called<'a> = Result<(Option<&'a str>, Option<&'a str>), u16>;

    async fn check(tokens: &Tokens, route: &Route, user: &str, expected: Called<'_>) {
        let origin = Origin::of(&HeaderMap::new());
        let caller = Caller::new(tokens, &origin, route, &UserId::parse(user)).await;
        let call = caller.map(|caller| caller.call());
        let found = call.as_ref().map_err(|refusal| refusal.status.as_u16());
        let found = found.map(|call| {
            let credential = call.credential.as_ref();
            (
                call.user.as_deref(),
                credential.map(|text| text.expose_secret()),
            )
        });
        assert_eq!(found, expected, "{user}");
    }

    #[tokio::test]
    async fn a_connector_that_needs_none_is_open() {
        for tokens in [Tokens::default(), port_service().await] {
            let route = route(false, None);
            check(&tokens, &route, "bob", Ok((Some("bob"), None))).await;
            check(&tokens, &route, "", Ok((None, None))).await;
            check(&tokens, &route, "port-x://bob:", Ok((Some("bob"), None))).await;
            check(
                &tokens,
                &route,
                "port-x://bob:T",
                Ok((Some("bob"), Some("T"))),
            )
            .await;
        }
    }

    #[tokio::test]
    async fn a_credential_is_taken_or_looked_up() {
        let tokens = port_service().await;
        let route = route(true, None);
        check(
            &tokens,
            &route,
            "port-x://bob:T",
            Ok((Some("bob"), Some("T"))),
        )
        .await;
        let asked = Ok((Some("al"), Some("tok3n-asked")));
        check(&tokens, &route, "alice@cloud.example", asked).await;
        for user in [
            "bob",
            "",
            "None",
            "..",
            "port-x://alice@cloud.example:",
            "port-x://:None",
        ] {
            check(&tokens, &route, user, Err(401)).await;
        }
    }

    #[tokio::test]
    async fn the_service_is_the_connectors_own() {
        let tokens = port_service().await;
        let other = route(true, Some("port-x-other"));
        check(&tokens, &other, "alice@cloud.example", Err(401)).await;
        let asked = Ok((Some("al"), Some("tok3n-asked")));
        let named = route(true, Some("port-x"));
        check(&tokens, &named, "alice@cloud.example", asked).await;
    }

    #[tokio::test]
    async fn a_tenants_connector_gets_no_others_credential() {
        let tokens = port_service().await;
        let mut theirs = route(true, None);
        theirs.connector = "acme/x".parse().unwrap();
        check(&tokens, &theirs, "alice@cloud.example", Err(401)).await;
        theirs.options.service = Some("port-x".to_owned());
        let asked = Ok((Some("al"), Some("tok3n-asked")));
        check(&tokens, &theirs, "alice@cloud.example", asked).await;
    }

    #[tokio::test]
    async fn nobody_is_asked_where_there_is_nobody_to_ask() {
        let route = route(true, None);
        check(&Tokens::default(), &route, "alice@cloud.example", Err(401)).await;
    }
}
