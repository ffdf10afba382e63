//! Everything a guest can see.

use std::fmt::Write as _;

use super::bindings::tenon::connector::{call, config, secret};
use super::{Deed, Result};

pub(super) const DEEDS: &[Deed] = &[("everything", everything)];

fn everything(_: &str) -> Result<String> {
    let mut text = String::new();
    _ = writeln!(text, "call: {:?}", call::current());
    _ = writeln!(text, "greeting: {:?}", config::get("greeting"));
    _ = writeln!(text, "token: {:?}", config::get("token"));
    _ = writeln!(text, "placeholder: {:?}", secret::placeholder("caller"));
    _ = writeln!(text, "reveal: {:?}", secret::reveal("caller"));
    let variables: Vec<_> = std::env::vars().collect();
    _ = writeln!(text, "variables: {variables:?}");
    let arguments: Vec<_> = std::env::args().collect();
    _ = writeln!(text, "arguments: {arguments:?}");
    for folder in ["/", ".", "/proc/self", "/etc"] {
        let readable = std::fs::read_dir(folder).is_ok();
        _ = writeln!(text, "{folder}: {readable}");
    }
    Ok(text)
}
