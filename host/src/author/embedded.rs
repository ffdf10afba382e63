//! What the program carries for projects outside this repository: the SDK, the
//! contract, templates, and the workspace's own manifest, lock and link flags.

use include_dir::{Dir, File, include_dir};

static SDK: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../sdk");
static WIT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../wit");
const TEMPLATES: &str = "templates";

/// The manifest that the SDK's own manifests inherit from.
pub(super) const WORKSPACE: &str = include_str!("../../../Cargo.toml");
/// Versions that are known to work together.
pub(super) const LOCK: &str = include_str!("../../../Cargo.lock");
/// How plugins are linked.
pub(super) const LINKING: &str = include_str!("../../../.cargo/config.toml");
/// The script that finds a compiler, and what it sources.
pub(super) const TOOLCHAIN: [(&str, &str); 2] = [
    ("toolchain.sh", include_str!("../../../sdk/toolchain.sh")),
    ("apt.sh", include_str!("../../../sdk/apt.sh")),
];

/// The SDK's files, with paths below `sdk/`.
pub(super) fn sdk() -> Vec<&'static File<'static>> {
    let mut files = files(&SDK);
    files.retain(|file| !file.path().starts_with(TEMPLATES));
    files
}

/// The contract's files, with paths below `wit/`.
pub(super) fn wit() -> Vec<&'static File<'static>> {
    files(&WIT)
}

/// A folder of templates; its files' paths begin with `templates/<folder>/`.
pub(super) fn template(folder: &str) -> Option<Vec<&'static File<'static>>> {
    SDK.get_dir(format!("{TEMPLATES}/{folder}")).map(files)
}

fn files(folder: &'static Dir<'static>) -> Vec<&'static File<'static>> {
    let below = folder.dirs().flat_map(files);
    folder.files().chain(below).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn on_disk(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let relative = path.strip_prefix(folder).unwrap().to_owned();
                    found.insert(relative, fs::read(path).unwrap());
                }
            }
        }
        found
    }

    #[test]
    fn nothing_is_missing_nor_stale() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (folder, dir) in [("sdk", &SDK), ("wit", &WIT)] {
            let embedded: BTreeMap<_, _> = files(dir)
                .into_iter()
                .map(|file| (file.path().to_owned(), file.contents().to_vec()))
                .collect();
            assert!(!embedded.is_empty());
            let expected = on_disk(&root.join(folder));
            assert!(
                embedded.keys().eq(expected.keys()),
                "{folder}: files differ"
            );
            for (path, contents) in expected {
                assert!(embedded[&path] == contents, "{folder}: {}", path.display());
            }
        }
    }
}
