//! The granted root, in the few operations that the archive is made of. Its errors name no path:
//! where something lies is not the caller's business, and who calls knows what it is about.

use std::time::{SystemTime, UNIX_EPOCH};

use tenon_sdk::{
    Error, Kind, Path, Result,
    files::{Item, Root, Status},
    scratch,
    transfer::Reader,
    warn,
};
use uuid::Uuid;

/// Where things are put together and thrown away.
const STAGING: &str = "staging";
/// What lies in staging for so long belongs to nobody. Uploads take hours at worst.
const STALE_SECONDS: u64 = 24 * 60 * 60;
/// Leftovers to remove at a time, so that the call which does it stays quick.
const SWEPT_AT_ONCE: u32 = 16;

/// A root that the archive may write to.
#[derive(Debug)]
pub(crate) struct Store {
    root: Root,
}

impl Store {
    pub(crate) fn new(root: Root) -> Self {
        Self { root }
    }

    /// Sees that the root is there and takes changes.
    pub(crate) fn prepare(&self) -> Result<()> {
        self.ensure_folder(&Path::root().child(STAGING)?)
    }

    pub(crate) fn stat(&self, path: &Path) -> Result<Status> {
        self.root.stat(path).map_err(unnamed)
    }

    pub(crate) fn exists(&self, path: &Path) -> Result<bool> {
        match self.stat(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn list(&self, path: &Path, after: Option<&str>, max: u32) -> Result<Vec<Item>> {
        self.root.list(path, after, max).map_err(unnamed)
    }

    pub(crate) fn open(&self, path: &Path) -> Result<(Status, Reader<'static>)> {
        self.root.open(path, 0).map_err(unnamed)
    }

    /// Stores the whole stream, making missing folders: to be used in staging only.
    pub(crate) fn write(
        &self,
        path: &Path,
        size: Option<u64>,
        content: &mut Reader<'_>,
    ) -> Result<Status> {
        self.root.write(path, size, content).map_err(unnamed)
    }

    /// The same with text of the archive's own.
    pub(crate) fn write_text(&self, path: &Path, text: &str) -> Result<()> {
        let file = scratch::create()?;
        file.append()?.write_all(text.as_bytes())?;
        self.write(path, Some(file.size()), &mut file.open(0)?)?;
        Ok(())
    }

    pub(crate) fn create_folder(&self, path: &Path) -> Result<()> {
        self.root.create_folder(path).map_err(unnamed)
    }

    /// Sees that there is a folder, in one that exists.
    pub(crate) fn ensure_folder(&self, path: &Path) -> Result<()> {
        match self.create_folder(path) {
            Err(error) if error.kind() == Kind::Conflict => {
                if self.stat(path)?.folder {
                    return Ok(());
                }
                Err(Error::conflict("a file stands where a folder is needed"))
            }
            done => done,
        }
    }

    /// Moves something within folders that exist.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.root.rename(from, to).map_err(unnamed)
    }

    /// Moves something to a place whose folders may be missing.
    pub(crate) fn rename_into(&self, from: &Path, to: &Path) -> Result<()> {
        match self.rename(from, to) {
            Err(error) if error.kind() == Kind::NotFound => {}
            done => return done,
        }
        // Not for what is not there: anybody may name anything.
        self.stat(from)?;
        let mut folder = Path::root();
        for segment in to.parent().unwrap_or_default().segments() {
            folder = folder.child(segment)?;
            self.ensure_folder(&folder)?;
        }
        self.rename(from, to)
    }

    pub(crate) fn remove(&self, path: &Path) -> Result<()> {
        self.root.remove(path).map_err(unnamed)
    }

    /// Removes what nobody can reach any more. What stays is swept another day.
    pub(crate) fn discard(&self, path: &Path) {
        match self.remove(path) {
            Err(error) if error.kind() != Kind::NotFound => {
                warn!("something in {path} stays behind: {error}");
            }
            _ => {}
        }
    }

    /// A new place in staging. Its name begins with the time, so that leftovers can be told.
    pub(crate) fn stage(&self) -> Result<Path> {
        let name = format!("{:012}-{}", now(), Uuid::new_v4().simple());
        Path::root().child(STAGING)?.child(&name)
    }

    /// Removes some of what has been in staging for a day. It comes along with another call, whose
    /// success does not depend on it.
    pub(crate) fn sweep(&self) {
        if let Err(error) = self.sweep_before(now().saturating_sub(STALE_SECONDS))
            && error.kind() != Kind::NotFound
        {
            warn!("leftovers were not looked for: {error}");
        }
    }

    fn sweep_before(&self, time: u64) -> Result<()> {
        let staging = Path::root().child(STAGING)?;
        // In order of their names, which is that of their age.
        for item in self.list(&staging, None, SWEPT_AT_ONCE)? {
            let begun = item.name.split_once('-').map(|(begun, _)| begun.parse());
            match begun {
                Some(Ok(begun)) if time > begun => self.discard(&staging.child(&item.name)?),
                Some(Ok(_)) => break,
                // Not of the archive's making.
                _ => {}
            }
        }
        Ok(())
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}

fn unnamed(error: Error) -> Error {
    Error::new(error.kind(), error.message()).after(error.retry_after())
}
