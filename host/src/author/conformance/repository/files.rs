//! Files of projects.

use super::super::client::{Unread, broken, whole};
use super::super::expect::{Checked, done, graceful, holds, refused, short};
use super::super::file_store::read::same_bytes;
use super::super::lifecycle::touch::NOTHING;
use super::super::report::{Ended, Outcome, passed};
use super::super::survey::{PAGE, pattern};
use super::super::trial::Trial;
use super::draft::{add, create, files, find, remove};
use crate::dispatch::Outcome::{Invalid, NotFound, Unsupported};
use crate::dispatch::repository::{DeleteFile, DeleteFiles, ReadFile};

/// Bytes of a file that comes in several pieces.
const BYTES: usize = 300_001;

/// Runs a case in a project of its own, which is removed in any case.
async fn in_project(trial: &Trial, check: impl AsyncFnOnce(&str) -> Outcome) -> Outcome {
    let id = match create(&trial.client).await? {
        Ok(id) => id,
        Err(ended) => return Ok(ended),
    };
    let outcome = check(&id).await;
    remove(&trial.client, &id).await;
    outcome
}

/// That a file reads back the same, where files can be read.
async fn reads(trial: &Trial, project: &str, file: &str, expected: &[u8]) -> Checked {
    let (project, file) = (project.to_owned(), file.to_owned());
    let what = format!("reading `{file}`");
    let read = trial
        .client
        .fetch(|into| ReadFile {
            project,
            file,
            into,
        })
        .await;
    match read {
        Ok(content) => same_bytes(&what, expected, &content.bytes),
        Err(Unread::Refused(error)) if error.outcome() == Unsupported => Ok(()),
        Err(why) => Err(format!("{what}: {why}")),
    }
}

pub(in super::super) async fn round_trip(trial: &Trial) -> Outcome {
    in_project(trial, async |project| {
        let content = pattern(BYTES);
        for (name, size) in [("sized.bin", Some(BYTES as u64)), ("ünsized b.bin", None)] {
            let added = add(trial, project, name, size, whole(content.clone())).await;
            let added = done(&format!("adding `{name}`"), added)?;
            let Some(listed) = find(trial, project, name).await? else {
                return Err(format!("`{name}` was added and is not listed"));
            };
            holds(listed.id == added.id, || {
                format!(
                    "`{name}` was added as `{}` and is listed as `{}`",
                    added.id, listed.id
                )
            })?;
            holds(listed.size.is_none_or(|size| size == BYTES as u64), || {
                format!(
                    "`{name}` has {BYTES} bytes and is listed with {:?}",
                    listed.size
                )
            })?;
            reads(trial, project, &listed.id, &content).await?;
        }
        paged(trial, project).await?;
        for file in files(trial, project, PAGE).await? {
            if ["sized.bin", "ünsized b.bin"].contains(&file.name.as_str()) {
                let delete = DeleteFile {
                    project: project.to_owned(),
                    file: file.id,
                };
                let what = format!("removing `{}`", file.name);
                done(&what, trial.client.call(delete).await)?;
            }
        }
        let left = find(trial, project, "sized.bin").await?;
        holds(left.is_none(), || {
            "`sized.bin` was removed and is still listed".to_owned()
        })?;
        passed()
    })
    .await
}

async fn paged(trial: &Trial, project: &str) -> Checked {
    let names = |files: Vec<crate::dispatch::repository::File>| -> Vec<String> {
        files.into_iter().map(|file| file.name).collect()
    };
    let at_once = names(files(trial, project, PAGE).await?);
    let one_by_one = names(files(trial, project, 1).await?);
    super::super::expect::same("files at once and one by one", &at_once, &one_by_one)
}

pub(in super::super) async fn replaced(trial: &Trial) -> Outcome {
    in_project(trial, async |project| {
        for content in [pattern(50_000), pattern(100), pattern(90_000)] {
            let size = Some(content.len() as u64);
            let added = add(trial, project, "again.bin", size, whole(content.clone())).await;
            let added = done("adding `again.bin` again", added)?;
            let listed = find(trial, project, "again.bin").await?;
            holds(listed.is_some(), || "`again.bin` is not listed".to_owned())?;
            reads(trial, project, &added.id, &content).await?;
        }
        passed()
    })
    .await
}

pub(in super::super) async fn unknown(trial: &Trial) -> Outcome {
    in_project(trial, async |project| {
        for file in [NOTHING, "999999999", "../..", "\0", "%00"] {
            let shown = short(&file);
            let allowed = [NotFound, Invalid];
            let delete = DeleteFile {
                project: project.to_owned(),
                file: file.to_owned(),
            };
            let deleted = trial.client.call(delete).await;
            refused(&format!("removing the file {shown}"), deleted, &allowed)?;
            let what = format!("reading the file {shown}");
            let (project, file) = (project.to_owned(), file.to_owned());
            let read = trial
                .client
                .fetch(|into| ReadFile {
                    project,
                    file,
                    into,
                })
                .await;
            let allowed = [NotFound, Invalid, Unsupported];
            match read {
                Ok(content) => refused(&what, Ok(content.bytes), &allowed)?,
                Err(Unread::Refused(error)) => refused::<()>(&what, Err(error), &allowed)?,
                Err(Unread::Broken(why)) => return Err(format!("{what} broke off: {why}")),
            }
        }
        passed()
    })
    .await
}

pub(in super::super) async fn broken_off(trial: &Trial) -> Outcome {
    in_project(trial, async |project| {
        for size in [Some(100_000), None] {
            let added = add(trial, project, "broken.bin", size, broken(pattern(50_000))).await;
            let what = "adding a file, broken off half way,";
            if let Some(file) = graceful(what, added)? {
                return Err(format!(
                    "{what} should fail, not succeed with {}",
                    short(&file)
                ));
            }
            let left = find(trial, project, "broken.bin").await?;
            holds(left.is_none(), || {
                "a file is listed that never came whole".to_owned()
            })?;
        }
        passed()
    })
    .await
}

pub(in super::super) async fn cleared(trial: &Trial) -> Outcome {
    in_project(trial, async |project| {
        for name in ["one.txt", "two.txt"] {
            let added = add(trial, project, name, Some(1), whole("x")).await;
            done(&format!("adding `{name}`"), added)?;
        }
        let project = project.to_owned();
        let own = project.clone();
        match trial.client.call(DeleteFiles { project }).await {
            Err(error) if error.outcome() == Unsupported => {
                return Ok(Ended::NotOffered(format!("`{error}`")));
            }
            cleared => done("removing every file", cleared)?,
        }
        for name in ["one.txt", "two.txt"] {
            let left = find(trial, &own, name).await?;
            holds(left.is_none(), || format!("`{name}` is still listed"))?;
        }
        passed()
    })
    .await
}
