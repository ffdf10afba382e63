//! What came of a run of the suite.

use serde::Serialize;

use super::case::Case;
use crate::limits::Isolation;
use crate::plugin::{Component, Profile};

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The rule holds.
    Passed,
    /// The rule does not hold.
    Failed,
    /// The plugin refuses the operation, as it may.
    NotOffered,
    /// The suite could not look: what it needs is not there.
    Skipped,
}

/// One case in one profile and isolation.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// The role the case is about.
    pub role: &'static str,
    /// The case.
    pub case: &'static str,
    /// The engine's profile.
    pub profile: &'static str,
    /// `call` or `warm`.
    pub isolation: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// Why, unless it passed.
    pub reason: Option<String>,
}

/// A profile, and whether the component runs in it.
#[derive(Debug, Clone, Serialize)]
pub struct Profiled {
    /// Its name.
    pub profile: &'static str,
    /// Why the component is refused there, if it is.
    pub refused: Option<String>,
}

/// Everything that came of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The component, as `sha256:<hex>`.
    pub digest: String,
    /// Both profiles.
    pub profiles: Vec<Profiled>,
    /// Every case in every profile and isolation.
    pub runs: Vec<Run>,
    /// What the suite left behind because it could not remove it.
    pub notes: Vec<String>,
    /// Runs that passed.
    pub passed: usize,
    /// Runs that failed.
    pub failed: usize,
}

impl Report {
    pub(super) fn new(component: &Component) -> Self {
        Self {
            digest: component.digest.to_string(),
            profiles: Vec::new(),
            runs: Vec::new(),
            notes: Vec::new(),
            passed: 0,
            failed: 0,
        }
    }

    pub(super) fn profile(&mut self, profile: Profile, refused: Option<String>) {
        self.profiles.push(Profiled {
            profile: profile.name(),
            refused,
        });
    }

    pub(super) fn add(&mut self, run: Run) {
        match run.verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::NotOffered | Verdict::Skipped => {}
        }
        self.runs.push(run);
    }

    pub(super) fn note(&mut self, note: Option<String>) {
        self.notes.extend(note);
    }

    /// Whether nothing failed and something passed: a plugin of which nothing
    /// could be seen has not been tested.
    pub fn is_good(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

/// The outcome of a case before it is put down: a verdict with its reason, or
/// how the rule was broken.
pub(super) type Outcome = Result<Ended, String>;

/// A case that did not fail.
#[derive(Debug)]
pub(super) enum Ended {
    Passed,
    NotOffered(String),
    Skipped(String),
}

/// The rule holds.
#[expect(clippy::unnecessary_wraps, reason = "the last line of every case")]
pub(super) fn passed() -> Outcome {
    Ok(Ended::Passed)
}

/// The suite cannot look.
pub(super) fn skipped(why: impl Into<String>) -> Outcome {
    Ok(Ended::Skipped(why.into()))
}

impl Run {
    pub(super) fn new(
        case: &Case,
        profile: Profile,
        isolation: &Isolation,
        outcome: Outcome,
    ) -> Self {
        let (verdict, reason) = match outcome {
            Ok(Ended::Passed) => (Verdict::Passed, None),
            Ok(Ended::NotOffered(why)) => (Verdict::NotOffered, Some(why)),
            Ok(Ended::Skipped(why)) => (Verdict::Skipped, Some(why)),
            Err(broken) => (Verdict::Failed, Some(broken)),
        };
        Self {
            role: case.role.name(),
            case: case.name,
            profile: profile.name(),
            isolation: match isolation {
                Isolation::Call => "call",
                Isolation::Warm(_) => "warm",
                Isolation::Batch(_) => "batch",
                Isolation::LongLived(_) => "long-lived",
            },
            verdict,
            reason,
        }
    }
}
