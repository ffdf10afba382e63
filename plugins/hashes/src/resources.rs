//! `/hashes`, over HTTP.

use tenon_sdk::{
    Result, database,
    rest::{Page, Request, Response, Rest, Route},
};

use crate::Hashes;

const BY_MD5: &str = include_str!("../scripts/select_hash_by_md5.sql");
const BY_SHA1: &str = include_str!("../scripts/select_hash_by_sha1.sql");
const BY_SHA256: &str = include_str!("../scripts/select_hash_by_sha256.sql");
const BY_UUID: &str = include_str!("../scripts/select_hash_by_uuid.sql");

/// Rows of a list whose `limit` is not said, as in the original.
const LIMIT: u32 = 10;

impl Rest for Hashes {
    fn routes() -> Vec<Route<Self>> {
        vec![
            Route::get("get_hashes_by_md5", "/md5/<md5>", Self::by_md5),
            Route::get("get_hashes_by_sha1", "/sha1/<sha1>", Self::by_sha1),
            Route::get("get_hashes_by_sha256", "/sha256/<sha256>", Self::by_sha256),
            Route::get("get_hash_for_uuid", "/uuid/<uuid>", Self::by_uuid),
        ]
    }
}

impl Hashes {
    fn by_md5(&self, request: &Request) -> Result<Response> {
        by(request, "md5", BY_MD5)
    }

    fn by_sha1(&self, request: &Request) -> Result<Response> {
        by(request, "sha1", BY_SHA1)
    }

    fn by_sha256(&self, request: &Request) -> Result<Response> {
        by(request, "sha256", BY_SHA256)
    }

    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid")?;
        Response::rows(&database::query(BY_UUID, &[("uuid", uuid.into())])?)
    }
}

fn by(request: &Request, name: &'static str, script: &str) -> Result<Response> {
    let digest = request.argument(name)?.to_ascii_lowercase();
    Page::of(request, LIMIT)?.answer(script, [(name, digest.into())])
}
