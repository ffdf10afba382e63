//! Which version a call gets: the active one, or a candidate that is tried
//! out. Swapped as a whole, and read without a lock.

use std::sync::Arc;

use super::canary::{Counted, Trial};
use super::{Error, Outcome, Version};
use crate::plugin::Role;

/// The versions of one connector at one moment.
#[derive(Debug, Default)]
pub(super) struct Serving {
    pub(super) active: Option<Arc<Version>>,
    pub(super) trial: Option<Arc<Trial>>,
}

/// A call's version, and where the call is counted if it is compared.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) version: Arc<Version>,
    pub(super) counted: Option<Counted>,
}

impl Chosen {
    /// A version that a call does not choose, and that nobody compares.
    pub(super) fn only(version: Arc<Version>) -> Self {
        Self {
            version,
            counted: None,
        }
    }
}

impl Serving {
    /// Whether a version serves calls.
    pub(super) fn runs(&self, version: &Arc<Version>) -> bool {
        let candidate = self.trial.as_ref().map(|trial| trial.candidate());
        let mut versions = self.active.iter().chain(candidate);
        versions.any(|running| Arc::ptr_eq(running, version))
    }

    /// The active version, if it plays the role. A role that only a candidate
    /// plays is not offered yet.
    pub(super) fn offering(&self, role: Role) -> Result<&Arc<Version>, Error> {
        match &self.active {
            Some(active) if active.offers(role) => Ok(active),
            Some(_) => Err(Error::no_role(role)),
            None => Err(Error::not_activated()),
        }
    }

    /// The version of the next call of a role that `active` plays.
    pub(super) fn choose(&self, active: &Arc<Version>, role: Role) -> Chosen {
        let Some((trial, is_candidate)) = self.trial.as_ref().and_then(|t| Some((t, t.next()?)))
        else {
            return Chosen::only(active.clone());
        };
        let counted = trial.counted(is_candidate);
        if !is_candidate {
            return Chosen {
                version: active.clone(),
                counted: Some(counted),
            };
        }
        if !trial.candidate().offers(role) {
            // A caller would lose by it; the candidate does.
            counted.ended(Some(Outcome::Internal), std::time::Duration::ZERO);
            return Chosen::only(active.clone());
        }
        Chosen {
            version: trial.candidate().clone(),
            counted: Some(counted),
        }
    }
}
