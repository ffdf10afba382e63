//! One component in one profile and isolation, while the cases look at it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use super::case::Case;
use super::client::Client;
use super::expect::Checked;
use super::report::{Outcome, Run};
use super::rig::Rig;
use super::survey::Survey;
use super::{Error, Isolations, Plan};
use crate::capability::call::Context;
use crate::capability::config::Values;
use crate::limits::Isolation;
use crate::plugin::{Launcher, Profile, Role, Sandbox};

/// Longest that a case may take: far beyond every limit of a call.
const CASE_MAX: Duration = Duration::from_secs(300);

/// What the cases work with.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) rig: Rig,
    pub(super) client: Client,
    pub(super) values: Values,
    pub(super) publish: bool,
    /// What a metadata store knows.
    pub(super) reference: Option<String>,
    launcher: Arc<dyn Launcher>,
    folder: String,
    survey: OnceCell<Checked<Survey>>,
}

impl Trial {
    pub(super) async fn begin(rig: Rig, plan: &Plan) -> Result<Self, Error> {
        let launcher = rig.launcher(plan.values.clone());
        let mut client = rig.client(launcher.clone())?;
        if let Some(user) = &plan.user {
            client.user.clone_from(user);
        }
        client.credential.clone_from(&plan.credential);
        Ok(Self {
            rig,
            client,
            values: plan.values.clone(),
            publish: plan.publish,
            reference: plan.reference.clone(),
            launcher,
            folder: plan.folder.trim_matches('/').to_owned(),
            survey: OnceCell::new(),
        })
    }

    /// Runs a case; `None` when it has nothing to say of this isolation.
    pub(super) async fn run(&self, case: &Case, profile: Profile) -> Option<Run> {
        let isolation = &self.rig.isolation;
        if case.isolations == Isolations::Warm && *isolation == Isolation::Call {
            return None;
        }
        let ended = tokio::time::timeout(CASE_MAX, (case.check)(self)).await;
        let outcome: Outcome = ended.unwrap_or_else(|_| {
            let seconds = CASE_MAX.as_secs();
            Err(format!("it did not end in {seconds} s"))
        });
        Some(Run::new(case, profile, isolation, outcome))
    }

    /// What is in the store; looked at, and filled, on first use.
    pub(super) async fn survey(&self) -> Checked<&Survey> {
        let look = || Survey::take(&self.client, &self.folder);
        let survey = self.survey.get_or_init(look).await;
        survey
            .as_ref()
            .map_err(|why| format!("the store cannot be surveyed: {why}"))
    }

    pub(super) fn plays(&self, role: Role) -> bool {
        self.rig.component.offers(role)
    }

    /// A caller of the same component under another configuration.
    pub(super) fn configured(&self, values: Values) -> Checked<Client> {
        let client = self.rig.client(self.rig.launcher(values));
        let mut client = client.map_err(|error| error.to_string())?;
        client.user.clone_from(&self.client.user);
        client.credential.clone_from(&self.client.credential);
        Ok(client)
    }

    /// A sandbox without the dispatcher around it, for one call that may use
    /// `cpu` of processor time.
    pub(super) async fn sandbox(&self, cpu: Duration) -> Checked<(Arc<Context>, Box<dyn Sandbox>)> {
        let mut context = Context::new(uuid::Uuid::now_v7().to_string(), "subject".into());
        context.user = Some(self.client.user.clone());
        context.credential.clone_from(&self.client.credential);
        let context = Arc::new(context);
        let cpu = self.rig.engine.cpu_meter(cpu);
        let launched = self.launcher.launch(context.clone(), cpu).await;
        match launched {
            Ok(sandbox) => Ok((context, sandbox)),
            Err(failure) => Err(format!("no sandbox could be started: {failure}")),
        }
    }

    /// Takes away what the suite made; says what it could not.
    pub(super) async fn end(self) -> Option<String> {
        match self.survey.get() {
            Some(Ok(survey)) => survey.clear(&self.client).await,
            _ => None,
        }
    }
}
