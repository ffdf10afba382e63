//! The deeds, one table per subject, and how the configuration names one.

mod bindings;
mod data;
mod exits;
mod resources;
mod statements;

use bindings::exports::tenon::connector::{lifecycle, processor};
use bindings::tenon::connector::config;
use bindings::tenon::connector::transfer::Blob;
use bindings::tenon::connector::types::{Delay, Detail, Error};

type Result<T> = std::result::Result<T, Error>;
/// What looking at an object can come to.
type Deed = (&'static str, fn(&str, &Work<'_>) -> Result<Option<String>>);

const DEEDS: [&[Deed]; 3] = [data::DEEDS, exits::DEEDS, statements::DEEDS];

/// An object that is to be looked at.
struct Work<'a> {
    uuid: String,
    data: &'a Blob,
}

struct Hostile;

bindings::export!(Hostile with_types_in bindings);

/// The configured deed and its argument.
fn configured() -> (String, String) {
    let text = config::get("deed").unwrap_or_default();
    let text = text.trim_matches('"');
    let (name, argument) = text.split_once(' ').unwrap_or((text, ""));
    (name.to_owned(), argument.to_owned())
}

fn detail(message: impl Into<String>) -> Detail {
    Detail {
        message: message.into(),
        subject: None,
    }
}

fn delay(message: impl Into<String>) -> Delay {
    Delay {
        detail: detail(message),
        after_ms: None,
    }
}

impl lifecycle::Guest for Hostile {
    fn describe() -> lifecycle::Description {
        lifecycle::Description {
            name: "hostile-processor".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_schema: "true".to_owned(),
            wants: Vec::new(),
        }
    }

    fn check() -> Result<()> {
        Ok(())
    }
}

impl processor::Guest for Hostile {
    fn accepts() -> Vec<String> {
        match configured().0.as_str() {
            "accept-nonsense" => vec!["no type at all/".to_owned()],
            "accept-trap" => core::arch::wasm32::unreachable(),
            _ => Vec::new(),
        }
    }

    fn initialize() -> Result<()> {
        match configured().0.as_str() {
            "initialize-trap" => core::arch::wasm32::unreachable(),
            "initialize-spin" => exits::spin(),
            "initialize-denied" => Err(Error::Denied(detail("on purpose"))),
            "initialize-malformed" => {
                statements::run("CREATE NONSENSE", &statements::NONE).map(drop)
            }
            "count" | "fail-first" => statements::make_tries(),
            _ => Ok(()),
        }
    }

    fn execute(message: processor::Message, _: String, data: &Blob) -> Result<Option<String>> {
        let (name, argument) = configured();
        let work = Work {
            uuid: message.uuid,
            data,
        };
        let deed = DEEDS.iter().copied().flatten();
        match deed.into_iter().find(|(known, _)| *known == name) {
            Some((_, deed)) => deed(&argument, &work),
            None => Err(Error::Unsupported(detail("no such deed"))),
        }
    }
}
