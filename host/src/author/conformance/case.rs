//! The cases of the suite.

use std::fmt;

use futures::future::BoxFuture;

use super::report::Outcome;
use super::trial::Trial;
use super::{file_store, lifecycle, repository};
use crate::plugin::Role;

/// Where a case is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolations {
    /// In fresh and in warm sandboxes.
    Both,
    /// In warm ones alone: it is about what one call leaves for the next.
    Warm,
}

/// One rule of the contract.
pub struct Case {
    /// The role it is about.
    pub role: Role,
    /// What it is called; also the fault of the shipped guest that breaks it.
    pub name: &'static str,
    /// What must hold.
    pub rule: &'static str,
    /// How the shipped guest with that fault breaks it.
    pub fault: &'static str,
    /// Where it is run.
    pub isolations: Isolations,
    pub(super) check: fn(&Trial) -> BoxFuture<'_, Outcome>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("role", &self.role)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The case of this name.
pub(super) fn named(name: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| case.name == name)
}

macro_rules! case {
    ($role:ident $name:literal $isolations:ident $check:path, $rule:literal, $fault:literal) => {
        Case {
            role: Role::$role,
            name: $name,
            rule: $rule,
            fault: $fault,
            isolations: Isolations::$isolations,
            check: |trial| Box::pin($check(trial)),
        }
    };
}

/// Every case, in the order in which they are run.
pub static CASES: &[Case] = &[
    case!(Lifecycle "describe-sane" Both lifecycle::describe::sane,
        "describe gives a name, a semantic version, a JSON Schema of the configuration and known wants",
        "its version is `one`"),
    case!(Lifecycle "describe-stable" Both lifecycle::describe::stable,
        "describe says the same every time",
        "it wants the id of the request"),
    case!(Lifecycle "check-answers" Both lifecycle::describe::check,
        "check succeeds with a configuration that works",
        "check panics"),
    case!(Lifecycle "config-missing" Both lifecycle::config::missing,
        "a configuration with keys missing or wrong is refused with a typed error",
        "it panics without the key `root`"),
    case!(Lifecycle "residue" Both lifecycle::residue::of_a_user,
        "what one user sends does not show in the answers to the next",
        "its errors name the user of the call before"),
    case!(Lifecycle "cpu" Both lifecycle::running::cpu,
        "looking around takes a tenth of the CPU budget at most",
        "it computes for ever"),
    case!(Lifecycle "memory" Warm lifecycle::running::memory,
        "memory stops growing over 200 calls of one sandbox",
        "it keeps 64 KiB of every call"),
    case!(Lifecycle "handles" Warm lifecycle::running::handles,
        "no call leaves a handle open, so that the sandbox can serve the next",
        "it leaks a stream in every call"),
    case!(FileStore "list-root" Both file_store::list::root,
        "the root is listed; entries are unique, relative paths of one segment",
        "entries begin with a slash"),
    case!(FileStore "list-pages" Both file_store::list::pages,
        "pages of any size join to the whole, in the same order",
        "the last entry of a page comes again on the next"),
    case!(FileStore "list-max" Both file_store::list::max,
        "a page never holds more than was asked for",
        "it holds one more"),
    case!(FileStore "list-cursor" Both file_store::list::cursor,
        "an `after` that no page gave is answered or refused",
        "it panics"),
    case!(FileStore "list-recursive" Both file_store::list::recursive,
        "a recursive listing has the files of every folder, and no folders",
        "files two folders deep are left out"),
    case!(FileStore "list-missing" Both file_store::list::missing,
        "listing a folder that is not there answers `not-found`",
        "it has no entries"),
    case!(FileStore "list-file" Both file_store::list::of_a_file,
        "a file given as folder has no entries",
        "it is refused"),
    case!(FileStore "stat-listed" Both file_store::stat::listed,
        "stat agrees with the listing and names the path as asked",
        "sizes are one byte larger"),
    case!(FileStore "stat-root" Both file_store::stat::root,
        "the empty path is a folder",
        "it is a file"),
    case!(FileStore "stat-missing" Both file_store::stat::missing,
        "stat of what is not there answers `not-found`",
        "it is an empty file"),
    case!(FileStore "repeatable" Both file_store::stat::repeatable,
        "the same question has the same answer while nothing changes",
        "the etag is the id of the request"),
    case!(FileStore "read-whole" Both file_store::read::whole,
        "reading a file gives all its bytes",
        "the last byte is missing, and no size announced"),
    case!(FileStore "read-offset" Both file_store::read::offset,
        "reading from an offset gives the rest of the file",
        "it begins at the start"),
    case!(FileStore "read-end" Both file_store::read::end,
        "reading from the end gives no bytes; past it, none or `invalid`",
        "it panics"),
    case!(FileStore "read-size" Both file_store::read::size,
        "the announced size is the number of bytes that follow",
        "one more is announced"),
    case!(FileStore "read-begin" Both file_store::read::begin,
        "a read that succeeds has begun its body, exactly once",
        "it returns without"),
    case!(FileStore "read-missing" Both file_store::read::missing,
        "reading what is not there answers `not-found` before the first byte",
        "it sends no bytes"),
    case!(FileStore "read-folder" Both file_store::read::folder,
        "reading a folder is refused with a typed error",
        "it sends no bytes"),
    case!(FileStore "read-cancelled" Both file_store::cancel::read,
        "a read whose reader has gone ends by itself, and spoils no later one",
        "it goes on for ever"),
    case!(FileStore "paths-malformed" Both file_store::paths::malformed,
        "no path makes an operation trap",
        "it panics at long ones"),
    case!(FileStore "paths-escape" Both file_store::paths::escape,
        "a path that leads out of the root is refused",
        "it leads to the root"),
    case!(FileStore "names" Both file_store::paths::names,
        "names with spaces, percent signs and any script are taken as they are",
        "they are percent-decoded"),
    case!(FileStore "write-read" Both file_store::write::read_back,
        "what was written is listed and reads back the same",
        "the last byte is not stored"),
    case!(FileStore "write-again" Both file_store::write::again,
        "writing a file again replaces all of it",
        "it is refused"),
    case!(FileStore "write-empty" Both file_store::write::empty,
        "a file can have no bytes",
        "it is not stored"),
    case!(FileStore "write-unknown-size" Both file_store::write::unknown_size,
        "a file can be written without its size being known",
        "it is refused"),
    case!(FileStore "write-wrong-size" Both file_store::write::wrong_size,
        "a stream of another size than announced is refused and leaves nothing",
        "the size is not looked at"),
    case!(FileStore "write-broken" Both file_store::write::broken_off,
        "an upload that breaks off leaves what was there before",
        "what came is stored"),
    case!(FileStore "delete" Both file_store::change::delete,
        "what was removed is neither listed, known nor readable",
        "it stays"),
    case!(FileStore "delete-missing" Both file_store::change::delete_missing,
        "removing what is not there answers `not-found`, also the second time",
        "it succeeds"),
    case!(FileStore "changes-refused" Both file_store::change::refuses,
        "a store that refuses to be written refuses every change in the same way",
        "it lets files be removed"),
    case!(Repository "project" Both repository::project::round_trip,
        "a project is made, listed, read, changed and removed",
        "a removed one is still there"),
    case!(Repository "project-pages" Both repository::project::pages,
        "pages of projects join to the whole",
        "the last project of a page comes again"),
    case!(Repository "project-unknown" Both repository::project::unknown,
        "an id that is none answers `not-found` or `invalid`",
        "it panics"),
    case!(Repository "metadata-malformed" Both repository::project::malformed,
        "metadata that is no JSON answers `invalid`",
        "it is taken"),
    case!(Repository "files" Both repository::files::round_trip,
        "a file is added, listed, read and removed",
        "its last byte is not stored"),
    case!(Repository "files-replaced" Both repository::files::replaced,
        "adding a file again replaces it",
        "it is refused"),
    case!(Repository "files-unknown" Both repository::files::unknown,
        "a file that is not there answers `not-found`",
        "removing it succeeds"),
    case!(Repository "files-broken" Both repository::files::broken_off,
        "an upload that breaks off leaves no file",
        "what came is stored"),
    case!(Repository "files-cleared" Both repository::files::cleared,
        "delete-files removes every file",
        "it removes none"),
    case!(Repository "publish" Both repository::publish::twice,
        "publishing again returns the same identifier",
        "it returns another"),
    case!(Repository "published" Both repository::publish::frozen,
        "what is published cannot be changed",
        "files can still be added"),
];
