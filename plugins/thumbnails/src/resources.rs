//! `/thumbnails`, over HTTP.

use tenon_sdk::{
    Error, Result, database,
    rest::{Request, Response, Rest, Route},
};

use crate::Thumbnails;

const BY_UUID: &str = include_str!("../scripts/select_thumb_by_uuid.sql");

impl Rest for Thumbnails {
    fn routes() -> Vec<Route<Self>> {
        vec![Route::get("get_thumbnail", "/<uuid_ref>", Self::by_uuid)]
    }
}

impl Thumbnails {
    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid_ref")?;
        let rows = database::query(BY_UUID, &[("uuid_ref", uuid.into())])?;
        let row = rows.first();
        let row = row.ok_or_else(|| Error::not_found("there is no thumbnail").about(uuid))?;
        let thumbnail: &[u8] = row.get("thumbnail")?;
        Ok(Response::bytes(media_type(thumbnail), thumbnail))
    }
}

/// Of what kind a thumbnail is. Those of the original are of the picture's own.
fn media_type(thumbnail: &[u8]) -> &'static str {
    image::guess_format(thumbnail)
        .map_or("application/octet-stream", |format| format.to_mime_type())
}
