//! Writing files.

use bytes::Bytes;

use super::super::client::{Piece, broken, whole};
use super::super::expect::{Checked, done, graceful, holds, refused, same, short};
use super::super::report::{Outcome, passed};
use super::super::survey::{PAGE, join, pattern};
use super::super::trial::Trial;
use super::change::area;
use super::list::all;
use super::read::{read, same_bytes};
use crate::dispatch::Outcome::NotFound;

/// Bytes of a file that comes in many pieces.
const BYTES: usize = 1_000_003;

macro_rules! area {
    ($trial:expr) => {
        match area($trial.survey().await?) {
            Ok(area) => area,
            Err(ended) => return Ok(ended),
        }
    };
}

async fn stored(trial: &Trial, path: &str, size: Option<u64>, content: &Bytes) -> Checked {
    // As a network gives them: pieces of any length, empty ones as well.
    let mut pieces: Vec<Piece> = content
        .chunks(60_000)
        .map(Bytes::copy_from_slice)
        .map(Ok)
        .collect();
    pieces.insert(pieces.len() / 2, Ok(Bytes::new()));
    let what = format!("writing `{path}`");
    let entry = done(&what, trial.client.write(path, size, pieces).await)?;
    same(&format!("{what} names"), &path, &entry.path.as_str())?;
    holds(!entry.folder, || {
        format!("{what} made a folder: {}", short(&entry))
    })?;
    if let Some(size) = entry.size {
        same(
            &format!("{what}: bytes sent and stored"),
            &(content.len() as u64),
            &size,
        )?;
    }
    holds_content(trial, path, content).await
}

/// That a file has this content, and is known with its size.
async fn holds_content(trial: &Trial, path: &str, content: &Bytes) -> Checked {
    let found = read(trial, path, 0).await?;
    same_bytes(&format!("`{path}`"), content, &found.bytes)?;
    let known = done(&format!("stat of `{path}`"), trial.client.stat(path).await)?;
    match known.size {
        Some(size) => same(
            &format!("the size of `{path}`"),
            &(content.len() as u64),
            &size,
        ),
        None => Ok(()),
    }
}

pub(in super::super) async fn read_back(trial: &Trial) -> Outcome {
    let area = area!(trial);
    let path = format!("{area}written.bin");
    let content = pattern(BYTES);
    stored(trial, &path, Some(BYTES as u64), &content).await?;
    let base = &trial.survey().await?.base;
    let listed = all(&trial.client, base, false, PAGE).await?;
    let found = listed.iter().any(|entry| join(base, &entry.path) == path);
    holds(found, || format!("`{path}` was written and is not listed"))?;
    passed()
}

pub(in super::super) async fn again(trial: &Trial) -> Outcome {
    let path = format!("{}again.bin", area!(trial));
    for len in [70_000, 10, 200_000] {
        stored(trial, &path, Some(len as u64), &pattern(len)).await?;
    }
    passed()
}

pub(in super::super) async fn empty(trial: &Trial) -> Outcome {
    let area = area!(trial);
    for (name, size) in [("empty.bin", Some(0)), ("empty-unknown.bin", None)] {
        let path = format!("{area}{name}");
        let what = format!("writing the empty `{path}`");
        done(&what, trial.client.write(&path, size, Vec::new()).await)?;
        holds_content(trial, &path, &Bytes::new()).await?;
    }
    passed()
}

pub(in super::super) async fn unknown_size(trial: &Trial) -> Outcome {
    let path = format!("{}unknown.bin", area!(trial));
    stored(trial, &path, None, &pattern(BYTES)).await?;
    passed()
}

pub(in super::super) async fn wrong_size(trial: &Trial) -> Outcome {
    let area = area!(trial);
    for (name, announced) in [("short.bin", 11), ("long.bin", 9)] {
        let path = format!("{area}{name}");
        let what = format!("writing 10 bytes to `{path}` where {announced} were announced");
        let written = trial
            .client
            .write(&path, Some(announced), whole("0123456789"))
            .await;
        if let Some(entry) = graceful(&what, written)? {
            return Err(format!(
                "{what} should be refused, not succeed with {}",
                short(&entry)
            ));
        }
        refused(
            &format!("stat of `{path}`"),
            trial.client.stat(&path).await,
            &[NotFound],
        )?;
    }
    passed()
}

pub(in super::super) async fn broken_off(trial: &Trial) -> Outcome {
    let area = area!(trial);
    for (name, size) in [("broken.bin", Some(100_000)), ("broken-unknown.bin", None)] {
        let path = format!("{area}{name}");
        let what = format!("writing `{path}`, broken off half way,");
        let send = async || {
            trial
                .client
                .write(&path, size, broken(pattern(50_000)))
                .await
        };
        fails(&what, send().await)?;
        let known = trial.client.stat(&path).await;
        refused(
            &format!("stat of `{path}`, which never came whole,"),
            known,
            &[NotFound],
        )?;
        let before = Bytes::from_static(b"what was there before");
        let written = trial
            .client
            .write(&path, Some(before.len() as u64), whole(before.clone()))
            .await;
        done(&format!("writing `{path}`"), written)?;
        fails(&what, send().await)?;
        holds_content(trial, &path, &before).await?;
    }
    passed()
}

fn fails<T: std::fmt::Debug>(what: &str, written: Result<T, crate::dispatch::Error>) -> Checked {
    match graceful(what, written)? {
        None => Ok(()),
        Some(entry) => Err(format!(
            "{what} should fail, not succeed with {}",
            short(&entry)
        )),
    }
}
