//! The wall-clock limits of a call. One deadline cannot serve both a request
//! for metadata and a file of many gigabytes, so there are three: until the
//! first byte, between bytes, and in total.

use std::time::Duration;

use tokio::time::Instant;

use crate::capability::Limit;
use crate::capability::call::Context;
use crate::limits::Limits;

/// Waits until a call that began at `from` breaks one of its wall-clock limits.
pub(super) async fn overdue(context: &Context, limits: &Limits, mut from: Instant) -> Limit {
    let mut before = context.meter.progress();
    loop {
        let begun = context.meter.has_begun();
        let window = Duration::from_millis(if begun {
            limits.progress_window_ms
        } else {
            limits.first_byte_ms
        });
        if sleep(from + window, context.deadline).await.is_err() {
            return total(limits);
        }
        from = Instant::now();
        let progress = context.meter.progress() - before;
        before += progress;
        // An upload on its way keeps a call alive that has not answered yet, from the caller and
        // on to a server: where that wants to know its size, the one ends before the other begins.
        let needed = if begun { limits.progress_bytes_min } else { 1 };
        if progress >= needed || (!begun && context.meter.has_begun()) {
            continue;
        }
        return if begun {
            let allowed = format!(
                "{} bytes in {} ms",
                limits.progress_bytes_min, limits.progress_window_ms
            );
            Limit::new("progress_bytes_min", allowed)
        } else {
            first_byte(limits)
        };
    }
}

/// The limit at which a call that ended by itself had arrived. The timeouts of
/// its upstream requests run out with it, and what a plugin makes of them is
/// no more than a consequence.
pub(super) fn reached(context: &Context, limits: &Limits, from: Instant) -> Option<Limit> {
    let now = Instant::now();
    if context.deadline.is_some_and(|deadline| now >= deadline) {
        return Some(total(limits));
    }
    let moved = context.meter.has_begun() || context.meter.moved() > 0;
    let waited = now >= from + Duration::from_millis(limits.first_byte_ms);
    (waited && !moved).then(|| first_byte(limits))
}

fn total(limits: &Limits) -> Limit {
    match limits.total_ms {
        Some(total) => Limit::new("total_ms", format_args!("{total} ms")),
        None => Limit::new("total_ms", "what the call had left that it was made in"),
    }
}

fn first_byte(limits: &Limits) -> Limit {
    Limit::new("first_byte_ms", format_args!("{} ms", limits.first_byte_ms))
}

struct DeadlineReached;

/// Sleeps to the end of a window, unless the deadline comes first.
async fn sleep(end: Instant, deadline: Option<Instant>) -> Result<(), DeadlineReached> {
    match deadline {
        Some(deadline) if deadline < end => {
            tokio::time::sleep_until(deadline).await;
            Err(DeadlineReached)
        }
        _ => {
            tokio::time::sleep_until(end).await;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn limits() -> Limits {
        Limits {
            first_byte_ms: 100,
            progress_window_ms: 50,
            progress_bytes_min: 10,
            ..Limits::default()
        }
    }

    fn context() -> Arc<Context> {
        Arc::new(Context::new("r".into(), Arc::from("c")))
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_never_answers() {
        let limit = overdue(&context(), &limits(), Instant::now()).await;
        assert_eq!(limit.name, "first_byte_ms");
    }

    #[tokio::test(start_paused = true)]
    async fn a_transfer_that_stalls() {
        let context = context();
        context.meter.begin(None);
        context.meter.add_moved(9);
        let limit = overdue(&context, &limits(), Instant::now()).await;
        assert_eq!(limit.name, "progress_bytes_min");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_transfer_that_goes_on() {
        let context = context();
        context.meter.begin(None);
        let moving = async {
            for _ in 0..20 {
                context.meter.add_moved(10);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let limits = limits();
        tokio::select! {
            biased;
            () = moving => {}
            limit = overdue(&context, &limits, Instant::now()) => panic!("{limit}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_counts_as_life_and_the_total_ends_it() {
        let mut context = Context::new("r".into(), Arc::from("c"));
        context.deadline = Some(Instant::now() + Duration::from_millis(450));
        let limits = Limits {
            total_ms: Some(450),
            ..limits()
        };
        let moving = async {
            loop {
                context.meter.add_moved(1);
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
        };
        tokio::select! {
            () = moving => {}
            limit = overdue(&context, &limits, Instant::now()) => assert_eq!(limit.name, "total_ms"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_on_to_a_server_is_life_as_well() {
        let context = context();
        let sending = async {
            for _ in 0..20 {
                context.meter.add_sent(1);
                tokio::time::sleep(Duration::from_millis(60)).await;
            }
        };
        let limits = limits();
        tokio::select! {
            biased;
            () = sending => {}
            limit = overdue(&context, &limits, Instant::now()) => panic!("{limit}"),
        }
        let limit = overdue(&context, &limits, Instant::now()).await;
        assert_eq!(limit.name, "first_byte_ms");
    }
}
