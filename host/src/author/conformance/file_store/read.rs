//! Reading files.

use bytes::Bytes;

use super::super::client::{Content, Unread};
use super::super::expect::{Checked, graceful, holds, refused, short};
use super::super::report::{Outcome, passed, skipped};
use super::super::survey::{File, join};
use super::super::trial::Trial;
use crate::dispatch::Outcome::{Invalid, NotFound};

const NO_FILE: &str = "the store has no file that can be read";

/// A file's bytes from an offset on.
pub(super) async fn read(trial: &Trial, path: &str, offset: u64) -> Checked<Content> {
    let read = trial.client.read(path, offset).await;
    read.map_err(|why| format!("reading `{path}` from {offset}: {why}"))
}

pub(in super::super) fn same_bytes(what: &str, expected: &[u8], found: &[u8]) -> Checked {
    if expected == found {
        return Ok(());
    }
    let at = expected
        .iter()
        .zip(found)
        .position(|(one, other)| one != other);
    let at = at.unwrap_or_else(|| expected.len().min(found.len()));
    Err(format!(
        "{what}: {} bytes where {} are expected, different from byte {at} on",
        found.len(),
        expected.len()
    ))
}

async fn each(trial: &Trial, check: impl AsyncFn(&File, Content) -> Checked) -> Outcome {
    let mut seen = false;
    for file in trial.survey().await?.readable() {
        let content = read(trial, &file.path, 0).await?;
        check(file, content).await?;
        seen = true;
    }
    if seen { passed() } else { skipped(NO_FILE) }
}

pub(in super::super) async fn whole(trial: &Trial) -> Outcome {
    each(trial, async |file, content| {
        if let Some(size) = file.size {
            holds(size == content.bytes.len() as u64, || {
                let read = content.bytes.len();
                format!(
                    "`{}` is listed with {size} bytes, and {read} can be read",
                    file.path
                )
            })?;
        }
        match &file.content {
            Some(written) => same_bytes(&format!("`{}`", file.path), written, &content.bytes),
            None => Ok(()),
        }
    })
    .await
}

pub(in super::super) async fn size(trial: &Trial) -> Outcome {
    each(trial, async |file, content| {
        let Some(announced) = content.head.size else {
            return Ok(());
        };
        let read = content.bytes.len() as u64;
        holds(announced == read, || {
            format!(
                "`{}`: {announced} bytes were announced and {read} sent",
                file.path
            )
        })
    })
    .await
}

/// The dispatcher itself takes a missing `begin` for a breach of contract,
/// and traps a second one.
pub(in super::super) async fn begin(trial: &Trial) -> Outcome {
    each(trial, async |_, _| Ok(())).await
}

pub(in super::super) async fn offset(trial: &Trial) -> Outcome {
    let Some(file) = trial.survey().await?.largest() else {
        return skipped(NO_FILE);
    };
    let whole = read(trial, &file.path, 0).await?.bytes;
    if whole.len() < 2 {
        return skipped("no file has more than one byte");
    }
    for offset in [1, whole.len() / 2, whole.len() - 1] {
        let tail = read(trial, &file.path, offset as u64).await?;
        let expected = whole.get(offset..).unwrap_or_default();
        let what = format!("`{}` from byte {offset} on", file.path);
        same_bytes(&what, expected, &tail.bytes)?;
    }
    passed()
}

pub(in super::super) async fn end(trial: &Trial) -> Outcome {
    let Some(file) = trial.survey().await?.readable().next() else {
        return skipped(NO_FILE);
    };
    let whole = read(trial, &file.path, 0).await?.bytes;
    let len = whole.len() as u64;
    let at_end = read(trial, &file.path, len).await?;
    same_bytes(
        &format!("`{}` from its end on", file.path),
        b"",
        &at_end.bytes,
    )?;
    for offset in [len + 1, len + (1 << 20), u64::from(u32::MAX) + 1, u64::MAX] {
        let what = format!("reading `{}` from {offset}, past its end,", file.path);
        match trial.client.read(&file.path, offset).await {
            Ok(content) => same_bytes(&what, b"", &content.bytes)?,
            Err(Unread::Refused(error)) => refused::<()>(&what, Err(error), &[Invalid])?,
            Err(Unread::Broken(why)) => return Err(format!("{what} broke off: {why}")),
        }
    }
    passed()
}

/// That a path is refused before the first byte.
async fn unreadable(
    trial: &Trial,
    path: &str,
    check: impl FnOnce(&str, Result<Bytes, crate::dispatch::Error>) -> Checked,
) -> Checked {
    let what = format!("reading `{path}`");
    match trial.client.read(path, 0).await {
        Ok(content) => check(&what, Ok(content.bytes)),
        Err(Unread::Refused(error)) => check(&what, Err(error)),
        Err(Unread::Broken(why)) => Err(format!(
            "{what} began a body and broke off ({why}); an error before `begin` is a status"
        )),
    }
}

pub(in super::super) async fn missing(trial: &Trial) -> Outcome {
    let base = &trial.survey().await?.base;
    let path = join(base, "no-such-file");
    unreadable(trial, &path, |what, read| refused(what, read, &[NotFound])).await?;
    passed()
}

pub(in super::super) async fn folder(trial: &Trial) -> Outcome {
    let survey = trial.survey().await?;
    let mut folders = vec![""];
    folders.extend(survey.folders.first().map(String::as_str));
    for folder in folders {
        unreadable(trial, folder, |what, read| match graceful(what, read)? {
            None => Ok(()),
            Some(bytes) => Err(format!(
                "{what}, a folder, should be refused, not give {}",
                short(&bytes)
            )),
        })
        .await?;
    }
    passed()
}
