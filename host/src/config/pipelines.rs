//! All pipelines, and the connectors that come with those of an `sqapi.yml`.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;

use super::claims::Claims;
use super::connector::{Connector, is_enabled};
use super::fingerprint::Reads;
use super::host::Host;
use super::links::Links;
use super::reading::Reading;
use super::source::{Entry, Section};
use super::sqapi::{Derived, Part, Pipeline, derive};

/// A pipeline's file, and what was derived for it.
struct Source {
    stem: String,
    file: String,
    text: String,
    reads: Reads,
    translated: Translated,
}

enum Translated {
    /// It says everything itself.
    Not,
    /// With mistakes in it, which are noted.
    Wrong,
    To(Derived),
}

/// Reads the files of all pipelines, once all other connectors are read, and
/// adds the connectors that they bring along.
pub(super) fn read(
    reading: Reading<'_>,
    files: Vec<(String, String, String)>,
    host: Option<&Host>,
    claims: &mut Claims,
    links: &mut Links,
    connectors: &mut Vec<Connector>,
) -> Vec<Pipeline> {
    let mut sources = Vec::new();
    for (stem, file, text) in files {
        let reads = Reads::new(&file, &text, host);
        let mut source = Source {
            stem,
            file,
            text,
            reads,
            translated: Translated::Not,
        };
        source.translated = translate(reading, &source, host, claims, links, connectors);
        sources.push(source);
    }
    let pipelines = sources.iter();
    pipelines
        .filter_map(|source| pipeline(reading, source, claims, connectors))
        .collect()
}

fn translate(
    reading: Reading<'_>,
    source: &Source,
    host: Option<&Host>,
    claims: &mut Claims,
    links: &mut Links,
    connectors: &mut Vec<Connector>,
) -> Translated {
    let reading = Reading {
        reads: Some(&source.reads),
        ..reading
    };
    let problems = reading.report.count();
    let mut file = Section::of_file(reading, &source.file, &source.text);
    if !is_enabled(&mut file) || !file.has("sqapi_yml") {
        // The rest is read with the pipeline.
        file.take_all();
        return Translated::Not;
    }
    let derived = derive(&mut file, &source.stem);
    let own = file.section("connectors");
    let mut own = own.map(|mut own| own.take_all()).unwrap_or_default();
    file.take_all();
    let Some(derived) = derived else {
        return Translated::Wrong;
    };
    let is_wrong = reading.report.count() > problems;
    for part in &derived.connectors {
        let own = own.remove(&part.part);
        let connector = connector(reading, source, (&derived, part), own, host, claims, links);
        connectors.extend(connector);
    }
    refuse(own, &derived);
    match is_wrong {
        true => Translated::Wrong,
        false => Translated::To(derived),
    }
}

/// A derived connector, with what the pipeline's file says of it in the place
/// of what was derived.
fn connector(
    reading: Reading<'_>,
    source: &Source,
    (derived, part): (&Derived, &Part),
    own: Option<Entry<'_>>,
    host: Option<&Host>,
    claims: &mut Claims,
    links: &mut Links,
) -> Option<Connector> {
    let reads = Reads::new(&source.file, &part.document.text, host);
    reads.note("own", if own.is_some() { &source.text } else { "" });
    let environment = |name: &str| variable(derived, reading, name);
    let base = Reading {
        environment: &environment,
        origins: Some(&part.document.origins),
        reads: Some(&reads),
        ..reading
    };
    let base = Section::of_file(base, &source.file, &part.document.text);
    let own = own.and_then(|mut own| {
        own.place.reading.reads = Some(&reads);
        own.section()
    });
    let section = match own {
        Some(own) => own.over(base),
        None => base,
    };
    Connector::read(section, &part.name, host, claims, links, &reads)
}

/// Keys of `[connectors]` that are no connector of the pipeline's.
fn refuse(own: BTreeMap<String, Entry<'_>>, derived: &Derived) {
    let parts = derived.connectors.iter().map(|part| part.part.as_str());
    let parts: Vec<_> = parts.collect();
    for entry in own.into_values() {
        let known = parts.join("`, `");
        entry.place.problem(format_args!(
            "no connector of this pipeline; there are `{known}`"
        ));
    }
}

fn pipeline(
    reading: Reading<'_>,
    source: &Source,
    claims: &mut Claims,
    connectors: &[Connector],
) -> Option<Pipeline> {
    let reads = &source.reads;
    let reading = Reading {
        reads: Some(reads),
        ..reading
    };
    let mut file = Section::of_file(reading, &source.file, &source.text);
    match &source.translated {
        Translated::Not => Pipeline::read(file, &source.stem, claims, connectors, reads),
        Translated::Wrong => {
            file.take_all();
            None
        }
        Translated::To(derived) => {
            let environment = |name: &str| variable(derived, reading, name);
            let base = Reading {
                environment: &environment,
                origins: Some(&derived.pipeline.origins),
                ..reading
            };
            let base = Section::of_file(base, &source.file, &derived.pipeline.text);
            Pipeline::read(file.over(base), &source.stem, claims, connectors, reads)
        }
    }
}

/// A variable, or the secret that a derived text refers to as one.
fn variable(derived: &Derived, reading: Reading<'_>, name: &str) -> Option<String> {
    let secret = derived.secrets.get(name);
    let secret = secret.map(|secret| secret.expose_secret().to_owned());
    secret.or_else(|| (reading.environment)(name))
}
