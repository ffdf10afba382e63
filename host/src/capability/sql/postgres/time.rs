//! Points in time and spans of it. The server counts from the year 2000.

use std::fmt::Write as _;

use ::time::{Date, Duration, PrimitiveDateTime, Time};

use super::wire::{Misread, Wire};

const EPOCH: Date = ::time::macros::date!(2000 - 01 - 01);
const MICROS: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 24 * 60 * 60 * MICROS;

/// Where the server's `infinity` is, which RFC 3339 cannot say.
const LAST: &str = "9999-12-31T23:59:59.999999";
const FIRST: &str = "0001-01-01T00:00:00";

/// A timestamp, with `suffix` for its offset. `None` outside the years that
/// RFC 3339 has.
pub(super) fn timestamp(mut wire: Wire<'_>, suffix: &str) -> Result<Option<String>, Misread> {
    let micros = wire.i64()?;
    Ok(match micros {
        i64::MAX => Some(format!("{LAST}{suffix}")),
        i64::MIN => Some(format!("{FIRST}{suffix}")),
        _ => {
            let at = PrimitiveDateTime::new(EPOCH, Time::MIDNIGHT);
            let at = at.checked_add(Duration::microseconds(micros));
            let at = at.filter(|at| at.year() > 0);
            at.map(|at| format!("{}T{}{suffix}", date_text(at.date()), time_text(at.time())))
        }
    })
}

/// A date, likewise.
pub(super) fn date(mut wire: Wire<'_>) -> Result<Option<String>, Misread> {
    let days = wire.i32()?;
    let first_ten = |text: &str| text.get(..10).map(str::to_owned);
    Ok(match days {
        i32::MAX => first_ten(LAST),
        i32::MIN => first_ten(FIRST),
        _ => {
            let date = EPOCH.checked_add(Duration::days(days.into()));
            date.filter(|date| date.year() > 0).map(date_text)
        }
    })
}

/// A time of day; the last one is `24:00:00`.
pub(super) fn time(wire: &mut Wire<'_>) -> Result<String, Misread> {
    let micros = wire.i64()?;
    if !(0..=MICROS_PER_DAY).contains(&micros) {
        return Err(Misread);
    }
    let mut text = String::new();
    let seconds = micros / MICROS;
    let (minutes, hours) = (seconds / 60 % 60, seconds / 3600);
    _ = write!(text, "{hours:02}:{minutes:02}:{:02}", seconds % 60);
    fraction(micros % MICROS, &mut text);
    Ok(text)
}

/// A time of day with its offset.
pub(super) fn time_with_offset(mut wire: Wire<'_>) -> Result<String, Misread> {
    let mut text = time(&mut wire)?;
    // Seconds to the west.
    let east = -i64::from(wire.i32()?);
    let (sign, east) = (if east < 0 { '-' } else { '+' }, east.abs());
    _ = write!(text, "{sign}{:02}:{:02}", east / 3600, east / 60 % 60);
    Ok(text)
}

/// A span of time, as the server writes it in the style `iso_8601`: each part
/// has its own sign.
pub(super) fn interval(mut wire: Wire<'_>) -> Result<String, Misread> {
    let micros = wire.i64()?;
    let days = wire.i32()?;
    let months = wire.i32()?;
    let mut text = "P".to_owned();
    let parts = [
        (i64::from(months / 12), 'Y'),
        (i64::from(months % 12), 'M'),
        (i64::from(days), 'D'),
    ];
    write_parts(parts, &mut text);
    if micros != 0 || text.len() == 1 {
        text.push('T');
    }
    let seconds = micros / MICROS;
    write_parts([(seconds / 3600, 'H'), (seconds / 60 % 60, 'M')], &mut text);
    let (whole, rest) = (seconds % 60, micros % MICROS);
    if whole != 0 || rest != 0 || text.ends_with('T') {
        if micros < 0 {
            text.push('-');
        }
        _ = write!(text, "{}", whole.abs());
        fraction(rest.abs(), &mut text);
        text.push('S');
    }
    Ok(text)
}

fn write_parts(parts: impl IntoIterator<Item = (i64, char)>, into: &mut String) {
    for (part, unit) in parts {
        if part != 0 {
            _ = write!(into, "{part}{unit}");
        }
    }
}

fn date_text(date: Date) -> String {
    let (year, month, day) = date.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

fn time_text(time: Time) -> String {
    let (hour, minute, second, micros) = time.as_hms_micro();
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    fraction(micros.into(), &mut text);
    text
}

/// Microseconds of a second, without the noughts at their end.
fn fraction(micros: i64, into: &mut String) {
    if micros > 0 {
        let digits = format!("{micros:06}");
        _ = write!(into, ".{}", digits.trim_end_matches('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time() {
        let at = |micros: i64| timestamp(Wire(&micros.to_be_bytes()), "Z").unwrap();
        assert_eq!(at(0).unwrap(), "2000-01-01T00:00:00Z");
        assert_eq!(at(-1).unwrap(), "1999-12-31T23:59:59.999999Z");
        assert_eq!(at(1_500_000).unwrap(), "2000-01-01T00:00:01.5Z");
        assert_eq!(at(i64::MAX).unwrap(), "9999-12-31T23:59:59.999999Z");
        assert_eq!(at(i64::MAX - 1), None);
        assert_eq!(at(-63_113_904_000_000_001 - 86_400_000_000 * 366), None);
        let on = |days: i32| date(Wire(&days.to_be_bytes())).unwrap();
        assert_eq!(on(9527).unwrap(), "2026-01-31");
        assert_eq!(on(i32::MIN).unwrap(), "0001-01-01");
        assert_eq!(on(i32::MAX - 1), None);
        let clock = |micros: i64| time(&mut Wire(&micros.to_be_bytes()));
        assert_eq!(clock(86_399_500_000).unwrap(), "23:59:59.5");
        assert_eq!(clock(MICROS_PER_DAY).unwrap(), "24:00:00");
        assert!(clock(-1).is_err());
    }

    #[test]
    fn spans_of_time() {
        let span = |micros: i64, days: i32, months: i32| {
            let mut bytes = micros.to_be_bytes().to_vec();
            bytes.extend([days, months].into_iter().flat_map(i32::to_be_bytes));
            interval(Wire(&bytes)).unwrap()
        };
        assert_eq!(span(0, 0, 0), "PT0S");
        assert_eq!(span(14_706_500_000, 3, 14), "P1Y2M3DT4H5M6.5S");
        assert_eq!(span(-500_000, 1, -13), "P-1Y-1M1DT-0.5S");
        assert_eq!(span(3_600_000_000, 0, 0), "PT1H");
        assert_eq!(span(0, 0, 12), "P1Y");
    }
}
