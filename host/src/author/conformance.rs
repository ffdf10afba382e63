//! The suite that every plugin is to pass, whatever it was written in.
//!
//! It runs a component as the host does, through the dispatcher and in real
//! sandboxes: in both profiles of the engine, and in fresh as well as in warm
//! sandboxes. Each [`Case`] is one rule of the contract. What a store does not
//! offer is said to be so, and that it is refused consistently is a case too.

mod case;
mod client;
mod database;
mod expect;
mod file_store;
mod lifecycle;
mod message_log;
mod metadata_store;
mod processor;
mod report;
mod repository;
mod rest;
mod rig;
mod survey;
mod trial;

pub use case::{CASES, Case, Isolations};
pub use report::{Profiled, Report, Run, Verdict};

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use self::rig::Rig;
use self::trial::Trial;
use crate::capability::Grants;
use crate::capability::config::Values;
use crate::dispatch::ConnectorId;
use crate::limits::{Isolation, Limits, Warm};
use crate::plugin::{Cache, Component, Engine, LoadError, Profile, Role};

/// What is to be tested, and how.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The component file.
    pub component: PathBuf,
    /// Its configuration table.
    pub values: Values,
    /// What it may reach.
    pub grants: Arc<Grants>,
    /// What its calls may use.
    pub limits: Arc<Limits>,
    /// Who makes the calls; none for a name of the suite's own.
    pub user: Option<String>,
    /// The credential that comes with every call.
    pub credential: Option<SecretString>,
    /// What a plugin that imports `database` calls, if it may.
    pub database: Option<Beside>,
    /// A reference that a metadata store knows.
    pub reference: Option<String>,
    /// The folder of a store in which the suite makes and removes files.
    pub folder: String,
    /// Whether projects are published, which nobody can undo.
    pub publish: bool,
    /// Cases to run by name; empty for all.
    pub cases: BTreeSet<String>,
    /// Roles to test; empty for all that the component plays.
    pub roles: BTreeSet<Role>,
}

/// A connector beside the one under test, which works as it should.
#[derive(Debug, Clone)]
pub struct Beside {
    /// Its name, in the grant of the one under test.
    pub id: ConnectorId,
    /// The component file.
    pub component: PathBuf,
    /// Its configuration table.
    pub values: Values,
    /// What it may reach.
    pub grants: Arc<Grants>,
    /// What its calls may use.
    pub limits: Arc<Limits>,
}

/// The suite could not begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The component does not play a role that was asked for.
    #[error("the component does not play the role `{0}`")]
    NoRole(Role),
    /// There is no such case.
    #[error("there is no case `{0}`; --list shows all of them")]
    NoCase(String),
    /// The machine refuses threads or the like.
    #[error("cannot set up the suite: {0}")]
    Setup(String),
}

/// Runs the suite and hands each result to `progress` as it comes.
///
/// # Errors
///
/// [`Error`] when it cannot begin; what a component does wrong is in the
/// report.
pub async fn run(
    engine: &Arc<Engine>,
    cache: &Cache,
    plan: &Plan,
    mut progress: impl FnMut(&Run),
) -> Result<Report, Error> {
    if let Some(unknown) = plan.cases.iter().find(|name| case::named(name).is_none()) {
        return Err(Error::NoCase(unknown.clone()));
    }
    let (_, manifest) = Component::read(&plan.component)?;
    let natural = Component::load(engine, cache, &plan.component)?;
    if let Some(role) = plan.roles.iter().find(|role| !natural.offers(**role)) {
        return Err(Error::NoRole(*role));
    }
    let mut report = Report::new(&natural);
    let cases: Vec<_> = CASES
        .iter()
        .filter(|case| wanted(plan, &natural, case))
        .collect();
    let database = plan.database.as_ref();
    let database = database.map(|beside| rig::beside(engine, cache, beside));
    let database = database.transpose()?;
    for profile in Profile::ALL {
        let too_large = (profile == Profile::Pooled)
            .then(|| Profile::too_large_for_a_slot(&manifest))
            .flatten();
        report.profile(profile, too_large.clone());
        if too_large.is_some() {
            continue;
        }
        let component = Component::load_for(engine, cache, &plan.component, Some(profile))?;
        let component = Arc::new(component);
        for isolation in [Isolation::Call, Isolation::Warm(unbounded())] {
            let rig = Rig {
                engine: engine.clone(),
                component: component.clone(),
                isolation,
                grants: plan.grants.clone(),
                limits: plan.limits.clone(),
                database: database.clone(),
            };
            let trial = Trial::begin(rig, plan).await?;
            for case in &cases {
                if let Some(run) = trial.run(case, profile).await {
                    progress(&run);
                    report.add(run);
                }
            }
            report.note(trial.end().await);
        }
    }
    Ok(report)
}

/// Sandboxes that last as long as the suite, so that it sees what they gather.
fn unbounded() -> Warm {
    Warm {
        calls_max: u32::MAX,
        idle_ms: u64::from(u32::MAX),
        memory_bytes_max: u64::MAX,
    }
}

fn wanted(plan: &Plan, component: &Component, case: &Case) -> bool {
    component.offers(case.role)
        && (plan.roles.is_empty() || plan.roles.contains(&case.role))
        && (plan.cases.is_empty() || plan.cases.contains(case.name))
}
