//! Reads the `multistatus` document of a `PROPFIND` (RFC 4918, section 13) as it arrives.
//!
//! Servers differ in prefixes, in the order of elements and in what they put beside the three
//! properties of use here, so names are compared with their namespace and all else is passed over.

use std::io::{BufReader, Read};

use quick_xml::{
    NsReader,
    escape::resolve_predefined_entity,
    events::Event,
    name::{Namespace, ResolveResult},
};
use tenon_sdk::{Error, Result};

use crate::location::href_segments;

#[cfg(test)]
mod tests;

/// Some 30,000 files in one folder; a document beyond it is not read to its end.
const DOCUMENT_MAX: u64 = 16 * 1024 * 1024;

/// The namespace of WebDAV.
const DAV: Namespace<'static> = Namespace("DAV:");

/// A file or folder as the server tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) name: String,
    pub(crate) folder: bool,
    pub(crate) size: Option<u64>,
    pub(crate) etag: Option<String>,
}

/// A resource with the decoded segments of its `href`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) segments: Vec<String>,
    pub(crate) resource: Resource,
}

/// All resources of the document, in its order. Those whose name is no text are left out, since
/// no path could name them.
pub(crate) fn parse(document: impl Read) -> Result<Vec<Response>> {
    let mut reader = NsReader::from_reader(BufReader::new(document.take(DOCUMENT_MAX)));
    let (mut parser, mut buffer) = (Parser::default(), Vec::new());
    loop {
        let (namespace, event) = match reader.read_resolved_event_into(&mut buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) => {
                return Err(std::io::Error::new(error.kind(), error).into());
            }
            Err(error) => return Err(malformed(&error.to_string())),
        };
        match event {
            Event::Start(element) => {
                parser.start(element_of(&namespace, element.local_name().into_inner()))
            }
            Event::Empty(element) => {
                parser.start(element_of(&namespace, element.local_name().into_inner()));
                parser.end();
            }
            Event::End(_) => parser.end(),
            Event::Text(text) => parser.text.push_str(&text.xml10_content()),
            Event::CData(text) => parser.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => parser.text.push(character),
                Ok(None) => match resolve_predefined_entity(&reference) {
                    Some(text) => parser.text.push_str(text),
                    None => return Err(malformed("an entity is not defined")),
                },
                Err(error) => return Err(malformed(&error.to_string())),
            },
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
        buffer.clear();
    }
    if reader.get_ref().get_ref().limit() == 0 {
        return Err(Error::unavailable("a folder's description is too long"));
    }
    if !parser.open.is_empty() || !parser.complete {
        return Err(malformed("it ends too early"));
    }
    Ok(parser.responses)
}

fn malformed(reason: &str) -> Error {
    Error::unavailable(format!(
        "the system answered with a malformed multistatus document: {reason}"
    ))
}

/// The elements that matter, and where they must stand to matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Multistatus,
    Response,
    Href,
    Status,
    Propstat,
    Prop,
    ResourceType,
    Collection,
    ContentLength,
    Etag,
    Other,
}

fn element_of(namespace: &ResolveResult<'_>, name: &str) -> Element {
    if *namespace != ResolveResult::Bound(DAV) {
        return Element::Other;
    }
    match name {
        "multistatus" => Element::Multistatus,
        "response" => Element::Response,
        "href" => Element::Href,
        "status" => Element::Status,
        "propstat" => Element::Propstat,
        "prop" => Element::Prop,
        "resourcetype" => Element::ResourceType,
        "collection" => Element::Collection,
        "getcontentlength" => Element::ContentLength,
        "getetag" => Element::Etag,
        _ => Element::Other,
    }
}

#[derive(Default)]
struct Parser {
    open: Vec<Element>,
    text: String,
    /// Of the response that is open.
    href: Option<String>,
    failed: bool,
    found: Properties,
    /// Of the propstat that is open; they count once its status is known.
    told: Properties,
    told_failed: bool,
    responses: Vec<Response>,
    complete: bool,
}

#[derive(Default)]
struct Properties {
    folder: bool,
    size: Option<u64>,
    etag: Option<String>,
}

impl Parser {
    fn start(&mut self, element: Element) {
        use Element as E;
        self.open.push(element);
        self.text.clear();
        match self.open.as_slice() {
            [E::Multistatus, E::Response] => {
                self.href = None;
                self.failed = false;
                self.found = Properties::default();
            }
            [E::Multistatus, E::Response, E::Propstat] => {
                self.told = Properties::default();
                self.told_failed = false;
            }
            [
                E::Multistatus,
                E::Response,
                E::Propstat,
                E::Prop,
                E::ResourceType,
                E::Collection,
            ] => {
                self.told.folder = true;
            }
            _ => {}
        }
    }

    fn end(&mut self) {
        use Element as E;
        let text = self.text.trim();
        match self.open.as_slice() {
            [E::Multistatus] => self.complete = true,
            [E::Multistatus, E::Response] => self.finish(),
            // A second one belongs to an error's detail.
            [E::Multistatus, E::Response, E::Href] if self.href.is_none() => {
                self.href = Some(text.to_owned())
            }
            [E::Multistatus, E::Response, E::Status] => self.failed = !is_success(text),
            [E::Multistatus, E::Response, E::Propstat] if !self.told_failed => {
                self.found.folder |= self.told.folder;
                self.found.size = self.told.size.or(self.found.size);
                self.found.etag = self.told.etag.take().or(self.found.etag.take());
            }
            [E::Multistatus, E::Response, E::Propstat, E::Status] => {
                self.told_failed = !is_success(text)
            }
            [
                E::Multistatus,
                E::Response,
                E::Propstat,
                E::Prop,
                E::ContentLength,
            ] => {
                self.told.size = text.parse().ok();
            }
            [E::Multistatus, E::Response, E::Propstat, E::Prop, E::Etag] if !text.is_empty() => {
                self.told.etag = Some(text.to_owned());
            }
            _ => {}
        }
        self.open.pop();
        self.text.clear();
    }

    fn finish(&mut self) {
        let Properties { folder, size, etag } = std::mem::take(&mut self.found);
        let Some(segments) = self.href.take().as_deref().and_then(href_segments) else {
            return;
        };
        if self.failed {
            return;
        }
        let name = segments.last().cloned().unwrap_or_default();
        let size = size.filter(|_| !folder);
        self.responses.push(Response {
            segments,
            resource: Resource {
                name,
                folder,
                size,
                etag,
            },
        });
    }
}

/// Whether a status line such as `HTTP/1.1 200 OK` tells of success.
fn is_success(line: &str) -> bool {
    line.split_whitespace()
        .nth(1)
        .is_some_and(|code| code.starts_with('2'))
}
