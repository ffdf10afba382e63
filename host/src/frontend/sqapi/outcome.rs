//! What all processors made of one message, taken together.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::broker::Failed;
use super::fate::{Fate, Trouble};

/// Longest `info`, in bytes: one line of a table that people read.
const INFO_BYTES_MAX: usize = 2048;

/// Each processor's result, as the column `results` holds it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Results(BTreeMap<String, Result>);

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Result {
    Done {
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<Value>,
    },
    Failed {
        outcome: String,
        message: String,
    },
}

/// What follows for the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sum {
    /// All are done.
    Done,
    /// Some are not, and another try makes sense.
    Unfinished(Unfinished),
}

/// The processors that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfinished {
    /// Each with its reason.
    pub(super) failed: Vec<Failed>,
    /// What the message's whole fate is: that of the processor with the most
    /// hope.
    pub(super) fate: Fate,
    /// The name of the outcome that decided it.
    pub(super) kind: &'static str,
    /// For the column `info`.
    pub(super) info: String,
    /// When the next try makes sense, if that is known.
    pub(super) after: Option<Duration>,
}

impl Unfinished {
    /// No processor has seen the message.
    pub(super) fn before_processors(trouble: Trouble) -> Self {
        Self {
            failed: Vec::new(),
            fate: trouble.fate(),
            kind: trouble.outcome.name(),
            info: cut(trouble.info),
            after: trouble.after,
        }
    }
}

impl Results {
    /// What a try before this one has left.
    pub(super) fn read(text: Option<&str>) -> Self {
        // Somebody else's text is as good as none: everything runs again.
        let read = text.and_then(|text| serde_json::from_str(text).ok());
        read.unwrap_or_default()
    }

    pub(super) fn is_done(&self, plugin: &str) -> bool {
        matches!(self.0.get(plugin), Some(Result::Done { .. }))
    }

    /// What is left of processors that failed, each with its reason; none where
    /// all are done.
    pub(super) fn failed(&self) -> Option<String> {
        let failed = self.0.iter().filter_map(|(plugin, result)| match result {
            Result::Done { .. } => None,
            Result::Failed { outcome, message } => Some(line(plugin, outcome, message)),
        });
        let failed: Vec<_> = failed.collect();
        (!failed.is_empty()).then(|| cut(failed.join("; ")))
    }

    pub(super) fn text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Notes what each processor made of it, and sums it up.
    pub(super) fn note(
        &mut self,
        ended: Vec<(String, std::result::Result<Option<String>, Trouble>)>,
    ) -> Sum {
        let mut troubles = Vec::new();
        for (plugin, ended) in ended {
            let result = match ended {
                Ok(text) => Result::Done {
                    result: text.and_then(|text| serde_json::from_str(&text).ok()),
                },
                Err(trouble) => {
                    let result = Result::Failed {
                        outcome: trouble.outcome.name().to_owned(),
                        message: trouble.info.clone(),
                    };
                    troubles.push((plugin.clone(), trouble));
                    result
                }
            };
            self.0.insert(plugin, result);
        }
        sum(troubles)
    }
}

fn sum(troubles: Vec<(String, Trouble)>) -> Sum {
    // A counted try was made as soon as one of them was counted.
    let weight = |fate| match fate {
        Fate::Again => 2,
        Fate::Later => 1,
        Fate::Final => 0,
    };
    let decisive = troubles
        .iter()
        .max_by_key(|(_, trouble)| weight(trouble.fate()));
    let Some((_, decisive)) = decisive else {
        return Sum::Done;
    };
    let fate = decisive.fate();
    let info = troubles
        .iter()
        .map(|(plugin, trouble)| line(plugin, trouble.outcome.name(), &trouble.info))
        .collect::<Vec<_>>()
        .join("; ");
    Sum::Unfinished(Unfinished {
        fate,
        kind: decisive.outcome.name(),
        info: cut(info),
        after: troubles.iter().filter_map(|(_, it)| it.after).max(),
        failed: troubles.into_iter().map(failed).collect(),
    })
}

fn failed((plugin, trouble): (String, Trouble)) -> Failed {
    Failed {
        plugin,
        kind: trouble.outcome.name(),
        reason: cut(trouble.info),
    }
}

fn line(plugin: &str, outcome: &str, message: &str) -> String {
    format!("{plugin}: {outcome}: {message}")
}

/// No longer than people read.
pub(super) fn cut(mut info: String) -> String {
    let end = info.floor_char_boundary(INFO_BYTES_MAX);
    info.truncate(end);
    info
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::Outcome;

    fn ended(outcomes: &[Option<Outcome>]) -> (Results, Sum) {
        let mut results = Results::default();
        let ended = outcomes.iter().enumerate().map(|(index, outcome)| {
            let ended = match outcome {
                None => Ok(Some(r#"{"n":1}"#.to_owned())),
                Some(outcome) => Err(Trouble::new(*outcome, "why")),
            };
            (format!("p{index}"), ended)
        });
        let sum = results.note(ended.collect());
        (results, sum)
    }

    fn fate(outcomes: &[Option<Outcome>]) -> Option<Fate> {
        match ended(outcomes).1 {
            Sum::Done => None,
            Sum::Unfinished(unfinished) => Some(unfinished.fate),
        }
    }

    #[test]
    fn the_processor_with_the_most_hope_decides() {
        let (invalid, unavailable) = (Some(Outcome::Invalid), Some(Outcome::Unavailable));
        let overloaded = Some(Outcome::Overloaded);
        assert_eq!(fate(&[None, None]), None);
        assert_eq!(fate(&[None, invalid]), Some(Fate::Final));
        assert_eq!(fate(&[invalid, unavailable]), Some(Fate::Again));
        assert_eq!(fate(&[invalid, overloaded]), Some(Fate::Later));
        assert_eq!(fate(&[overloaded, unavailable]), Some(Fate::Again));
    }

    #[test]
    fn what_is_done_stays_done_over_a_try() {
        let (results, _) = ended(&[None, Some(Outcome::NotFound)]);
        let text = results.text().unwrap();
        let again = Results::read(Some(&text));
        assert!(again.is_done("p0"));
        assert!(!again.is_done("p1"));
        assert!(!again.is_done("p2"));
        assert_eq!(again.text().unwrap(), text);
        assert!(!Results::read(Some("[]")).is_done("p0"));
    }

    #[test]
    fn each_failure_is_told() {
        let (_, sum) = ended(&[Some(Outcome::Invalid), None, Some(Outcome::Internal)]);
        let Sum::Unfinished(unfinished) = sum else {
            panic!("{sum:?}");
        };
        assert_eq!(unfinished.info, "p0: invalid: why; p2: internal: why");
        let failed = unfinished.failed.iter();
        let failed: Vec<_> = failed.map(|it| (it.plugin.as_str(), it.kind)).collect();
        assert_eq!(failed, [("p0", "invalid"), ("p2", "internal")]);
        assert_eq!(unfinished.kind, "internal");
    }
}
