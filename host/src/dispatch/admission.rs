//! Who may start a call now. Nobody waits: a call that does not fit is refused
//! with the limit's name, so that no queue can grow.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::capability::Limit;
use crate::limits::TenantLimits;

/// One gate: calls at a time, and calls in a second.
#[derive(Debug)]
struct Gate {
    concurrent: Option<(Arc<Semaphore>, u32)>,
    rate: Option<(DefaultDirectRateLimiter, NonZeroU32)>,
}

impl Gate {
    fn new(concurrent: Option<u32>, per_second: Option<u32>) -> Self {
        let semaphore = |max| (Arc::new(Semaphore::new(max as usize)), max);
        let limiter = |max| (RateLimiter::direct(Quota::per_second(max)), max);
        Self {
            concurrent: concurrent.map(semaphore),
            rate: per_second.and_then(NonZeroU32::new).map(limiter),
        }
    }

    fn enter(&self, names: Names) -> Result<Option<OwnedSemaphorePermit>, Limit> {
        let permit = match &self.concurrent {
            None => None,
            Some((semaphore, max)) => {
                let permit = semaphore.clone().try_acquire_owned();
                Some(permit.map_err(|_| Limit::new(names.concurrent, max))?)
            }
        };
        if let Some((rate, max)) = &self.rate {
            rate.check().map_err(|_| Limit::new(names.rate, max))?;
        }
        Ok(permit)
    }
}

#[derive(Clone, Copy)]
struct Names {
    concurrent: &'static str,
    rate: &'static str,
}

const OF_CONNECTOR: Names = Names {
    concurrent: "concurrent_calls",
    rate: "calls_per_second",
};
const OF_TENANT: Names = Names {
    concurrent: "tenant.concurrent_calls",
    rate: "tenant.calls_per_second",
};

/// What all connectors of a tenant share.
#[derive(Debug)]
pub struct Tenant(Gate);

impl Tenant {
    /// A tenant with nothing in use.
    pub fn new(limits: &TenantLimits) -> Self {
        Self(Gate::new(limits.concurrent_calls, limits.calls_per_second))
    }
}

/// The gates in front of one connector.
#[derive(Debug)]
pub(super) struct Admission {
    connector: Gate,
    tenant: Arc<Tenant>,
}

/// A call's place. Held until the call has ended, its last byte included.
#[derive(Debug)]
pub(super) struct Permit {
    _connector: Option<OwnedSemaphorePermit>,
    _tenant: Option<OwnedSemaphorePermit>,
}

impl Admission {
    pub(super) fn new(concurrent: u32, per_second: Option<u32>, tenant: Arc<Tenant>) -> Self {
        Self {
            connector: Gate::new(Some(concurrent), per_second),
            tenant,
        }
    }

    pub(super) fn enter(&self) -> Result<Permit, Limit> {
        Ok(Permit {
            _connector: self.connector.enter(OF_CONNECTOR)?,
            _tenant: self.tenant.0.enter(OF_TENANT)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(tenant: &TenantLimits) -> Admission {
        Admission::new(2, None, Arc::new(Tenant::new(tenant)))
    }

    #[test]
    fn refuses_the_call_too_many_and_admits_it_later() {
        let admission = admission(&TenantLimits::default());
        let first = admission.enter().unwrap();
        let _second = admission.enter().unwrap();
        assert_eq!(admission.enter().unwrap_err().name, "concurrent_calls");
        drop(first);
        assert!(admission.enter().is_ok());
    }

    #[test]
    fn counts_a_tenant_over_its_connectors() {
        let limits = TenantLimits {
            concurrent_calls: Some(1),
            calls_per_second: None,
        };
        let tenant = Arc::new(Tenant::new(&limits));
        let one = Admission::new(2, None, tenant.clone());
        let other = Admission::new(2, None, tenant);
        let _held = one.enter().unwrap();
        assert_eq!(other.enter().unwrap_err().name, "tenant.concurrent_calls");
    }

    #[test]
    fn counts_calls_in_a_second() {
        let limits = TenantLimits {
            concurrent_calls: None,
            calls_per_second: Some(1),
        };
        let admission = admission(&limits);
        assert!(admission.enter().is_ok());
        assert_eq!(
            admission.enter().unwrap_err().name,
            "tenant.calls_per_second"
        );
    }
}
