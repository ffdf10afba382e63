//! `[broker]` of a pipeline: where its messages come from.

use crate::config::source::Section;
use crate::frontend::sqapi::settings::Limits;

/// Where a pipeline's messages come from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Broker {
    /// A durable queue of the host's own, filled over HTTP.
    Embedded,
}

/// The host's own, unless told otherwise.
pub(super) fn read(section: Option<Section<'_>>, _limits: &Limits) -> Option<Broker> {
    let Some(mut section) = section else {
        return Some(Broker::Embedded);
    };
    section.choice("type", |text| match text {
        "embedded" => Some(Broker::Embedded),
        _ => None,
    })
}
