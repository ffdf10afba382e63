//! Days of the calendar, as far as a fake must know them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Whether this is a day in the form `2024-01-31`.
pub(crate) fn is_day(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let number = |text: &str, digits: usize| {
        let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    (1..=12).contains(&month) && (1..=days(year, month)).contains(&day)
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Today in UTC.
pub(crate) fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let mut left = now.map_or(0, |now| now.as_secs() / 86_400);
    let (mut year, mut month) = (1970, 1);
    loop {
        let length = u64::from(days(year, month));
        if left < length {
            return format!("{year:04}-{month:02}-{:02}", left + 1);
        }
        left -= length;
        month += 1;
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_days() {
        for day in ["2024-02-29", "2000-02-29", "1999-12-31"] {
            assert!(is_day(day), "{day}");
        }
        let wrong = [
            "2023-02-29",
            "1900-02-29",
            "2024-1-02",
            "2024-13-01",
            "2024-01-00",
            "2",
        ];
        for day in wrong {
            assert!(!is_day(day), "{day}");
        }
        for day in ["2024-01-02T03:04:05Z", "2024-01", "", "+024-01-01"] {
            assert!(!is_day(day), "{day}");
        }
    }

    #[test]
    fn today_is_a_day() {
        assert!(is_day(&today()), "{}", today());
    }
}
