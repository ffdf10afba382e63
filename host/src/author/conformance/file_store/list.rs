//! Listing folders.

use std::collections::BTreeSet;

use super::super::client::Client;
use super::super::expect::{Checked, done, graceful, holds, refused, same, short};
use super::super::report::{Outcome, passed, skipped};
use super::super::survey::{PAGE, join};
use super::super::trial::Trial;
use crate::dispatch::Outcome::NotFound;
use crate::dispatch::file_store::Entry;

/// Entries after which a large folder has been seen enough of.
const ENTRIES_MAX: usize = 300;

/// A folder's entries, page by page to the end, or to what is enough.
pub(super) async fn all(
    client: &Client,
    folder: &str,
    recursive: bool,
    max: u32,
) -> Checked<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut after = None;
    let mut cursors = BTreeSet::new();
    loop {
        let what = format!("listing `{folder}` after {after:?}");
        let listed = client.list(folder, recursive, after, max).await;
        let page = done(&what, listed)?;
        entries.extend(page.entries);
        let Some(next) = page.next else {
            return Ok(entries);
        };
        holds(cursors.insert(next.clone()), || {
            format!(
                "{what} leads back to {}: the listing never ends",
                short(&next)
            )
        })?;
        if entries.len() >= ENTRIES_MAX {
            return Ok(entries);
        }
        after = Some(next);
    }
}

pub(super) fn paths(entries: &[Entry]) -> Vec<&str> {
    let paths = entries.iter().map(|entry| entry.path.as_str());
    paths.take(ENTRIES_MAX).collect()
}

fn well_formed(entries: &[Entry], recursive: bool) -> Checked {
    let mut seen = BTreeSet::new();
    for entry in entries {
        let path = &entry.path;
        let segments: Vec<_> = path.split('/').collect();
        let sound = segments
            .iter()
            .all(|part| !matches!(*part, "" | "." | ".."));
        holds(sound && !path.contains('\0'), || {
            format!(
                "the entry {} is no relative path without slashes around it",
                short(path)
            )
        })?;
        holds(recursive || segments.len() == 1, || {
            format!("the entry {} is not in the folder itself", short(path))
        })?;
        holds(!(recursive && entry.folder), || {
            format!("the folder {} is in a recursive listing", short(path))
        })?;
        holds(seen.insert(path), || {
            format!("the entry {} comes twice", short(path))
        })?;
    }
    Ok(())
}

pub(in super::super) async fn root(trial: &Trial) -> Outcome {
    trial.survey().await?;
    let listed = trial.client.list("", false, None, PAGE).await;
    let page = done("listing the root", listed)?;
    well_formed(&page.entries, false)?;
    passed()
}

pub(in super::super) async fn pages(trial: &Trial) -> Outcome {
    let base = &trial.survey().await?.base;
    for recursive in [false, true] {
        let whole = all(&trial.client, base, recursive, PAGE).await?;
        if whole.len() < 2 {
            return skipped("the folder has fewer than two entries");
        }
        well_formed(&whole, recursive)?;
        for max in [1, 2, 3] {
            let joined = all(&trial.client, base, recursive, max).await?;
            let what = format!("recursive {recursive}: all at once and in pages of {max}");
            let len = whole
                .len()
                .min(joined.len())
                .max(ENTRIES_MAX.min(whole.len()));
            let cut = |entries: &[Entry]| -> Vec<String> {
                paths(entries)
                    .into_iter()
                    .take(len)
                    .map(str::to_owned)
                    .collect()
            };
            same(&what, &cut(&whole), &cut(&joined))?;
        }
    }
    passed()
}

pub(in super::super) async fn max(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    for folder in [survey.base.as_str(), ""] {
        for (max, recursive) in [(1, false), (2, false), (1, true), (2, true)] {
            let listed = trial.client.list(folder, recursive, None, max).await;
            // The dispatcher itself takes a longer page for a breach of contract.
            done(
                &format!("listing `{folder}` with at most {max} entries"),
                listed,
            )?;
        }
        let none = trial.client.list(folder, false, None, 0).await;
        graceful(&format!("listing `{folder}` with no entries at all"), none)?;
    }
    passed()
}

pub(in super::super) async fn cursor(trial: &Trial) -> Outcome {
    let base = &trial.survey().await?.base;
    let long = "x/".repeat(2048);
    for after in [
        "",
        "zzzz",
        "\u{10ffff}",
        "0",
        "../..",
        "/",
        "a/b/c",
        "%00",
        long.as_str(),
    ] {
        for recursive in [false, true] {
            let what = format!("listing `{base}` after {}", short(&after));
            let listed = trial
                .client
                .list(base, recursive, Some(after.to_owned()), 10)
                .await;
            if let Some(page) = graceful(&what, listed)? {
                well_formed(&page.entries, recursive)?;
                holds(page.next.as_deref() != Some(after), || {
                    format!("{what} leads back to itself")
                })?;
            }
        }
    }
    passed()
}

pub(in super::super) async fn recursive(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let flat = all(&trial.client, &survey.base, true, PAGE).await?;
    well_formed(&flat, true)?;
    if flat.len() >= ENTRIES_MAX {
        return skipped("the store is too large to be compared");
    }
    let mut found = BTreeSet::new();
    let mut waiting = vec![String::new()];
    while let Some(below) = waiting.pop() {
        let folder = join(&survey.base, &below);
        for entry in all(&trial.client, &folder, false, PAGE).await? {
            let path = join(&below, &entry.path);
            if entry.folder {
                waiting.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    let listed: BTreeSet<_> = flat.iter().map(|entry| entry.path.clone()).collect();
    let missing: Vec<_> = found.difference(&listed).collect();
    let extra: Vec<_> = listed.difference(&found).collect();
    holds(missing.is_empty() && extra.is_empty(), || {
        format!(
            "folder by folder and recursive differ: {} are left out, {} come in addition",
            short(&missing),
            short(&extra)
        )
    })?;
    in_order(&paths(&flat))?;
    passed()
}

/// Files of a folder come together, before those of its folders.
fn in_order(paths: &[&str]) -> Checked {
    let folder = |path: &str| {
        path.rsplit_once('/')
            .map_or(String::new(), |(of, _)| of.to_owned())
    };
    let mut done = BTreeSet::new();
    let mut current = String::new();
    for path in paths {
        let next = folder(path);
        if next != current {
            done.insert(std::mem::replace(&mut current, next));
        }
        holds(!done.contains(&current), || {
            format!(
                "`{path}` comes after files of other folders; files of one folder come together, before those of its folders"
            )
        })?;
    }
    Ok(())
}

pub(in super::super) async fn missing(trial: &Trial) -> Outcome {
    let base = &trial.survey().await?.base;
    let path = join(base, "no-such-folder");
    for recursive in [false, true] {
        let listed = trial.client.list(&path, recursive, None, PAGE).await;
        refused(
            &format!("listing the missing `{path}`"),
            listed,
            &[NotFound],
        )?;
    }
    passed()
}

pub(in super::super) async fn of_a_file(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let Some(file) = survey.files.first() else {
        return skipped("the store has no file");
    };
    for recursive in [false, true] {
        let what = format!("listing the file `{}`", file.path);
        let listed = trial.client.list(&file.path, recursive, None, PAGE).await;
        let page = done(&what, listed)?;
        holds(page.entries.is_empty() && page.next.is_none(), || {
            format!("{what} has entries: {}", short(&page.entries))
        })?;
    }
    passed()
}
