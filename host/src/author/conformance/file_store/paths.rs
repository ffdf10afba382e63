//! Paths that are unusual, and paths that are none.

use super::super::client::{Unread, whole};
use super::super::expect::{Checked, done, graceful, holds, refused, short};
use super::super::report::{Ended, Outcome, passed};
use super::super::survey::{PAGE, join};
use super::super::trial::Trial;
use super::change::area;
use super::list::all;
use super::read::{read, same_bytes};
use crate::dispatch::Outcome::{Denied, Invalid, NotFound};

/// Below the suite's own folder even where a plugin resolves them.
fn strange() -> Vec<String> {
    let mut paths: Vec<_> = [
        "a//b",
        "/",
        "//",
        "a/./b",
        ".",
        "a/../b",
        "\0",
        "a\0b",
        "%",
        "%2",
        "%00",
        "%2e%2e%2f",
        "%2f",
        "a%2fb",
        "\u{202e}",
        "ä/ö/ü",
        "e\u{301}",
        "日本語",
        "👾",
        " ",
        "a b",
        "a\tb",
        "a\r\nb",
        "\\",
        "..\\x",
        "C:\\x",
        "~",
        "?x=1#y",
        "<x>&",
        "'\"",
        "con",
        "a/",
        "-",
        "*",
    ]
    .map(str::to_owned)
    .into();
    paths.push("x".repeat(300));
    paths.push("x".repeat(4096));
    paths.push("x/".repeat(2048) + "x");
    paths
}

pub(in super::super) async fn malformed(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let area = survey.area().ok();
    for name in strange() {
        let path = format!("{}{name}", area.unwrap_or_default());
        looked_at(trial, &path).await?;
        if area.is_some() {
            let what = format!("writing {}", short(&path));
            let written = trial.client.write(&path, Some(1), whole("x")).await;
            if graceful(&what, written)?.is_some() {
                let what = format!("removing {}", short(&path));
                graceful(&what, trial.client.delete(&path).await)?;
            }
        }
    }
    passed()
}

async fn looked_at(trial: &Trial, path: &str) -> Checked {
    let shown = short(&path);
    graceful(&format!("stat of {shown}"), trial.client.stat(path).await)?;
    let listed = trial.client.list(path, true, None, 10).await;
    graceful(&format!("listing {shown}"), listed)?;
    match trial.client.read(path, 0).await {
        Ok(_) => Ok(()),
        Err(Unread::Refused(error)) => {
            graceful::<()>(&format!("reading {shown}"), Err(error)).map(drop)
        }
        Err(Unread::Broken(why)) => Err(format!("reading {shown} broke off: {why}")),
    }
}

/// Paths that would lead out of the root if they were followed.
const OUTSIDE: [&str; 7] = [
    "..",
    "../",
    "../etc/passwd",
    "a/../../etc/passwd",
    "./../..",
    "../../../../../../../etc",
    "a/b/../../../c",
];

pub(in super::super) async fn escape(trial: &Trial) -> Outcome {
    let client = &trial.client;
    let survey = trial.survey().await?;
    for path in OUTSIDE {
        let allowed = [Invalid, Denied, NotFound];
        refused(
            &format!("stat of `{path}`"),
            client.stat(path).await,
            &allowed,
        )?;
        let listed = client.list(path, false, None, 10).await;
        refused(&format!("listing `{path}`"), listed, &allowed)?;
        let what = format!("reading `{path}`");
        match client.read(path, 0).await {
            Ok(content) => refused(&what, Ok(content.bytes), &allowed)?,
            Err(Unread::Refused(error)) => refused::<()>(&what, Err(error), &allowed)?,
            Err(Unread::Broken(why)) => return Err(format!("{what} broke off: {why}")),
        }
        // A name that nobody misses, should it be made after all.
        let path = format!("{}/tenon-conformance-outside", path.trim_end_matches('/'));
        if survey.area().is_ok() {
            let written = client.write(&path, Some(1), whole("x")).await;
            let allowed = [
                Invalid,
                Denied,
                NotFound,
                crate::dispatch::Outcome::Conflict,
            ];
            refused(&format!("writing `{path}`"), written, &allowed)?;
        }
    }
    passed()
}

pub(in super::super) async fn names(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let area = match area(survey) {
        Ok(area) => area,
        Err(ended) => return Ok(ended),
    };
    let names = [
        "a b.txt",
        "100%41.txt",
        "50%.txt",
        "a+b.txt",
        "a&b=c.txt",
        "a#b?c.txt",
        "ä.txt",
        "日本語.txt",
        "👾.txt",
        "'quoted'.txt",
        "a;b,c.txt",
        ".hidden",
    ];
    for name in names {
        let path = format!("{area}{name}");
        let written = trial.client.write(&path, Some(5), whole("names")).await;
        // A store behind may not have such names, and says so.
        if graceful(&format!("writing `{path}`"), written)?.is_none() {
            continue;
        }
        let content = read(trial, &path, 0).await?;
        same_bytes(&format!("`{path}`"), b"names", &content.bytes)?;
        let known = done(&format!("stat of `{path}`"), trial.client.stat(&path).await)?;
        holds(known.path == path, || {
            format!("stat of {} names {}", short(&path), short(&known.path))
        })?;
        let listed = all(&trial.client, &survey.base, false, PAGE).await?;
        let found = listed
            .iter()
            .any(|entry| join(&survey.base, &entry.path) == path);
        holds(found, || {
            format!(
                "{} was written, and the listing does not have it under this name",
                short(&path)
            )
        })?;
        done(
            &format!("removing `{path}`"),
            trial.client.delete(&path).await,
        )?;
    }
    Ok(Ended::Passed)
}
