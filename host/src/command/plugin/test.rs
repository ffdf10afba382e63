//! `tenon plugin test`.

mod shown;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use tenon_host::author::conformance::{self, Beside, Error, Plan, Report};
use tenon_host::config::Connector;
use tenon_host::plugin::{Cache, Engine, EngineConfig, Role};

use crate::command::Output;

/// Rules that the component breaks.
const FAILED: u8 = 3;
/// What clap itself ends with.
const USAGE: u8 = 2;
/// Sandboxes that exist at once: the suite makes one call after the other.
const SANDBOXES_MAX: u32 = 32;

const ABOUT_EXIT: &str = "\
Exit codes:
  0   every rule holds
  1   the suite cannot run
  2   wrong arguments, or mistakes in the connector's file
  3   the component breaks a rule

Examples:
  tenon plugin test plugin.wasm --connector connector.toml
  tenon plugin test plugin.wasm --connector connector.toml --case list-pages --json
  tenon plugin test --list";

#[derive(Debug, Args)]
#[command(after_help = ABOUT_EXIT)]
pub(crate) struct Arguments {
    /// The component
    #[arg(required_unless_present = "list")]
    component: Option<PathBuf>,
    /// The file of a connector: its `[config]`, `[grants]` and `[limits]` count
    #[arg(long)]
    connector: Option<PathBuf>,
    /// The folder of the store in which the suite may make and remove files
    #[arg(long, default_value = "")]
    folder: String,
    /// A plugin that plays `database`, for one that calls it
    #[arg(long, value_name = "COMPONENT", requires = "connector")]
    database: Option<PathBuf>,
    /// The file of the database's connector
    #[arg(long, value_name = "FILE", requires = "database")]
    database_connector: Option<PathBuf>,
    /// A reference that a metadata store knows
    #[arg(long)]
    reference: Option<String>,
    /// Test one role alone, such as file-store; may be repeated
    #[arg(long, value_parser = role)]
    role: Vec<Role>,
    /// Run one case alone; may be repeated
    #[arg(long)]
    case: Vec<String>,
    /// Publish projects of the suite's own, which nobody can undo
    #[arg(long)]
    publish: bool,
    /// The user who makes the calls
    #[arg(long)]
    user: Option<String>,
    /// The credential that comes with the calls: the name of a variable
    #[arg(long, value_name = "VARIABLE")]
    credential: Option<String>,
    /// Show every case and the fault that it finds, and run none
    #[arg(long)]
    list: bool,
}

fn role(text: &str) -> Result<Role, String> {
    let role = Role::ALL.into_iter().find(|role| role.name() == text);
    role.ok_or_else(|| {
        let names = Role::ALL.map(Role::name).join(", ");
        format!("the roles are {names}")
    })
}

pub(crate) fn run(arguments: Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let (Some(component), false) = (&arguments.component, arguments.list) else {
        shown::cases(output)?;
        return Ok(ExitCode::SUCCESS);
    };
    let folder = tempfile::tempdir().context("cannot make a folder for the suite")?;
    let plan = match plan(&arguments, component, folder.path()) {
        Ok(plan) => plan,
        Err(problems) => {
            eprintln!("{problems:#}");
            return Ok(ExitCode::from(USAGE));
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match runtime.block_on(tested(&plan, folder.path(), output)) {
        Ok(report) => {
            shown::report(&report, output)?;
            Ok(ExitCode::from(if report.is_good() { 0 } else { FAILED }))
        }
        Err(error @ (Error::NoRole(_) | Error::NoCase(_))) => {
            eprintln!("tenon: {error}");
            Ok(ExitCode::from(USAGE))
        }
        Err(error) => Err(error.into()),
    }
}

fn plan(arguments: &Arguments, component: &Path, folder: &Path) -> anyhow::Result<Plan> {
    let mut plan = Plan {
        component: component.to_owned(),
        folder: arguments.folder.clone(),
        publish: arguments.publish,
        reference: arguments.reference.clone(),
        user: arguments.user.clone(),
        roles: arguments.role.iter().copied().collect(),
        cases: arguments.case.iter().cloned().collect(),
        ..Plan::default()
    };
    let connector = Connector::alone(arguments.connector.as_deref(), component, folder)?;
    plan.values = connector.values;
    plan.grants = connector.grants;
    plan.limits = connector.limits;
    plan.database = match &arguments.database {
        Some(component) => {
            let granted = plan.grants.database.as_ref();
            let granted =
                granted.context("--database: the connector has no `[grants.database]`")?;
            let id = granted.connector.parse()?;
            let file = arguments.database_connector.as_deref();
            let connector = Connector::alone(file, component, folder)?;
            Some(Beside {
                id,
                component: component.clone(),
                values: connector.values,
                grants: connector.grants,
                limits: connector.limits,
            })
        }
        None => None,
    };
    if let Some(variable) = &arguments.credential {
        let value = std::env::var(variable);
        let value = value.with_context(|| format!("--credential: no variable `{variable}`"))?;
        plan.credential = Some(value.into());
    }
    Ok(plan)
}

async fn tested(plan: &Plan, folder: &Path, output: &Output) -> Result<Report, Error> {
    let setup = |error: &dyn std::fmt::Display| Error::Setup(error.to_string());
    let config = EngineConfig {
        sandboxes_max: SANDBOXES_MAX,
        ..EngineConfig::default()
    };
    let engine = Engine::new(&config).map_err(|error| setup(&error))?;
    let cache = Cache::open(&folder.join("cache")).map_err(|error| setup(&error))?;
    let progress = shown::Progress::new(output);
    conformance::run(&engine, &cache, plan, |run| progress.show(run)).await
}
