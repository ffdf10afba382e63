//! Removing what a host that was killed left half-written.
//!
//! A write that ends in any other way removes its hidden file itself. Nobody
//! comes back for that of a killed host, and no listing shows it: without this
//! it would take up space for ever.

use std::io;
use std::time::{Duration, SystemTime};

use cap_std::fs::{Dir, DirEntry};

use super::root::Root;
use super::write::is_partial;

/// A file that was not written to for so long belongs to no upload. Another
/// host may be writing into the same directory.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// Deeper folders are left alone, so that no tree can exhaust the stack.
const DEPTH_MAX: usize = 256;

/// Removes them from a root, and logs what came of it.
pub(super) fn sweep(name: &str, root: &Root) {
    let Some(before) = SystemTime::now().checked_sub(STALE) else {
        return;
    };
    let mut swept = Swept::default();
    if let Ok(dir) = root.dir().open_dir(".") {
        swept.folder(&dir, before, 0);
    } else {
        swept.failures += 1;
    }
    let Swept { removed, failures } = swept;
    if failures > 0 {
        tracing::warn!(
            root = name,
            failures,
            "could not look for unfinished files everywhere"
        );
    }
    if removed > 0 {
        tracing::info!(
            root = name,
            removed,
            "unfinished files of a killed host removed"
        );
    }
}

#[derive(Debug, Default)]
struct Swept {
    removed: u64,
    failures: u64,
}

impl Swept {
    fn folder(&mut self, dir: &Dir, before: SystemTime, depth: usize) {
        let Ok(entries) = dir.entries() else {
            self.failures += 1;
            return;
        };
        for entry in entries {
            match entry.and_then(|entry| self.entry(&entry, before, depth)) {
                Ok(()) => {}
                // Somebody else was quicker.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) => self.failures += 1,
            }
        }
    }

    /// A link is neither a folder nor a file here, wherever it leads.
    fn entry(&mut self, entry: &DirEntry, before: SystemTime, depth: usize) -> io::Result<()> {
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < DEPTH_MAX {
            self.folder(&entry.open_dir()?, before, depth + 1);
        }
        let hidden = entry.file_name().to_str().is_some_and(is_partial);
        if kind.is_file() && hidden && entry.metadata()?.modified()?.into_std() < before {
            entry.remove_file()?;
            self.removed += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::*;
    use crate::capability::Io;
    use crate::capability::files::{Access, Grants};

    fn put(path: &Path, age: Duration) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    fn sweep_root(path: &Path, access: Access) {
        let root = Root::open(path, access, Io::Inline).unwrap();
        Grants([("r".to_owned(), root)].into()).sweep();
    }

    #[test]
    fn only_old_unfinished_files_go() {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("root");
        let (day, hour) = (STALE + Duration::from_secs(60), Duration::from_secs(3600));
        let gone = ["a/b/.tenon-1.partial", ".tenon-2.partial"];
        let kept = [
            ("a/.tenon-3.partial", hour),
            ("a/data.partial", day),
            ("a/.tenon-4", day),
            (".tenon-5.partial/file", day),
        ];
        for name in gone {
            put(&root.join(name), day);
        }
        for (name, age) in kept {
            put(&root.join(name), age);
        }
        put(&outside.path().join("elsewhere/.tenon-6.partial"), day);
        symlink("../elsewhere", root.join("folder")).unwrap();
        symlink(
            "../../elsewhere/.tenon-6.partial",
            root.join("a/.tenon-7.partial"),
        )
        .unwrap();
        symlink("..", root.join("a/up")).unwrap();

        sweep_root(&root, Access::ReadOnly);
        assert!(gone.iter().all(|name| root.join(name).exists()));

        sweep_root(&root, Access::ReadWrite);
        for name in gone {
            assert!(!root.join(name).exists(), "{name}");
        }
        for (name, _) in kept {
            assert!(root.join(name).exists(), "{name}");
        }
        assert!(outside.path().join("elsewhere/.tenon-6.partial").exists());
        assert!(root.join("a/.tenon-7.partial").symlink_metadata().is_ok());
    }
}
