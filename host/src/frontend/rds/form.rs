//! Uploads: forms with a file and some fields, in any order.
//!
//! A file that comes after the fields that say where it goes streams straight
//! into the call. One that comes before them waits in the spool.

mod parts;

use axum::extract::Request;
use futures::TryStreamExt as _;
use multer::{Constraints, Field, SizeLimit};
use parts::Parts;

use super::body::{self, Bounds, steady};
use super::problem::Refusal;
use super::spool::{Spool, Spooled};
use super::user_id::UserId;
use crate::dispatch::{Aborted, Upload};

/// Parts of a form. The contract has four.
const PARTS_MAX: usize = 64;

/// What one operation looks for in a form.
pub(super) struct Shape {
    /// The fields that are kept, besides `userId`.
    pub fields: &'static [&'static str],
    /// The member named to a caller that sends no form at all.
    pub missed_first: &'static str,
    /// Whether a file can go on its way, from what has been read before it
    /// and the name it came with.
    pub ready: fn(&Form, Option<&str>) -> bool,
}

/// A form, read as far as its file.
#[derive(Default)]
pub(super) struct Form {
    fields: Vec<(&'static str, String)>,
    /// Who asks.
    pub user: Option<UserId>,
    /// The file, which callers call `file` and the specification `files`.
    pub file: Option<File>,
}

/// A form's file.
pub(super) struct File {
    /// The name its part came with.
    pub name: Option<String>,
    /// Its bytes.
    pub content: Content,
}

/// A file's bytes.
pub(super) enum Content {
    /// On the connection, as the form's last part.
    Arriving(Field<'static>),
    /// In the spool.
    Waiting(Spooled),
}

impl Form {
    /// A field's text; of several with one name, the last.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let (_, text) = fields.find(|(field, _)| *field == name)?;
        Some(text)
    }
}

impl Content {
    /// The bytes for a call, and their number where it is known.
    pub(super) fn into_upload(self) -> (Option<u64>, Upload) {
        match self {
            Self::Arriving(field) => {
                let bytes = field.map_err(|error| Aborted::new(error.to_string()));
                (None, Upload::new(bytes))
            }
            Self::Waiting(spooled) => (Some(spooled.size()), spooled.into_upload()),
        }
    }

    /// Lets the bytes pass unseen.
    pub(super) async fn discard(self) -> Result<(), Refusal> {
        match self {
            Self::Arriving(field) => pass(field).await,
            Self::Waiting(_) => Ok(()),
        }
    }
}

/// Takes up the form in a request.
pub(super) fn open(request: Request, bounds: Bounds, shape: &Shape) -> Result<Parts, Refusal> {
    let (head, body) = request.into_parts();
    let media_type = body::content_type(&head.headers);
    let Ok(boundary) = multer::parse_boundary(media_type) else {
        // The original looks at an absent body before it looks at its type.
        let absent = media_type.is_empty() && http_body::Body::is_end_stream(&body);
        return Err(if absent {
            body::missing(shape.missed_first)
        } else {
            Refusal::media_type(media_type, "multipart/form-data")
        });
    };
    let fields = ["userId"].iter().chain(shape.fields);
    let sizes = fields.fold(SizeLimit::new(), |sizes, name| {
        sizes.for_field(*name, bounds.bytes_max)
    });
    Ok(Parts::new(
        steady(body, bounds.time),
        boundary,
        Constraints::new().size_limit(sizes),
    ))
}

/// Reads a form up to a file that can go on its way, else to its end.
pub(super) async fn read(mut parts: Parts, spool: &Spool, shape: &Shape) -> Result<Form, Refusal> {
    let mut form = Form::default();
    for _ in 0..=PARTS_MAX {
        let Some(part) = parts.next().await.map_err(unreadable)? else {
            return Ok(form);
        };
        let name = part.name().unwrap_or_default();
        let field = shape.fields.iter().find(|field| **field == name);
        if let Some(field) = field {
            let text = part.text().await.map_err(unreadable)?;
            // Each may be as long as a body: of several only one is held.
            form.fields.retain(|(known, _)| known != field);
            form.fields.push((field, text));
        } else if name == "userId" {
            let text = part.text().await.map_err(unreadable)?;
            form.user = Some(UserId::parse(&text));
        } else if matches!(name, "files" | "file") && form.file.is_none() {
            let own = part.file_name().filter(|own| !own.is_empty());
            let own = own.map(str::to_owned);
            let ready = (shape.ready)(&form, own.as_deref());
            let content = if ready {
                Content::Arriving(part)
            } else {
                Content::Waiting(spool.fill(part, unreadable).await?)
            };
            form.file = Some(File { name: own, content });
            if ready {
                return Ok(form);
            }
        } else {
            pass(part).await?;
        }
    }
    Err(Refusal::malformed(format!(
        "Request body has more than {PARTS_MAX} parts"
    )))
}

async fn pass(mut part: Field<'static>) -> Result<(), Refusal> {
    while part.chunk().await.map_err(unreadable)?.is_some() {}
    Ok(())
}

fn unreadable(error: multer::Error) -> Refusal {
    match error {
        multer::Error::FieldSizeExceeded { limit, .. } => {
            body::too_large("limits.request_body_bytes", limit)
        }
        multer::Error::StreamReadFailed(cause) if cause.is::<body::Stalled>() => body::too_slow(),
        _ => Refusal::malformed("Request body is not valid multipart/form-data"),
    }
}

#[cfg(test)]
mod tests;
