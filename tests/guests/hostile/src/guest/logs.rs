//! Log lines, by the granted way and by the standard library's.

use super::bindings::tenon::connector::log::{self, Level};
use super::{Deed, Result};

pub(super) const DEEDS: &[Deed] = &[
    ("flood-log", |_| flood(&"x".repeat(1000))),
    ("flood-log-with-nothing", |_| flood("")),
    ("flood-stdout", flood_stdout),
    ("flood-stderr", flood_stderr),
    ("log-a-little", log_a_little),
];

fn flood(message: &str) -> Result<String> {
    loop {
        log::emit(Level::Debug, "", message, &[]);
    }
}

fn flood_stdout(_: &str) -> Result<String> {
    loop {
        println!();
    }
}

fn flood_stderr(_: &str) -> Result<String> {
    loop {
        eprintln!("{}", "x".repeat(1000));
    }
}

fn log_a_little(_: &str) -> Result<String> {
    log::emit(Level::Debug, "hostile", "a line", &[]);
    println!("another");
    eprintln!("and one more");
    Ok("logged".to_owned())
}
