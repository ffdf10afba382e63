//! `[admin]` of `host.toml`: the admin listener, and who may operate the host.

use std::net::SocketAddr;

use super::{ADMIN_ADDRESS, listen};
use crate::admin::Operator;
use crate::config::source::Section;

/// Longest name. It goes into every event.
const NAME_BYTES_MAX: usize = 64;

/// What the section says.
pub(super) struct Admin {
    pub(super) listen: SocketAddr,
    pub(super) operators: Vec<Operator>,
}

pub(super) fn read(file: &mut Section<'_>) -> Admin {
    let mut admin = Admin {
        listen: ADMIN_ADDRESS,
        operators: Vec::new(),
    };
    let Some(mut section) = file.section("admin") else {
        return admin;
    };
    admin.listen = listen(Some(&mut section)).unwrap_or(ADMIN_ADDRESS);
    for section in section.sections("operators") {
        let names = section.below("name");
        let tokens = section.below("token_sha256");
        let Some(operator) = operator(section) else {
            continue;
        };
        let mut others = admin.operators.iter();
        if others.any(|other| other.name == operator.name) {
            names.problem("another operator has this name: events would not tell them apart");
        }
        let mut others = admin.operators.iter();
        if let Some(other) = others.find(|other| other.token == operator.token) {
            let name = &other.name;
            tokens.problem(format_args!(
                "`{name}` has the same token: make one for each with `tenon token new`"
            ));
        }
        admin.operators.push(operator);
    }
    admin
}

/// An operator, unless the token is left empty to turn them off.
fn operator(mut section: Section<'_>) -> Option<Operator> {
    section.require("name");
    section.require("token_sha256");
    let place = section.below("name");
    let name = section.text("name");
    let token = section.form("token_sha256");
    let name = name?;
    if !is_name(&name) {
        place.problem(format_args!(
            "expected 1 to {NAME_BYTES_MAX} letters, digits and `-._@`, beginning with a letter or digit"
        ));
        return None;
    }
    Some(Operator {
        name,
        token: token?,
    })
}

/// The host's own parts act under names in brackets.
fn is_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._@".contains(&byte))
}
