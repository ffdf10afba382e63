//! Every page size must give the same listing, whether or not the store itself pages.

use std::cell::Cell;

use super::*;
use crate::Kind;

/// Paths of files; a folder is there when a file is in it. `page` items at most per listing.
struct Tree {
    files: Vec<&'static str>,
    page: usize,
    listed: Cell<usize>,
}

impl Tree {
    fn new(files: &[&'static str], page: usize) -> Self {
        Self {
            files: files.to_vec(),
            page,
            listed: Cell::new(0),
        }
    }

    fn walk(&self, folder: &str, recursive: bool, max: u32) -> (Vec<String>, usize) {
        let (mut paths, mut after, mut pages) = (Vec::new(), None::<String>, 0);
        loop {
            let folder = Path::new(folder).unwrap();
            let page = walk(
                self,
                ListRequest {
                    folder: &folder,
                    recursive,
                    after: after.as_deref(),
                    max,
                },
            )
            .unwrap();
            assert!(page.entries.len() <= max as usize);
            paths.extend(page.entries.into_iter().map(|entry| entry.path));
            pages += 1;
            after = page.next;
            if after.is_none() {
                return (paths, pages);
            }
        }
    }
}

impl Folders for Tree {
    fn items(&self, folder: &Path, after: Option<&str>, _: u32) -> Result<Listing> {
        self.listed.set(self.listed.get() + 1);
        let mut items: Vec<Item> = Vec::new();
        for file in &self.files {
            let below = match folder.as_str() {
                "" => Some(*file),
                folder => file
                    .strip_prefix(folder)
                    .and_then(|rest| rest.strip_prefix('/')),
            };
            let Some(below) = below else { continue };
            let (name, folder) = below
                .split_once('/')
                .map_or((below, false), |(name, _)| (name, true));
            if !items.iter().any(|item| item.name == name) {
                items.push(Item {
                    name: name.to_owned(),
                    folder,
                    ..Item::default()
                });
            }
        }
        let mut listing = skip_past(items, after)?;
        listing.more = listing.items.len() > self.page;
        listing.items.truncate(self.page);
        Ok(listing)
    }
}

const FILES: [&str; 9] = [
    "z.txt",
    "b/2.txt",
    "b/deep/er/x.txt",
    "b/deep/y.txt",
    "a.txt",
    "c d/\u{fc}.txt",
    "b/1.txt",
    "c d/e/f",
    "m.txt",
];
const EXPECTED: [&str; 9] = [
    "z.txt",
    "a.txt",
    "m.txt",
    "b/2.txt",
    "b/1.txt",
    "b/deep/y.txt",
    "b/deep/er/x.txt",
    "c d/\u{fc}.txt",
    "c d/e/f",
];

#[test]
fn files_of_a_folder_come_before_those_of_its_folders() {
    for page in 1..=6 {
        for max in 1..=10 {
            let (paths, _) = Tree::new(&FILES, page).walk("", true, max);
            assert_eq!(
                paths, EXPECTED,
                "{page} items a listing, {max} entries a page"
            );
        }
    }
}

#[test]
fn one_folder_keeps_the_order_of_the_store() {
    for max in 1..=6 {
        let (paths, _) = Tree::new(&FILES, 2).walk("", false, max);
        assert_eq!(paths, ["z.txt", "b", "a.txt", "c d", "m.txt"]);
    }
}

#[test]
fn paths_are_relative_to_the_listed_folder() {
    let (paths, _) = Tree::new(&FILES, 9).walk("b", true, 100);
    assert_eq!(paths, ["2.txt", "1.txt", "deep/y.txt", "deep/er/x.txt"]);
}

#[test]
fn a_folder_is_listed_once_when_the_page_has_room() {
    let tree = Tree::new(&FILES, 100);
    let (_, pages) = tree.walk("", true, 100);
    // The root, b, b/deep, b/deep/er, c d, c d/e.
    assert_eq!((pages, tree.listed.get()), (1, 6));
}

#[test]
fn a_folder_that_lost_the_last_entry_is_a_conflict() {
    let tree = Tree::new(&FILES, 100);
    let folder = Path::root();
    let request = ListRequest {
        folder: &folder,
        recursive: true,
        after: Some("gone.txt"),
        max: 5,
    };
    assert_eq!(walk(&tree, request).unwrap_err().kind(), Kind::Conflict);
}

#[test]
fn a_loop_of_folders_ends() {
    struct Loop;
    impl Folders for Loop {
        fn items(&self, _: &Path, _: Option<&str>, _: u32) -> Result<Listing> {
            let again = Item {
                name: "again".to_owned(),
                folder: true,
                ..Item::default()
            };
            Ok(Listing {
                items: vec![again],
                more: false,
            })
        }
    }
    let folder = Path::root();
    let request = ListRequest {
        folder: &folder,
        recursive: true,
        after: None,
        max: 5,
    };
    assert_eq!(walk(&Loop, request).unwrap_err().kind(), Kind::Invalid);
}

#[test]
fn a_page_without_room_is_refused() {
    let folder = Path::root();
    let request = ListRequest {
        folder: &folder,
        recursive: false,
        after: None,
        max: 0,
    };
    assert_eq!(
        walk(&Tree::new(&FILES, 9), request).unwrap_err().kind(),
        Kind::Invalid
    );
}
