//! The form of names that become part of a host name.

/// The longest label, in characters (RFC 1123).
pub const LENGTH_MAX: usize = 63;

/// Whether a text is a DNS label (RFC 1123) in lower case.
pub fn is_label(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LENGTH_MAX).contains(&text.len())
        && text.chars().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
