//! Readers that go away.

use std::time::Duration;

use http_body_util::BodyExt as _;

use super::super::expect::Checked;
use super::super::report::{Outcome, passed, skipped};
use super::super::survey::File;
use super::super::trial::Trial;
use super::read::{read as read_whole, same_bytes};
use crate::capability::transfer;
use crate::plugin::Failure;

/// How long a plugin may go on for nobody: ten times what the host grants
/// before it drops the sandbox, since a busy machine may hold it up.
const PATIENCE: Duration = Duration::from_secs(5);

pub(in super::super) async fn read(trial: &Trial) -> Outcome {
    let Some(file) = trial.survey().await?.largest() else {
        return skipped("the store has no file that can be read");
    };
    let before = read_whole(trial, &file.path, 0).await?;
    for _ in 0..3 {
        abandon(trial, file).await?;
        hang_up(trial, file).await?;
        let after = read_whole(trial, &file.path, 0).await?;
        let what = format!("`{}` after a read that nobody waited for", file.path);
        same_bytes(&what, &before.bytes, &after.bytes)?;
    }
    passed()
}

/// The plugin has to see that its reader is gone: nobody ends the call here.
async fn abandon(trial: &Trial, file: &File) -> Checked {
    let budget = Duration::from_millis(trial.rig.limits.cpu_ms);
    let (context, mut sandbox) = trial.sandbox(budget).await?;
    let (sink, pending) = transfer::channel(context.clone());
    let store = sandbox
        .file_store()
        .map_err(|failure| failure.to_string())?;
    let leaving = async {
        if let Ok(mut started) = pending.started.await {
            _ = started.body.frame().await;
        }
        // The body is gone, which cancels the call.
    };
    let reading = async { tokio::join!(store.read(&file.path, 0, sink), leaving) };
    let what = format!("reading `{}` after its reader had gone", file.path);
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok((Ok(()) | Err(Failure::Answered(_)), ())) => Ok(()),
        Ok((Err(failure), ())) => Err(format!("{what} ended in: {failure}")),
        Err(_) => Err(format!("{what} went on for {} s", PATIENCE.as_secs())),
    }
}

/// The same as a caller does it.
async fn hang_up(trial: &Trial, file: &File) -> Checked {
    let path = file.path.clone();
    let begun = trial
        .client
        .begin(|into| crate::dispatch::file_store::Read {
            path,
            offset: 0,
            into,
        });
    let mut started = begun.await.map_err(|why| why.to_string())?;
    _ = started.body.frame().await;
    Ok(())
}
