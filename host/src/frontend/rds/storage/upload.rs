//! `POST /storage/file`: a form whose parts come in any order.
//!
//! A file that comes last streams straight into the call. One that comes
//! before the fields that say where it goes waits in the spool.

mod parts;

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use futures::TryStreamExt as _;
use multer::{Constraints, Field, SizeLimit};
use parts::Parts;

use super::path::FilePath;
use crate::dispatch::{Aborted, Upload, file_store};
use crate::frontend::rds::Services;
use crate::frontend::rds::access::Origin;
use crate::frontend::rds::address::Target;
use crate::frontend::rds::body::{self, Bounds, steady};
use crate::frontend::rds::problem::Refusal;
use crate::frontend::rds::spool::{Spool, Spooled};
use crate::frontend::rds::user_id::UserId;

/// Parts of a form. The contract has three.
const PARTS_MAX: usize = 64;

/// Stores the form's file under the form's path, replacing what is there.
pub(crate) async fn write(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
    Extension(origin): Extension<Origin>,
    request: Request,
) -> Result<Response, Refusal> {
    let form = open(request, services.bounds(&target)).await?;
    let Form {
        filepath,
        user,
        content,
    } = read(form, &services.spool).await?;
    let filepath = filepath.ok_or_else(|| body::missing("filepath"))?;
    let user = user.unwrap_or_default();
    let content = content.ok_or_else(|| body::missing("files"))?;
    let route = target.connector(&user)?;
    let caller = services.caller(&origin, &route, &user).await?;
    let (size, content) = content.into_upload();
    let write = file_store::Write {
        path: FilePath::new(&filepath).plain,
        size,
        content,
    };
    services.dispatcher.call(caller.call(), write).await?;
    Ok(super::success())
}

#[derive(Default)]
struct Form {
    filepath: Option<String>,
    user: Option<UserId>,
    content: Option<Content>,
}

enum Content {
    Arriving(Field<'static>),
    Waiting(Spooled),
}

impl Content {
    fn into_upload(self) -> (Option<u64>, Upload) {
        match self {
            Self::Arriving(field) => {
                let bytes = field.map_err(|error| Aborted::new(error.to_string()));
                (None, Upload::new(bytes))
            }
            Self::Waiting(spooled) => (Some(spooled.size()), spooled.into_upload()),
        }
    }
}

async fn open(request: Request, bounds: Bounds) -> Result<Parts, Refusal> {
    let (head, body) = request.into_parts();
    let media_type = body::content_type(&head.headers);
    let Ok(boundary) = multer::parse_boundary(media_type) else {
        // The original looks at an absent body before it looks at its type.
        let absent = media_type.is_empty() && http_body::Body::is_end_stream(&body);
        return Err(if absent {
            body::missing("filepath")
        } else {
            Refusal::media_type(media_type, "multipart/form-data")
        });
    };
    let field = bounds.bytes_max;
    let sizes = SizeLimit::new()
        .for_field("filepath", field)
        .for_field("userId", field);
    Ok(Parts::new(
        steady(body, bounds.time),
        boundary,
        Constraints::new().size_limit(sizes),
    ))
}

async fn read(mut parts: Parts, spool: &Spool) -> Result<Form, Refusal> {
    let mut form = Form::default();
    for _ in 0..PARTS_MAX {
        let Some(mut part) = parts.next().await.map_err(unreadable)? else {
            return Ok(form);
        };
        match part.name() {
            Some("filepath") => form.filepath = Some(part.text().await.map_err(unreadable)?),
            Some("userId") => {
                let text = part.text().await.map_err(unreadable)?;
                form.user = Some(UserId::parse(&text));
            }
            // The specification says `files`, the callers say `file`.
            Some("files" | "file") if form.content.is_none() => {
                if form.filepath.is_some() && form.user.is_some() {
                    form.content = Some(Content::Arriving(part));
                    return Ok(form);
                }
                form.content = Some(Content::Waiting(spool.fill(part, unreadable).await?));
            }
            _ => while part.chunk().await.map_err(unreadable)?.is_some() {},
        }
    }
    Err(Refusal::malformed(format!(
        "Request body has more than {PARTS_MAX} parts"
    )))
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
