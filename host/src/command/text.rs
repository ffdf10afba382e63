//! Results as people read them.

use comfy_table::{Table, presets};
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

const TIME: StaticFormatDescription =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
/// Digits of a digest that tell versions apart, as git does it.
const DIGEST_DIGITS: usize = 12;

/// A text without characters that would speak to the terminal: names and
/// messages are a plugin's.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            plain.extend(char.escape_default());
        } else {
            plain.push(char);
        }
    }
    plain
}

/// Rows under a head, in columns as wide as they must be.
pub(crate) fn table<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(head);
    for row in rows {
        table.add_row(row.map(|cell| plain(&cell)));
    }
    // Cells have a space on either side, which the first and the last need not.
    let trim = |line: String| {
        line.strip_prefix(' ')
            .unwrap_or(&line)
            .trim_end()
            .to_owned()
    };
    let lines = table.lines().map(trim);
    lines.collect::<Vec<_>>().join("\n")
}

/// A moment, from milliseconds since 1970.
pub(crate) fn moment(milliseconds: i64) -> String {
    let nanoseconds = i128::from(milliseconds) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .and_then(|moment| moment.format(TIME).ok())
        .unwrap_or_else(|| milliseconds.to_string())
}

/// The first digits of a digest.
pub(crate) fn short(digest: &str) -> String {
    let digits = digest.strip_prefix("sha256:").unwrap_or(digest);
    digits.chars().take(DIGEST_DIGITS).collect()
}

/// A number of bytes, to three places.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 3] = ["KiB", "MiB", "GiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut size = count as f64 / 1024.0;
    let mut unit = UNITS.iter();
    let mut name = unit.next();
    while size >= 1024.0
        && let Some(next) = unit.next()
    {
        size /= 1024.0;
        name = Some(next);
    }
    format!("{size:.1} {}", name.unwrap_or(&"KiB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_must_be() {
        let rows = [
            ["a", "1"].map(str::to_owned),
            ["longer", "\u{1b}[2J"].map(str::to_owned),
        ];
        let expected = "ID      READY\na       1\nlonger  \\u{1b}[2J";
        assert_eq!(table(["ID", "READY"], rows), expected);
    }

    #[test]
    fn figures_are_for_people() {
        assert_eq!(moment(1_795_000_000_123), "2026-11-18 11:06:40Z");
        assert_eq!(moment(i64::MAX), i64::MAX.to_string());
        assert_eq!(
            short(&format!("sha256:{}", "ab".repeat(32))),
            "abababababab"
        );
        let sizes = [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB")];
        let more = [(1_572_864, "1.5 MiB"), (5 << 40, "5120.0 GiB")];
        for (count, expected) in sizes.into_iter().chain(more) {
            assert_eq!(bytes(count), expected);
        }
    }
}
