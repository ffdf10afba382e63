//! What one call leaves behind for the next.

use super::super::expect::{Checked, holds};
use super::super::report::{Outcome, passed};
use super::super::trial::Trial;
use super::touch;
use crate::dispatch::lifecycle::{Check, Describe};

/// Stands in everything that the first user sends.
const MARK: &str = "tenon-residue-5d1f";

pub(in super::super) async fn of_a_user(trial: &Trial) -> Outcome {
    for _ in 0..3 {
        let first = trial.client.of(MARK, MARK);
        // What the first user is answered is the first user's.
        _ = first.call(Check).await;
        if trial.plays(crate::plugin::Role::FileStore) {
            _ = first.stat(MARK).await;
            _ = first.list(MARK, true, None, 10).await;
        }
        touch::lightly(trial, &first, "another user").await?;
        let described = format!("{:?}", trial.client.call(Describe).await);
        clean(&described)?;
        let seen = touch::lightly(trial, &trial.client, "the suite's own user").await?;
        clean(&seen)?;
    }
    passed()
}

fn clean(seen: &str) -> Checked {
    holds(!seen.contains(MARK), || {
        let line = seen.lines().find(|line| line.contains(MARK));
        format!(
            "an answer holds what another user sent: {}",
            line.unwrap_or_default()
        )
    })
}
