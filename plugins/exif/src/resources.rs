//! `/exif`, over HTTP.

use tenon_sdk::{
    Result,
    database::{self, Value},
    rest::{Page, Request, Response, Rest, Route},
};

use crate::Exif;

const ALL: &str = include_str!("../scripts/select_all.sql");
const BY_UUID: &str = include_str!("../scripts/select_by_uuid.sql");
const LOCATIONS: &str = include_str!("../scripts/select_all_locations.sql");
const BY_GEOHASH: &str = include_str!("../scripts/select_by_geohash.sql");

/// The columns that hold JSON.
const DOCUMENTS: [&str; 2] = ["exif", "gps"];

/// Rows of a list whose `limit` is not said, as in the original.
const LIMIT: u32 = 10;

impl Rest for Exif {
    fn routes() -> Vec<Route<Self>> {
        vec![
            Route::get("get_all_exif", "/", Self::all),
            Route::get("get_exif_by_uuid", "/uuid/<uuid>", Self::by_uuid),
            Route::get("get_all_locations", "/gps", Self::locations),
            Route::get(
                "get_gpsinfo_by_geohash",
                "/gps/geohash/<geohash>",
                Self::by_geohash,
            ),
        ]
    }
}

impl Exif {
    fn all(&self, request: &Request) -> Result<Response> {
        listed(request, ALL, [])
    }

    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid")?;
        let rows = database::query(BY_UUID, &[("uuid", uuid.into())])?;
        Response::rows(&rows.with_json(&DOCUMENTS))
    }

    fn locations(&self, request: &Request) -> Result<Response> {
        listed(request, LOCATIONS, [])
    }

    fn by_geohash(&self, request: &Request) -> Result<Response> {
        let pattern = beginning(request.argument("geohash")?);
        listed(request, BY_GEOHASH, [("geohash", pattern.into())])
    }
}

fn listed<const NAMED: usize>(
    request: &Request,
    script: &str,
    parameters: [(&str, Value); NAMED],
) -> Result<Response> {
    let rows = Page::of(request, LIMIT)?.query(script, parameters)?;
    Response::rows(&rows.with_json(&DOCUMENTS))
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
