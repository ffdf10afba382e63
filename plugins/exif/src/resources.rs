//! `/exif`, over HTTP.

use tenon_sdk::{
    Result,
    database,
    rest::{Page, Request, Response, Rest, Route},
};

use crate::Exif;

const ALL: &str = include_str!("../scripts/select_all.sql");
const BY_UUID: &str = include_str!("../scripts/select_by_uuid.sql");
const LOCATIONS: &str = include_str!("../scripts/select_all_locations.sql");
const BY_GEOHASH: &str = include_str!("../scripts/select_by_geohash.sql");

/// Rows of a list whose `limit` is not said, as in the original.
const LIMIT: u32 = 10;

impl Rest for Exif {
    fn routes() -> Vec<Route<Self>> {
        vec![
            Route::get("get_all_exif", "/", Self::all),
            Route::get("get_exif_by_uuid", "/uuid/<uuid>", Self::by_uuid),
            Route::get("get_all_locations", "/gps", Self::locations),
            Route::get("get_gpsinfo_by_geohash", "/gps/geohash/<geohash>", Self::by_geohash),
        ]
    }
}

impl Exif {
    fn all(&self, request: &Request) -> Result<Response> {
        Page::of(request, LIMIT)?.answer(ALL, [])
    }

    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid")?;
        Response::rows(&database::query(BY_UUID, &[("uuid", uuid.into())])?)
    }

    fn locations(&self, request: &Request) -> Result<Response> {
        Page::of(request, LIMIT)?.answer(LOCATIONS, [])
    }

    fn by_geohash(&self, request: &Request) -> Result<Response> {
        let pattern = beginning(request.argument("geohash")?);
        Page::of(request, LIMIT)?.answer(BY_GEOHASH, [("geohash", pattern.into())])
    }
}

/// A pattern of `LIKE` for what begins so. Geohashes are in lower case.
fn beginning(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter.to_ascii_lowercase());
    }
    pattern.push('%');
    pattern
}
