//! The tag files that make a directory a bag (RFC 8493), apart from its manifest.

use crate::{document::today, manifest};

/// Says that it is a bag.
pub(crate) const DECLARATION: (&str, &str) = (
    "bagit.txt",
    "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
);
/// Says whose.
pub(crate) const INFO: &str = "bag-info.txt";
/// The digests of the other tag files.
pub(crate) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// Longer tag files are none of ours.
pub(crate) const TAG_FILE_MAX: usize = 64 << 10;

const IDENTIFIER: &str = "External-Identifier: ";

/// What a bag holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) bytes: u64,
    pub(crate) files: u64,
}

/// The text of `bag-info.txt`.
pub(crate) fn info(identifier: &str, totals: Totals) -> String {
    let Totals { bytes, files } = totals;
    format!(
        "Bag-Software-Agent: Tenon archive {}\nBagging-Date: {}\n{IDENTIFIER}{identifier}\n\
         Payload-Oxum: {bytes}.{files}\n",
        env!("CARGO_PKG_VERSION"),
        today(),
    )
}

/// The identifier in the text of `bag-info.txt`.
pub(crate) fn identifier(info: &str) -> Option<&str> {
    info.lines().find_map(|line| line.strip_prefix(IDENTIFIER))
}

/// The text of `tagmanifest-sha256.txt`, of names and digests.
pub(crate) fn tag_manifest(digests: &[(&str, &str)]) -> String {
    let lines = digests.iter();
    lines
        .map(|(name, digest)| manifest::line(digest, name))
        .collect()
}

/// The digest of a tag file in the text of `tagmanifest-sha256.txt`.
pub(crate) fn tag_digest<'a>(tag_manifest: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = tag_manifest
        .lines()
        .filter_map(|line| line.split_once("  "));
    lines.find_map(|(digest, of)| (of == name).then_some(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let totals = Totals { bytes: 7, files: 2 };
        let info = info("urn:uuid:x", totals);
        assert_eq!(identifier(&info), Some("urn:uuid:x"));
        assert!(info.contains("\nPayload-Oxum: 7.2\n"));
        let tags = tag_manifest(&[("a.txt", "00"), ("b.txt", "11")]);
        assert_eq!(tags, "00  a.txt\n11  b.txt\n");
        assert_eq!(tag_digest(&tags, "b.txt"), Some("11"));
        assert_eq!(tag_digest(&tags, "txt"), None);
    }
}
