//! Asks a component what it is, where it can reach nothing, and checks the
//! answer. Names and wants are read by operators and end up in addresses and
//! grants, so they keep to the forms known there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Refusal, schema};
use crate::capability::Grants;
use crate::capability::call::Context;
use crate::capability::usage::Usage;
use crate::digest::Digest;
use crate::label::{self, is_label};
use crate::limits::{Isolation, Limits};
use crate::plugin::role::lifecycle::{Description, Lifecycle as _};
use crate::plugin::{Component, ComponentLauncher, Engine, Failure, Settings, Slice};

/// A constant takes microseconds; starting a language runtime some seconds.
const TIMEOUT: Duration = Duration::from_secs(5);
/// What a component may want: the names of the tables below `[grants]`.
const WANTS: [&str; 7] = [
    "database", "files", "http", "kv", "scratch", "secrets", "sql",
];
const VERSION_LENGTH_MAX: usize = 64;

/// Enough for a language runtime to start, and little else.
fn limits() -> Limits {
    let timeout_ms = u64::try_from(TIMEOUT.as_millis()).unwrap_or(u64::MAX);
    Limits {
        memory_bytes: 256 << 20,
        table_elements: 1_000_000,
        core_instances: 1_000,
        first_byte_ms: timeout_ms,
        total_ms: Some(timeout_ms),
        cpu_ms: timeout_ms,
        concurrent_calls: 1,
        handles: 256,
        hostcall_bytes: 1 << 20,
        http_requests: 0,
        http_open: 0,
        log_bytes: 4 << 10,
        ..Limits::default()
    }
}

/// Runs `describe`.
pub(super) async fn ask(
    engine: &Engine,
    component: Arc<Component>,
    digest: &Digest,
) -> Result<Description, Refusal> {
    let (grants, config) = (Arc::new(Grants::default()), Arc::default());
    let settings = Settings {
        usage: Usage::new(&grants, &config),
        grants,
        config,
        limits: Arc::new(limits()),
    };
    let launcher = ComponentLauncher::new(component, settings, Isolation::Call);
    let cpu = engine.cpu_meter(TIMEOUT);
    let context = Context::new("admission".to_owned(), digest.short().into());
    let (context, meter) = (Arc::new(context), cpu.clone());
    let call = Slice::new(cpu, async move {
        let mut sandbox = launcher.fresh(context, meter).await?;
        sandbox.check_roles()?;
        sandbox.describe().await
    });
    let timeout = || Refusal::DescribeTimeout {
        seconds: TIMEOUT.as_secs(),
    };
    let asked = tokio::time::timeout(TIMEOUT, call);
    let described = asked.await.map_err(|_| timeout())?;
    described.map_err(|failure| match failure {
        Failure::Limit(limit) if limit.name == "cpu_ms" => timeout(),
        Failure::Limit(limit) => Refusal::DescribeLimit(limit.to_string()),
        Failure::Contract(rule) => Refusal::BadDescription {
            field: "description",
            rule,
        },
        Failure::Exhausted => Refusal::Busy,
        // Whatever it exports under the roles' names is looked up here first.
        Failure::Host(error) => Refusal::Mismatch(format!("{error:#}")),
        failure => Refusal::DescribeTrapped(failure.to_string()),
    })
}

/// Checks what it says, and reads its schema.
pub(super) fn check(description: &Description) -> Result<Value, Refusal> {
    let bad = |field, rule: &str| Refusal::BadDescription {
        field,
        rule: rule.to_owned(),
    };
    if !is_label(&description.name) {
        return Err(bad(
            "name",
            "expected 1 to 63 lower-case letters, digits and inner hyphens",
        ));
    }
    let version = &description.version;
    if version.len() > VERSION_LENGTH_MAX || semver::Version::parse(version).is_err() {
        return Err(bad("version", "expected a semantic version such as 1.4.2"));
    }
    let unknown: BTreeSet<_> = description
        .wants
        .iter()
        .filter(|want| !WANTS.contains(&want.as_str()))
        .map(|want| want.escape_default().take(label::LENGTH_MAX).collect())
        .collect();
    if !unknown.is_empty() {
        return Err(Refusal::UnknownWants {
            unknown: unknown.into_iter().take(WANTS.len()).collect(),
            known: &WANTS,
        });
    }
    schema::read(&description.config_schema).map_err(Refusal::BadSchema)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> Description {
        Description {
            name: "a-1".to_owned(),
            version: "1.2.3-rc.1+b".to_owned(),
            config_schema: "true".to_owned(),
            wants: vec!["http".to_owned(), "secrets".to_owned()],
        }
    }

    fn refused(change: impl FnOnce(&mut Description)) -> Refusal {
        let mut changed = description();
        change(&mut changed);
        check(&changed).unwrap_err()
    }

    #[test]
    fn a_description_has_a_form() {
        assert_eq!(check(&description()).unwrap(), Value::Bool(true));
        let long = "x".repeat(64);
        for name in ["", "Upper", "-x", "x-", "a.b", "a\u{1b}[2J", &long] {
            let refused = refused(|it| name.clone_into(&mut it.name));
            assert_eq!(refused.code(), "bad-description");
            assert!(refused.to_string().contains("wrong name"), "{refused}");
        }
        for version in ["", "1", "1.2", "v1.2.3", "1.2.3 beta"] {
            let refused = refused(|it| version.clone_into(&mut it.version));
            assert_eq!(refused.code(), "bad-description");
            assert!(refused.to_string().contains("wrong version"), "{refused}");
        }
        let refused = refused(|it| it.config_schema = "[]".to_owned());
        assert_eq!(refused.code(), "bad-schema");
    }

    #[test]
    fn what_no_grant_gives_cannot_be_wanted() {
        let refused =
            refused(|it| it.wants = ["http", "kernel", "root\n"].map(str::to_owned).into());
        assert_eq!(refused.code(), "unknown-wants");
        let text = refused.to_string();
        assert!(text.contains(r"wants `kernel`, `root\n`, which"), "{text}");
    }
}
