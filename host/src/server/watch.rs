//! Notices changed configuration files, plugins and secrets.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// Changes come in bursts: an editor writes twice, a deployment many files.
const QUIET: Duration = Duration::from_millis(300);
/// Where changes do not cease, some are taken over all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// Watches directories, not files: deployments replace files, and with them
/// what a watch on the file itself would hold on to.
pub(super) struct Watcher {
    changed: mpsc::Sender<()>,
    changes: mpsc::Receiver<()>,
    /// Whether a change waits for the others of its burst.
    noticed: bool,
    /// `None` where the system offers no watching; SIGHUP still works.
    running: Option<RecommendedWatcher>,
}

impl Watcher {
    /// Watches directories, but not what is below them.
    pub(super) fn new(directories: &BTreeSet<PathBuf>) -> Self {
        let (changed, changes) = mpsc::channel(1);
        let mut watcher = Self {
            changed,
            changes,
            noticed: false,
            running: None,
        };
        watcher.watch(directories);
        watcher
    }

    /// Watches these directories from now on. No change to those that were
    /// watched before is lost on the way.
    pub(super) fn watch(&mut self, directories: &BTreeSet<PathBuf>) {
        let started = start(self.changed.clone(), directories);
        self.running = started
            .inspect_err(|error| tracing::warn!("files are not watched, use SIGHUP: {error}"))
            .ok();
    }

    /// Returns after the first change, once nothing has changed for a while, or
    /// patience is at an end.
    /// Dropped before that, it takes up the change when called again.
    pub(super) async fn changed(&mut self) {
        if !self.noticed {
            // The sender lives as long as this.
            _ = self.changes.recv().await;
            self.noticed = true;
        }
        let patience = tokio::time::sleep(PATIENCE);
        let quiet = async {
            while let Ok(Some(())) = tokio::time::timeout(QUIET, self.changes.recv()).await {}
        };
        tokio::select! {
            () = patience => {}
            () = quiet => {}
        }
        self.noticed = false;
    }
}

fn start(
    changed: mpsc::Sender<()>,
    directories: &BTreeSet<PathBuf>,
) -> notify::Result<RecommendedWatcher> {
    let notice = move |event: notify::Result<Event>| {
        // Reading the configuration is an event, too. A full channel knows of
        // a change already.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            _ = changed.try_send(());
        }
    };
    let mut watcher = notify::recommended_watcher(notice)?;
    for directory in directories.iter().filter(|path| Path::is_dir(path)) {
        watcher.watch(directory, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}
