//! What is known of one path.

use super::super::expect::{done, holds, refused, same, short};
use super::super::report::{Outcome, passed, skipped};
use super::super::survey::{PAGE, join};
use super::super::trial::Trial;
use super::list::all;
use crate::dispatch::Outcome::NotFound;

pub(in super::super) async fn listed(trial: &Trial) -> Outcome {
    let base = &trial.survey().await?.base;
    let entries = all(&trial.client, base, false, PAGE).await?;
    if entries.is_empty() {
        return skipped("the folder is empty");
    }
    for listed in entries.iter().take(20) {
        let path = join(base, &listed.path);
        let known = done(&format!("stat of `{path}`"), trial.client.stat(&path).await)?;
        same(&format!("stat of `{path}` names"), &path, &known.path)?;
        let what = |of: &str| format!("`{path}`: listing and stat disagree on its {of}");
        same(&what("kind"), &listed.folder, &known.folder)?;
        let known_to_both = listed.size.zip(known.size);
        if let Some((one, other)) = known_to_both {
            same(&what("size"), &one, &other)?;
        }
        if let Some((one, other)) = listed.etag.as_ref().zip(known.etag.as_ref()) {
            same(&what("etag"), one, other)?;
        }
    }
    passed()
}

pub(in super::super) async fn root(trial: &Trial) -> Outcome {
    let known = done("stat of the root", trial.client.stat("").await)?;
    holds(known.folder, || {
        format!("the root is no folder: {}", short(&known))
    })?;
    same("stat of the root names", &"", &known.path.as_str())?;
    passed()
}

pub(in super::super) async fn missing(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let mut paths = vec![
        join(&survey.base, "no-such-file"),
        join(&survey.base, "no/such/file"),
    ];
    // Below a file there is nothing either.
    paths.extend(
        survey
            .files
            .first()
            .map(|file| format!("{}/below", file.path)),
    );
    for path in paths {
        let known = trial.client.stat(&path).await;
        refused(&format!("stat of the missing `{path}`"), known, &[NotFound])?;
    }
    passed()
}

pub(in super::super) async fn repeatable(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let list = async || {
        let listed = trial.client.list(&survey.base, false, None, PAGE).await;
        let page = done("listing", listed)?;
        Ok::<_, String>(format!("{page:?}"))
    };
    same("two listings", &list().await?, &list().await?)?;
    for file in survey.readable() {
        let stat = async || {
            let known = done("stat", trial.client.stat(&file.path).await)?;
            Ok::<_, String>(format!("{known:?}"))
        };
        same("two times stat", &stat().await?, &stat().await?)?;
    }
    passed()
}
