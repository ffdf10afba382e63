//! Answers that are none.

use tenon_host::dispatch::Outcome::Internal;
use tenon_host::dispatch::{Fault, lifecycle};
use tenon_tests::artefact;
use tenon_tests::connector::Plan;

use super::rig::{Op, Rig, alice, tight};

const BROKE: &str = "the plugin broke its contract";

fn garbage() -> Plan {
    let mut plan = Plan::new(artefact::guest("garbage"));
    plan.limits = tight();
    plan
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_the_abi_is_the_plugins_fault() {
    let wrong = [
        "no-such-case",
        "no-such-option",
        "answer-nowhere",
        "answer-unaligned",
        "string-nowhere",
        "string-without-end",
        "no-utf-8",
    ];
    for rig in Rig::both(garbage) {
        for path in wrong {
            rig.assert_ends(Op::Stat, (path, Internal, BROKE)).await;
        }
        for op in [Op::List, Op::Write, Op::Delete, Op::Read] {
            rig.assert_ends(op, ("", Internal, BROKE)).await;
        }
        let described = rig.dispatcher.call(alice(), lifecycle::Describe).await;
        let error = described.unwrap_err();
        assert_eq!((error.outcome(), error.fault()), (Internal, Fault::Plugin));
        rig.assert_usable().await;
    }
}
