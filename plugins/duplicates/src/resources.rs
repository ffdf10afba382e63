//! `/duplicates`, over HTTP.

use tenon_sdk::{
    Result,
    rest::{Page, ROWS_MAX, Request, Response, Rest, Route},
};

use crate::Duplicates;

const BY_DIGEST: &str = include_str!("../scripts/select_dup_by_sha256.sql");
const BY_UUID: &str = include_str!("../scripts/select_dup_by_uuid.sql");

impl Rest for Duplicates {
    /// `/sha/` is what the original's own guide says.
    fn routes() -> Vec<Route<Self>> {
        vec![
            Route::get(
                "get_duplicates_by_sha",
                "/sha-256/<sha_256>",
                Self::by_digest,
            ),
            Route::get(
                "get_duplicates_by_short_sha",
                "/sha/<sha_256>",
                Self::by_digest,
            ),
            Route::get("get_duplicates_by_uuid", "/uuid/<uuid_ref>", Self::by_uuid),
        ]
    }
}

impl Duplicates {
    fn by_digest(&self, request: &Request) -> Result<Response> {
        let digest = request.argument("sha_256")?.to_ascii_lowercase();
        Page::of(request, ROWS_MAX)?.answer(BY_DIGEST, [("sha_256", digest.into())])
    }

    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid_ref")?;
        Page::of(request, ROWS_MAX)?.answer(BY_UUID, [("uuid_ref", uuid.into())])
    }
}
