//! A hostile connector beside a benign one, and the check that every misdeed
//! ends as it should and touches nobody else.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use tenon_host::capability::Grants;
use tenon_host::dispatch::file_store::{Delete, ListFolder, Read, Stat, Write};
use tenon_host::dispatch::{Aborted, Call, Dispatcher, Error, Outcome, Upload};
use tenon_host::limits::{Isolation, Limits, Warm};
use tenon_tests::artefact;
use tenon_tests::connector::{Plan, call, dispatcher};

/// The token that no guest may ever see.
pub(super) const TOKEN: &str = "TOP-SECRET-TOKEN-OF-ALICE";

/// How long anything benign may take on a machine that is busy with the rest.
const SOON: Duration = Duration::from_secs(20);

/// Tight enough that no test waits long, wide enough for every benign twin on
/// a busy machine.
pub(super) fn tight() -> Limits {
    Limits {
        memory_bytes: 16 << 20,
        cpu_ms: 400,
        first_byte_ms: 20_000,
        concurrent_calls: 1,
        handles: 256,
        hostcall_bytes: 1 << 20,
        http_requests: 8,
        http_open: 4,
        upload_bytes: Some(1 << 20),
        response_bytes: Some(1 << 20),
        log_bytes: 16 << 10,
        ..Limits::default()
    }
}

/// A connector of the hostile guest that is to be put together.
pub(super) fn hostile() -> Plan {
    let mut plan = Plan::new(artefact::guest("hostile"));
    plan.limits = tight();
    plan
}

pub(super) fn warm() -> Isolation {
    Isolation::Warm(Warm::default())
}

/// An operation, the path of which says what the guest is to do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    List,
    Stat,
    Read,
    Write,
    Delete,
}

pub(super) const EVERY_OP: [Op; 5] = [Op::List, Op::Stat, Op::Read, Op::Write, Op::Delete];

/// What a misdeed ends with: the outcome, and a part of the message.
pub(super) type Expected<'a> = (&'a str, Outcome, &'a str);

/// The connectors `hostile`, of which one call runs at a time, and `benign`.
pub(super) struct Rig {
    pub(super) dispatcher: Arc<Dispatcher>,
}

impl Rig {
    pub(super) fn new(plan: Plan) -> Self {
        let benign = Plan::new(artefact::plugin("template"));
        let connectors = [plan.build("hostile"), benign.build("benign")];
        Self {
            dispatcher: dispatcher(connectors),
        }
    }

    /// The same plan in both isolations.
    pub(super) fn both(plan: impl Fn() -> Plan) -> [Self; 2] {
        let mut kept = plan();
        kept.isolation = warm();
        [Self::new(plan()), Self::new(kept)]
    }

    pub(super) async fn run(&self, op: Op, path: &str) -> Result<String, Error> {
        let path = path.to_owned();
        match op {
            Op::List => {
                let (after, max) = (None, 10);
                let list = ListFolder {
                    path,
                    recursive: false,
                    after,
                    max,
                };
                let page = self.dispatcher.call(alice(), list).await?;
                Ok(page.entries[0].path.clone())
            }
            Op::Stat => Ok(self.dispatcher.call(alice(), Stat { path }).await?.path),
            Op::Read => match self.read(&path).await? {
                Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
                Err(aborted) => panic!("{path}: {aborted}"),
            },
            Op::Write => Ok(self.write(&path, None, &[b"all"]).await?.to_string()),
            Op::Delete => {
                self.dispatcher.call(alice(), Delete { path }).await?;
                Ok(String::new())
            }
        }
    }

    /// The bytes of a body, or how it broke off.
    pub(super) async fn read(&self, path: &str) -> Result<Result<Bytes, Aborted>, Error> {
        let path = path.to_owned();
        let read = |into| Read {
            path,
            offset: 0,
            into,
        };
        let started = self.dispatcher.stream(alice(), read).await?;
        let collected = tokio::time::timeout(SOON, started.body.collect()).await;
        Ok(collected.expect("an end").map(|body| body.to_bytes()))
    }

    /// Uploads pieces; says how many bytes the guest claims to have stored.
    pub(super) async fn write(
        &self,
        path: &str,
        size: Option<u64>,
        pieces: &[&'static [u8]],
    ) -> Result<u64, Error> {
        let pieces: Vec<_> = pieces
            .iter()
            .map(|piece| Ok(Bytes::from_static(piece)))
            .collect();
        let content = Upload::new(futures::stream::iter(pieces));
        let write = Write {
            path: path.to_owned(),
            size,
            content,
        };
        let stored = self.dispatcher.call(alice(), write).await?;
        Ok(stored.size.unwrap_or_default())
    }

    /// That a call of another connector goes through, and soon.
    pub(super) async fn assert_others_work(&self) {
        let path = "more/numbers.txt".to_owned();
        let benign = self.dispatcher.call(call("benign"), Stat { path });
        let answered = tokio::time::timeout(SOON, benign).await;
        assert_eq!(answered.expect("an answer").unwrap().size, Some(6));
    }

    /// That the place of the last call is free, and its sandbox too.
    pub(super) async fn assert_usable(&self) {
        assert_eq!(self.run(Op::Stat, "fine").await.unwrap(), "fine");
    }

    /// That a misdeed ends as expected, while another connector works, and
    /// leaves its own connector usable.
    pub(super) async fn assert_ends(&self, op: Op, (path, outcome, message): Expected<'_>) {
        let (ended, ()) = tokio::join!(self.run(op, path), self.assert_others_work());
        assert_error(
            &format!("{op:?} {path}"),
            &ended.expect_err(path),
            outcome,
            message,
        );
        self.assert_usable().await;
    }

    pub(super) async fn assert_all_end(&self, rows: &[Expected<'_>]) {
        for row in rows {
            self.assert_ends(Op::Stat, *row).await;
        }
    }

    /// That the benign twins pass under the same limits.
    pub(super) async fn assert_all_pass(&self, paths: &[&str]) {
        for path in paths {
            if let Err(error) = self.run(Op::Stat, path).await {
                panic!("{path}: {error}, {:?}", error.cause());
            }
        }
    }
}

pub(super) fn assert_error(what: &str, error: &Error, outcome: Outcome, message: &str) {
    let cause = error.cause();
    assert_eq!(error.outcome(), outcome, "{what}: {error}, {cause:?}");
    assert!(
        error.message().contains(message),
        "{what}: {error}, {cause:?}"
    );
}

/// A call of the hostile connector by alice, who sends her token.
pub(super) fn alice() -> Call {
    Call {
        user: Some("alice".to_owned()),
        credential: Some(TOKEN.into()),
        ..call("hostile")
    }
}

/// A plan with these grants.
pub(super) fn granted(grants: Grants) -> Plan {
    Plan {
        grants,
        ..hostile()
    }
}
