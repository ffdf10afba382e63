//! A file system with next to no room.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The file system, until dropped.
#[derive(Debug)]
pub struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// Puts one of this size in the place of an empty folder.
    ///
    /// # Panics
    ///
    /// When not run as root.
    pub fn mount(path: PathBuf, bytes: u64) -> Self {
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"])
            .arg(&path)
            .status();
        let mounted = status.is_ok_and(|status| status.success());
        assert!(mounted, "only root mounts a tmpfs on {}", path.display());
        Self { path }
    }

    /// Takes all the room that is left.
    ///
    /// # Panics
    ///
    /// When it is not a disk of this size.
    pub fn fill(&self) {
        let mut zeros = std::io::repeat(0);
        let file = std::fs::File::create(self.filler());
        let full = std::io::copy(&mut zeros, &mut file.expect("a file"));
        let error = full.expect_err("a small disk");
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }

    /// Gives it back.
    ///
    /// # Panics
    ///
    /// When it was not taken.
    pub fn free(&self) {
        std::fs::remove_file(self.filler()).expect("what fills it");
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The host that used it may be on its way out.
        _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
