//! Removing files, and stores that refuse every change.

use super::super::client::{Unread, whole};
use super::super::expect::{Checked, done, holds, refused, shown};
use super::super::report::{Ended, Outcome, passed, skipped};
use super::super::survey::{PAGE, Survey, is_refusal, join};
use super::super::trial::Trial;
use super::list::all;
use crate::dispatch::Outcome::NotFound;

/// Where files may be made, or that there are none to be made.
pub(super) fn area(survey: &Survey) -> Result<&str, Ended> {
    survey.area().map_err(|refusal| {
        Ended::NotOffered(format!("the store refuses to be written: `{refusal}`"))
    })
}

pub(in super::super) async fn delete(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let area = match area(survey) {
        Ok(area) => area,
        Err(ended) => return Ok(ended),
    };
    let path = format!("{area}deleted.txt");
    let written = trial.client.write(&path, Some(1), whole("x")).await;
    done(&format!("writing `{path}`"), written)?;
    match trial.client.delete(&path).await {
        Err(error) if is_refusal(&error) => {
            let why = format!("the store refuses to remove files: `{error}`");
            return Ok(Ended::NotOffered(why));
        }
        deleted => done(&format!("removing `{path}`"), deleted)?,
    }
    gone(trial, survey, &path).await?;
    passed()
}

async fn gone(trial: &Trial, survey: &Survey, path: &str) -> Checked {
    let what = |doing: &str| format!("{doing} `{path}`, which was removed,");
    refused(&what("stat of"), trial.client.stat(path).await, &[NotFound])?;
    match trial.client.read(path, 0).await {
        Ok(_) => return Err(format!("{} should not be possible", what("reading"))),
        Err(Unread::Refused(error)) => refused::<()>(&what("reading"), Err(error), &[NotFound])?,
        Err(Unread::Broken(why)) => return Err(format!("{} broke off: {why}", what("reading"))),
    }
    let listed = all(&trial.client, &survey.base, false, PAGE).await?;
    let listed = listed
        .iter()
        .any(|entry| join(&survey.base, &entry.path) == path);
    holds(!listed, || {
        format!("`{path}` was removed and is still listed")
    })
}

pub(in super::super) async fn delete_missing(trial: &Trial) -> Outcome {
    let area = match area(trial.survey().await?) {
        Ok(area) => area,
        Err(ended) => return Ok(ended),
    };
    let path = format!("{area}never.txt");
    for _ in 0..2 {
        match trial.client.delete(&path).await {
            Err(error) if is_refusal(&error) => {
                let why = format!("the store refuses to remove files: `{error}`");
                return Ok(Ended::NotOffered(why));
            }
            deleted => refused(
                &format!("removing the missing `{path}`"),
                deleted,
                &[NotFound],
            )?,
        }
    }
    passed()
}

pub(in super::super) async fn refuses(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let Err(first) = survey.area() else {
        return Ok(Ended::NotOffered("the store can be written".to_owned()));
    };
    if trial.values.is_empty() && survey.files.is_empty() {
        return skipped("the store has no file");
    }
    let name = join(&survey.base, "tenon-conformance.txt");
    // Of these paths nothing is lost, should a change be done after all.
    for path in [name.as_str(), "tenon-conformance/a/b"] {
        for size in [Some(1), None] {
            let what = format!("writing `{path}` in a store that refused to be written");
            let written = trial.client.write(path, size, whole("x")).await;
            refused(&what, written, &[first.outcome()])?;
        }
        let known = trial.client.stat(path).await;
        refused(
            &format!("stat of `{path}`, which was refused,"),
            known,
            &[NotFound],
        )?;
        match trial.client.delete(path).await {
            Err(error) if is_refusal(&error) || error.outcome() == NotFound => {}
            Err(error) => return Err(format!("removing `{path}`: {}", shown(&error))),
            Ok(()) => {
                return Err(format!(
                    "removing `{path}` succeeded in a store that answers `{first}` to a write"
                ));
            }
        }
    }
    passed()
}
