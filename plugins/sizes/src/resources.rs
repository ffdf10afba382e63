//! `/sizes`, over HTTP.

use tenon_sdk::{
    Result, database,
    rest::{Page, ROWS_MAX, Request, Response, Rest, Route},
};

use crate::Sizes;

const LESS: &str = include_str!("../scripts/select_items_lt_size.sql");
const GREATER: &str = include_str!("../scripts/select_items_gt_size.sql");
const BY_UUID: &str = include_str!("../scripts/select_item_by_uuid.sql");

impl Rest for Sizes {
    fn routes() -> Vec<Route<Self>> {
        vec![
            Route::get("get_items_less_than_size", "/lt/<size>", Self::less),
            Route::get("get_items_greater_than_size", "/gt/<size>", Self::greater),
            Route::get("get_item_with_uuid", "/uuid/<uuid_ref>", Self::by_uuid),
        ]
    }
}

impl Sizes {
    fn less(&self, request: &Request) -> Result<Response> {
        compared(request, LESS)
    }

    fn greater(&self, request: &Request) -> Result<Response> {
        compared(request, GREATER)
    }

    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid_ref")?;
        Response::rows(&database::query(BY_UUID, &[("uuid_ref", uuid.into())])?)
    }
}

fn compared(request: &Request, script: &str) -> Result<Response> {
    let size: u64 = request.parse_argument("size")?;
    // Larger than this is nothing, and no database has such numbers.
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    Page::of(request, ROWS_MAX)?.answer(script, [("data_size", size.into())])
}
