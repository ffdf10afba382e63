//! Lists that are put together from pages.
//!
//! Held in memory, because a failure in a later page must still be a status;
//! that is why a list has limits.

use http::StatusCode;

use super::Limits;
use super::problem::Refusal;
use crate::dispatch::Error;

/// Some items, and where the next page begins.
pub(super) type Page<T> = (Vec<T>, Option<String>);

/// Follows the pages to the last. `what` names in a refusal what there is too
/// much of; `weigh` tells the bytes of an item.
pub(super) async fn gather<T, F>(
    limits: &Limits,
    what: &str,
    weigh: impl Fn(&T) -> usize,
    mut page: impl FnMut(Option<String>) -> F,
) -> Result<Result<Vec<T>, Refusal>, Error>
where
    F: Future<Output = Result<Page<T>, Error>>,
{
    let mut left = Left::of(limits, what);
    let mut gathered = Vec::new();
    let mut after = None;
    loop {
        let (items, next) = page(after.clone()).await?;
        // An empty page counts too: a plugin could send them without end.
        if let Err(refusal) = left.take(1, 0) {
            return Ok(Err(refusal));
        }
        for item in items {
            if let Err(refusal) = left.take(1, weigh(&item)) {
                return Ok(Err(refusal));
            }
            gathered.push(item);
        }
        if next.is_none() {
            return Ok(Ok(gathered));
        }
        if next == after {
            let sentence = "The list does not end: a page of it leads to itself.";
            return Ok(Err(Refusal::new(StatusCode::BAD_GATEWAY, sentence)));
        }
        after = next;
    }
}

/// What a list may still hold.
struct Left<'a> {
    entries: usize,
    bytes: usize,
    limits: &'a Limits,
    what: &'a str,
}

impl<'a> Left<'a> {
    fn of(limits: &'a Limits, what: &'a str) -> Self {
        Self {
            entries: limits.listing_entries,
            bytes: limits.listing_bytes,
            limits,
            what,
        }
    }

    fn take(&mut self, entries: usize, bytes: usize) -> Result<(), Refusal> {
        let (limits, what) = (self.limits, self.what);
        let over = |name, max| {
            Refusal::new(
                StatusCode::BAD_GATEWAY,
                format!("{what} more than can be listed: {name} is {max}."),
            )
        };
        self.entries = self
            .entries
            .checked_sub(entries)
            .ok_or_else(|| over("listing_entries", limits.listing_entries))?;
        self.bytes = self
            .bytes
            .checked_sub(bytes)
            .ok_or_else(|| over("listing_bytes", limits.listing_bytes))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Left, Page, gather};
    use crate::dispatch::Error;
    use crate::frontend::rds::Limits;

    const LIMITS: Limits = Limits {
        listing_entries: 3,
        listing_bytes: 10,
        body_time: Duration::from_secs(1),
    };

    #[test]
    fn a_list_has_limits() {
        let mut left = Left::of(&LIMITS, "The folder holds");
        left.take(2, 4).unwrap();
        let refusal = left.take(1, 7).unwrap_err();
        assert!(refusal.body().1.contains("listing_bytes is 10"));
        let refusal = left.take(2, 0).unwrap_err();
        assert!(refusal.body().1.contains("listing_entries is 3"));
    }

    #[tokio::test]
    async fn pages_are_followed_as_far_as_a_list_goes() {
        let mut asked = Vec::new();
        let mut pages = |after: Option<String>| {
            asked.push(after.clone());
            let page: Page<&str> = match after.as_deref() {
                None => (vec!["a"], Some("2".to_owned())),
                Some(_) => (vec![], None),
            };
            async { Ok::<_, Error>(page) }
        };
        let gathered = gather(&LIMITS, "x", |item| item.len(), &mut pages).await;
        assert_eq!(gathered.unwrap().unwrap(), ["a"]);
        assert_eq!(asked, [None, Some("2".to_owned())]);

        let circle = |_| async { Ok::<Page<&str>, Error>((vec![], Some("on".to_owned()))) };
        let gathered = gather(&LIMITS, "There is", |item| item.len(), circle).await;
        assert!(
            gathered
                .unwrap()
                .unwrap_err()
                .sentence()
                .contains("leads to itself")
        );

        let endless = |after: Option<String>| async {
            let next = after.unwrap_or_default() + "+";
            Ok::<Page<&str>, Error>((vec![], Some(next)))
        };
        let gathered = gather(&LIMITS, "There is", |item| item.len(), endless).await;
        assert_eq!(
            gathered.unwrap().unwrap_err().sentence(),
            "There is more than can be listed: listing_entries is 3."
        );
    }
}
