//! Calls that are made by calls.

use std::time::Duration;

use super::*;
use crate::capability::Invoke;
use crate::dispatch::database::{Execute, NO_PARAMETERS, Spoken};
use crate::limits::NESTED_CALLS_MAX;
use crate::plugin::Database;

/// What a plugin does when it is asked to run a script.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// Answers with how deep it was called, the request's id and its user.
    Answer,
    /// Asks another connector.
    Ask(&'static str),
    Refuse,
    Break,
    /// Waits until it is cancelled, and says so.
    Wait,
}

#[derive(Debug, Clone)]
struct Speaker {
    deed: Deed,
    cancelled: Arc<Notify>,
}

struct Speaking {
    speaker: Speaker,
    context: Arc<Context>,
}

#[wasmtime_wasi::async_trait]
impl Launcher for Speaker {
    fn offers(&self, role: Role) -> bool {
        role == Role::Database
    }

    async fn launch(
        &self,
        context: Arc<Context>,
        _: Arc<CpuMeter>,
    ) -> Result<Box<dyn Sandbox>, Failure> {
        let speaker = self.clone();
        Ok(Box::new(Speaking { speaker, context }))
    }
}

impl Sandbox for Speaking {
    fn lifecycle(&mut self) -> &mut dyn Lifecycle {
        unreachable!()
    }

    fn database(&mut self) -> Result<&mut dyn Database, Failure> {
        Ok(self)
    }

    fn is_reused(&self) -> bool {
        false
    }

    fn keep(self: Box<Self>) -> Option<Box<dyn Sandbox>> {
        None
    }
}

#[wasmtime_wasi::async_trait]
impl Database for Speaking {
    async fn dialect(&mut self) -> Result<Spoken, Failure> {
        Ok(Spoken::Sqlite)
    }

    async fn execute(&mut self, script: &str, _: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        let context = &self.context;
        match self.speaker.deed {
            Deed::Answer => {
                let user = context.user.as_deref().unwrap_or("-");
                let answer = format!("{} {} {user} {script}", context.depth, context.request_id);
                Ok(Some(answer.into_bytes()))
            }
            Deed::Ask(other) => {
                let invoke: Arc<dyn Invoke> = context.invoke.as_ref().unwrap().upgrade().unwrap();
                let asked = invoke.execute(context, other, script.to_owned(), Vec::new());
                asked.await.map_err(Failure::Answered)
            }
            Deed::Refuse => Err(Failure::Answered(types::Error::Conflict(types::Detail {
                message: "there is one".to_owned(),
                subject: Some("row".to_owned()),
            }))),
            Deed::Break => Err(Failure::Limit(crate::capability::Limit::new("cpu_ms", 1))),
            Deed::Wait => {
                context.cancelled.cancelled().await;
                self.speaker.cancelled.notify_one();
                Err(Failure::Contract("cancelled".to_owned()))
            }
        }
    }
}

/// Connectors that each let one call in at a time.
struct Chain {
    dispatcher: Dispatcher,
    cancelled: Arc<Notify>,
}

fn chain(speakers: &[(&str, Deed, Limits)]) -> Chain {
    let metrics = Metrics::new().unwrap();
    let cancelled = Arc::new(Notify::new());
    let dispatcher = Dispatcher::new(Scheduler::new(1).unwrap());
    dispatcher.replace(speakers.iter().map(|(id, deed, limits)| {
        let parts = Parts {
            id: id.parse().unwrap(),
            engine: testing::engine(),
            limits: Arc::new(limits.clone()),
            tenant: Arc::new(Tenant::new(&TenantLimits {
                concurrent_calls: Some(1),
                calls_per_second: None,
            })),
            metrics: metrics.for_connector(id),
            usage: Usage::new(&Grants::default(), &Arc::default()),
        };
        let speaker = Speaker {
            deed: *deed,
            cancelled: cancelled.clone(),
        };
        let version = Version::new(Digest::of(id.as_bytes()), Arc::new(speaker));
        Arc::new(Connector::with_version(parts, version))
    }));
    Chain {
        dispatcher,
        cancelled,
    }
}

fn one_at_a_time() -> Limits {
    Limits {
        concurrent_calls: 1,
        ..Limits::default()
    }
}

impl Chain {
    async fn ask(&self, connector: &str) -> Result<String, Error> {
        let mut call = Call::of_host(connector.parse().unwrap(), "request-7");
        call.user = Some("alice".to_owned());
        let execute = Execute {
            script: "SELECT".to_owned(),
            parameters: NO_PARAMETERS.into(),
        };
        let rows = self.dispatcher.call(call, execute).await?;
        Ok(String::from_utf8(rows.unwrap()).unwrap())
    }
}

#[tokio::test]
async fn a_call_within_a_call_needs_no_permit_and_is_for_the_same_user() {
    let chain = chain(&[
        ("sizes", Deed::Ask("db"), one_at_a_time()),
        ("db", Deed::Answer, one_at_a_time()),
    ]);
    assert_eq!(
        chain.ask("sizes").await.unwrap(),
        "1 request-7 alice SELECT"
    );
    // And one by itself needs one, which it gets back.
    assert_eq!(chain.ask("db").await.unwrap(), "0 request-7 alice SELECT");
}

#[tokio::test]
async fn not_even_where_it_comes_back_to_the_connector_it_comes_from() {
    let chain = chain(&[("loop", Deed::Ask("loop"), one_at_a_time())]);
    let error = chain.ask("loop").await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Internal);
    assert!(error.message().contains("`nested calls` (2)"), "{error}");
}

#[tokio::test]
async fn calls_go_two_deep_at_most() {
    let chain = chain(&[
        ("a", Deed::Ask("b"), one_at_a_time()),
        ("b", Deed::Ask("c"), one_at_a_time()),
        ("c", Deed::Ask("d"), one_at_a_time()),
        ("d", Deed::Answer, one_at_a_time()),
    ]);
    assert_eq!(NESTED_CALLS_MAX, 2);
    assert!(chain.ask("b").await.unwrap().starts_with("2 "));
    assert_eq!(
        chain.ask("a").await.unwrap_err().outcome(),
        Outcome::Internal
    );
}

#[tokio::test]
async fn what_the_other_says_is_passed_on_and_what_befalls_it_is_told() {
    let chain = chain(&[
        ("a", Deed::Ask("refuses"), one_at_a_time()),
        ("refuses", Deed::Refuse, one_at_a_time()),
        ("b", Deed::Ask("breaks"), one_at_a_time()),
        ("breaks", Deed::Break, one_at_a_time()),
        ("c", Deed::Ask("nobody"), one_at_a_time()),
    ]);
    let refused = chain.ask("a").await.unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Conflict);
    assert_eq!(refused.subject(), Some("row"));
    let broken = chain.ask("b").await.unwrap_err();
    assert_eq!(broken.outcome(), Outcome::Internal);
    assert!(broken.message().contains("cpu_ms"), "{broken}");
    // It may be there after the next reload; the caller's input is not at fault.
    assert_eq!(
        chain.ask("c").await.unwrap_err().outcome(),
        Outcome::Unavailable
    );
}

#[tokio::test]
async fn it_may_take_no_longer_than_the_call_it_is_made_in() {
    let hasty = Limits {
        total_ms: Some(50),
        ..one_at_a_time()
    };
    let chain = chain(&[
        ("a", Deed::Ask("waits"), hasty),
        ("waits", Deed::Wait, one_at_a_time()),
    ]);
    let began = tokio::time::Instant::now();
    let late = chain.ask("a").await.unwrap_err();
    assert_eq!(late.outcome(), Outcome::Deadline);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn it_ends_when_nobody_waits_for_it_any_more() {
    let hasty = Limits {
        first_byte_ms: 50,
        ..one_at_a_time()
    };
    let chain = chain(&[
        ("a", Deed::Ask("waits"), hasty),
        ("waits", Deed::Wait, one_at_a_time()),
    ]);
    assert_eq!(
        chain.ask("a").await.unwrap_err().outcome(),
        Outcome::Deadline
    );
    let cancelled = tokio::time::timeout(Duration::from_secs(5), chain.cancelled.notified());
    cancelled.await.unwrap();
}

#[tokio::test]
async fn a_drain_lets_calls_make_theirs() {
    let chain = chain(&[
        ("a", Deed::Ask("b"), one_at_a_time()),
        ("b", Deed::Answer, one_at_a_time()),
    ]);
    assert!(chain.ask("a").await.is_ok());
    assert_eq!(chain.dispatcher.drain(Duration::from_secs(1)).await, 0);
    assert_eq!(
        chain.ask("a").await.unwrap_err().outcome(),
        Outcome::Overloaded
    );
}
