//! Waiting for another system no longer than the call lasts.

use std::future::{Future, pending};

use super::call::Context;
use super::{Refusal, Result};

/// What `work` comes to, unless the call is cancelled or over before. `work`
/// is then dropped; `subject` names what was waited for.
pub(super) async fn within<T>(
    context: &Context,
    subject: &str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let over = async {
        match context.deadline {
            Some(at) => tokio::time::sleep_until(at).await,
            None => pending().await,
        }
    };
    tokio::select! {
        biased;
        outcome = work => outcome,
        () = context.cancelled.cancelled() => {
            Err(Refusal::unavailable("the call was cancelled before there was an answer", subject))
        }
        () = over => {
            Err(Refusal::unavailable("the call was over before there was an answer", subject))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bindings::types::Error;

    #[tokio::test]
    async fn nobody_waits_longer_than_the_call() {
        let mut context = Context::new("id".into(), "connector".into());
        let done = within(&context, "db", async { Ok(1) }).await;
        assert_eq!(done.unwrap(), 1);
        context.deadline = Some(tokio::time::Instant::now() + Duration::from_millis(10));
        let over = within(&context, "db", pending::<Result<()>>()).await;
        assert!(matches!(over, Err(Refusal::Outcome(Error::Unavailable(_)))));
        context.deadline = None;
        context.cancelled.cancel();
        let cancelled = within(&context, "db", pending::<Result<()>>()).await;
        assert!(matches!(
            cancelled,
            Err(Refusal::Outcome(Error::Unavailable(_)))
        ));
    }
}
