//! What a failure of the file system means to a guest.

use std::io::{self, ErrorKind};

use crate::capability::Refusal;

/// The typed outcome for a failed operation on `path`, as the guest named it.
pub(super) fn refusal(error: &io::Error, path: &str) -> Refusal {
    match error.kind() {
        // `NotADirectory`: a file stands where the path needs a folder.
        ErrorKind::NotFound | ErrorKind::NotADirectory => Refusal::not_found(path),
        // Also what a path that leads out of the root ends in.
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Refusal::denied("not allowed, or outside of the root", path)
        }
        ErrorKind::AlreadyExists | ErrorKind::IsADirectory | ErrorKind::DirectoryNotEmpty => {
            Refusal::conflict("something else has this name", path)
        }
        ErrorKind::InvalidInput | ErrorKind::InvalidFilename => {
            Refusal::invalid("not a usable path", path)
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Refusal::unavailable("the disk is full", path)
        }
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            Refusal::invalid("a link that leads to itself", path)
        }
        _ => {
            tracing::warn!(%error, path, "a granted directory does not answer");
            Refusal::unavailable("the file system does not answer", path)
        }
    }
}

/// The same, where the path has to be a folder and a file is a conflict.
pub(super) fn folder_refusal(error: &io::Error, path: &str) -> Refusal {
    match error.kind() {
        ErrorKind::NotADirectory => Refusal::conflict("a file stands in the way", path),
        _ => refusal(error, path),
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;
    use crate::bindings::types::Error;

    fn check(errno: Errno, expected: fn(&Error) -> bool) {
        let error = io::Error::from(errno);
        let Refusal::Outcome(outcome) = refusal(&error, "a/b") else {
            panic!("{error} ends the call");
        };
        assert!(expected(&outcome), "{error}: {outcome:?}");
    }

    #[test]
    fn every_cause_has_its_outcome() {
        check(Errno::NOENT, |error| matches!(error, Error::NotFound(_)));
        check(Errno::NOTDIR, |error| matches!(error, Error::NotFound(_)));
        check(Errno::ACCESS, |error| matches!(error, Error::Denied(_)));
        check(Errno::ROFS, |error| matches!(error, Error::Denied(_)));
        check(Errno::EXIST, |error| matches!(error, Error::Conflict(_)));
        check(Errno::ISDIR, |error| matches!(error, Error::Conflict(_)));
        check(Errno::NAMETOOLONG, |error| {
            matches!(error, Error::Invalid(_))
        });
        check(Errno::LOOP, |error| matches!(error, Error::Invalid(_)));
        check(Errno::NOSPC, |error| matches!(error, Error::Unavailable(_)));
        check(Errno::DQUOT, |error| matches!(error, Error::Unavailable(_)));
        check(Errno::IO, |error| matches!(error, Error::Unavailable(_)));
        check(Errno::STALE, |error| matches!(error, Error::Unavailable(_)));
    }
}
