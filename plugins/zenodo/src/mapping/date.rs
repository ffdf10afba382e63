//! Days out of the many ways to write a date.

use tenon_ro_crate::Entity;
use time::{Date, Month};

/// The day a crate was published, as Zenodo writes days.
pub(super) fn published(root: Entity<'_>) -> Option<String> {
    root.texts("datePublished").find_map(day)
}

/// The day that an ISO 8601 date or timestamp begins with, in its own time zone; the first day of a
/// year or a month.
fn day(text: &str) -> Option<String> {
    let text = text.trim();
    let date = text.split(['T', 't', ' ']).next()?;
    let mut parts = date.split('-');
    let year: u16 = number(parts.next()?, 4)?;
    let month: u8 = parts.next().map_or(Some(1), |text| number(text, 2))?;
    let day: u8 = parts.next().map_or(Some(1), |text| number(text, 2))?;
    if parts.next().is_some() {
        return None;
    }
    let date = Date::from_calendar_date(i32::from(year), Month::try_from(month).ok()?, day).ok()?;
    Some(date.to_string())
}

fn number<T: std::str::FromStr>(text: &str, digits: usize) -> Option<T> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}
