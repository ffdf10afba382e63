//! Every limit of a sandbox, broken and kept.

use tenon_host::capability::{Grants, scratch};
use tenon_host::dispatch::Outcome::{Deadline, Internal};

use super::rig::{EVERY_OP, Expected, Op, Rig, granted, hostile};

const BROKEN: &[Expected<'_>] = &[
    ("spin", Internal, "`cpu_ms`"),
    ("spin-in-host-calls", Internal, "`cpu_ms`"),
    ("spin-in-waits", Internal, "`cpu_ms`"),
    ("grow", Internal, "`memory_bytes` (16777216 bytes)"),
    ("recurse", Internal, "`stack`"),
    ("recurse-without-frames", Internal, "`stack`"),
    ("trap", Internal, "the plugin trapped"),
    ("panic", Internal, "the plugin trapped"),
    ("wild-pointer", Internal, "the plugin trapped"),
    ("exit 0", Internal, "exited with status 0"),
    ("exit 3", Internal, "exited with status 1"),
    ("flood-log", Internal, "`log_bytes`"),
    ("flood-log-with-nothing", Internal, "`log_bytes`"),
    ("flood-stdout", Internal, "`log_bytes`"),
    ("flood-stderr", Internal, "`log_bytes`"),
    ("handles 1000000", Internal, "`handles` (256)"),
    ("random 1099511627776", Internal, "`random_bytes`"),
    ("long-key 2000000", Internal, "`hostcall_bytes`"),
    ("poll 1000000", Internal, "`hostcall_bytes`"),
    ("scratch 1000000", Internal, "`scratch_bytes`"),
];

const KEPT: &[&str] = &[
    "spin-briefly",
    "wait-a-little",
    "grow-a-little",
    "recurse-a-little",
    "fine",
    "log-a-little",
    "handles 100",
    "random 64",
    "long-key 2000",
    "poll 1000",
    "scratch 5000",
];

fn with_scratch() -> tenon_tests::connector::Plan {
    granted(Grants {
        scratch: Some(scratch::Grant {
            bytes_max: 100_000,
            directory: std::env::temp_dir(),
        }),
        ..Grants::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_limit_ends_the_call_under_its_name() {
    for rig in Rig::both(with_scratch) {
        rig.assert_all_end(BROKEN).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_benign_twins_keep_the_same_limits() {
    for rig in Rig::both(with_scratch) {
        rig.assert_all_pass(KEPT).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_is_without_limits() {
    for rig in Rig::both(hostile) {
        for op in EVERY_OP {
            rig.assert_ends(op, ("spin", Internal, "`cpu_ms`")).await;
            rig.assert_ends(op, ("trap", Internal, "the plugin trapped"))
                .await;
            rig.run(op, "spin-briefly").await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_that_never_returns_from_the_host_meets_the_clock() {
    let impatient = || {
        let mut plan = hostile();
        plan.limits.first_byte_ms = 300;
        plan
    };
    for rig in Rig::both(impatient) {
        rig.assert_ends(Op::Stat, ("wait-for-ever", Deadline, "`first_byte_ms`"))
            .await;
        rig.assert_all_pass(&["wait-a-little"]).await;
    }
    let short = || {
        let mut plan = hostile();
        plan.limits.total_ms = Some(300);
        plan
    };
    for rig in Rig::both(short) {
        rig.assert_ends(Op::Stat, ("wait-for-ever", Deadline, "`total_ms`"))
            .await;
        rig.assert_all_pass(&["wait-a-little"]).await;
    }
}

/// A pool's slot ends at 64 MiB, whatever the connector's limit says.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_slot_is_a_limit_with_a_name() {
    let generous = || {
        let mut plan = hostile();
        plan.limits.memory_bytes = 1 << 30;
        plan.limits.cpu_ms = 20_000;
        plan
    };
    for rig in Rig::both(generous) {
        rig.assert_all_end(&[("grow", Internal, "`memory_bytes` (67108864 bytes)")])
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_holds_what_was_asked_for() {
    for rig in Rig::both(hostile) {
        rig.assert_ends(Op::List, ("one-too-many", Internal, "a page of 11 entries"))
            .await;
        rig.run(Op::List, "as-many").await.unwrap();
    }
}

/// Inlining may take a function away, but never the export's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_trap_names_where_it_happened() {
    for rig in Rig::both(hostile) {
        let error = rig.run(Op::Stat, "panic").await.unwrap_err();
        let cause = error.cause().expect("a cause").to_string();
        assert!(cause.contains(" called by "), "{cause}");
        assert!(!error.message().contains("called by"));
    }
}
