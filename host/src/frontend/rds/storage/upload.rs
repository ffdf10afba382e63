//! `POST /storage/file`: a form with a file and where it goes.

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;

use super::path::FilePath;
use crate::dispatch::file_store;
use crate::frontend::rds::Services;
use crate::frontend::rds::access::Origin;
use crate::frontend::rds::address::Target;
use crate::frontend::rds::body;
use crate::frontend::rds::form::{self, Shape};
use crate::frontend::rds::problem::Refusal;

/// The form of an upload.
pub(in crate::frontend::rds) const SHAPE: Shape = Shape {
    fields: &["filepath"],
    missed_first: "filepath",
    ready: |form, _| form.field("filepath").is_some() && form.user.is_some(),
};

/// Stores the form's file under the form's path, replacing what is there.
pub(crate) async fn write(
    State(services): State<Services>,
    Extension(target): Extension<Target>,
    Extension(origin): Extension<Origin>,
    request: Request,
) -> Result<Response, Refusal> {
    let parts = form::open(request, services.bounds(&target), &SHAPE)?;
    let mut form = form::read(parts, &services.spool, &SHAPE).await?;
    let file = form.file.take();
    let filepath = form.field("filepath");
    let path = FilePath::new(filepath.ok_or_else(|| body::missing("filepath"))?).plain;
    let user = form.user.unwrap_or_default();
    let file = file.ok_or_else(|| body::missing("files"))?;
    let route = target.connector(&user)?;
    let (size, content) = file.content.into_upload();
    let write = file_store::Write {
        path,
        size,
        content,
    };
    let call = origin.call(&route, &user);
    services.dispatcher.call(call, write).await?;
    Ok(super::success())
}
