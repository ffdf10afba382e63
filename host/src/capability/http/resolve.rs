//! Names to addresses that the grant allows.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;

use super::address::AddressPolicy;
use super::connect::ConnectError;

/// The system's resolver, less what a grant's policy does not allow. Of a
/// mixed answer only the allowed addresses are ever connected to.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    policy: Arc<AddressPolicy>,
}

impl Resolver {
    pub(super) fn new(policy: AddressPolicy) -> Self {
        Self {
            policy: Arc::new(policy),
        }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let policy = self.policy.clone();
        Box::pin(async move {
            let found: io::Result<Vec<_>> = match GaiResolver::new().call(name).await {
                Ok(found) => Ok(found.collect()),
                Err(error) => Err(error),
            };
            allowed(&policy, found.map_err(ConnectError::Lookup)?)
        })
    }
}

fn allowed(
    policy: &AddressPolicy,
    mut found: Vec<SocketAddr>,
) -> Result<vec::IntoIter<SocketAddr>, ConnectError> {
    found.retain(|address| policy.allows(address.ip()));
    if found.is_empty() {
        return Err(ConnectError::Prohibited);
    }
    Ok(found.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: &[&str], expected: Option<&[&str]>) {
        let parse = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter()
                .map(|address| address.parse().unwrap())
                .collect()
        };
        let kept = allowed(&AddressPolicy::Public, parse(found)).ok();
        assert_eq!(kept.map(Iterator::collect), expected.map(parse));
    }

    #[test]
    fn of_a_mixed_answer_only_the_allowed_remain() {
        check(&["1.1.1.1:0", "10.0.0.1:0"], Some(&["1.1.1.1:0"]));
        check(
            &["[::1]:0", "1.1.1.1:0", "127.0.0.1:0"],
            Some(&["1.1.1.1:0"]),
        );
        check(&["10.0.0.1:0", "[::ffff:127.0.0.1]:0"], None);
        check(&[], None);
    }
}
