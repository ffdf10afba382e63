//! The list of deposits, in pages.

use serde_json::Value;

use super::state::{State, User};
use crate::exchange::{Answer, Exchange, json};
use crate::refused::Refused;

/// The user's deposits, the newest first.
pub(crate) fn list(state: &State, user: &User, exchange: &Exchange) -> Result<Answer, Refused> {
    let pairs = exchange.query.iter().flatten();
    let (mut page, mut size, mut status, mut oldest) = (1_usize, 10_usize, None, false);
    for (name, value) in pairs {
        let number = || {
            let number = value.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| Refused::plain(400, &format!("Invalid `{name}`.")))
        };
        match (name.as_str(), value.as_str()) {
            ("page", _) => page = number()?,
            ("size", _) => size = number()?,
            ("status", "draft") => status = Some(false),
            ("status", "published") => status = Some(true),
            ("sort", "mostrecent" | "bestmatch") | ("all_versions", _) => {}
            ("sort", "-mostrecent") => oldest = true,
            _ => return Err(Refused::plain(400, &format!("Invalid `{name}`."))),
        }
    }
    if page.saturating_mul(size) > 10_000 {
        let message = "Maximum number of 10000 results have been reached.";
        return Err(Refused::plain(400, message));
    }
    let all = state.deposits.values();
    let mut wanted: Vec<_> = all
        .filter(|deposit| deposit.owner == user.token)
        .filter(|deposit| status.is_none_or(|status| deposit.submitted == status))
        .collect();
    if !oldest {
        wanted.reverse();
    }
    let shown = wanted.into_iter().skip((page - 1) * size).take(size);
    let shown: Value = shown.map(|deposit| deposit.show(&state.view)).collect();
    Ok(json(200, &shown))
}
