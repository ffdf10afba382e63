//! `/datatypes`, over HTTP.

use tenon_sdk::{
    Error, Result, database,
    rest::{Page, ROWS_MAX, Request, Response, Rest, Route},
};
use time::{Date, macros::format_description};

use crate::Datatypes;

const COUNT: &str = include_str!("../scripts/select_datatypes_count.sql");
const BY_DATATYPE: &str = include_str!("../scripts/select_uuidrefs_by_datatypes.sql");
const ON_DATE: &str = include_str!("../scripts/select_uuidrefs_by_dt_on_date.sql");
const BY_UUID: &str = include_str!("../scripts/select_by_uuid.sql");

/// Rows of a list whose `limit` is not said, as in the original.
const LIMIT: u32 = 10;

impl Rest for Datatypes {
    /// With a media type, `/` lists objects, as the original's latest version does.
    fn routes() -> Vec<Route<Self>> {
        vec![
            Route::get("get_all_datatypes", "/", Self::all),
            Route::get("get_all_refs", "/uuidrefs", Self::references),
            Route::get("get_datatype_by_uuid", "/<uuid_ref>", Self::by_uuid),
        ]
    }
}

impl Datatypes {
    fn all(&self, request: &Request) -> Result<Response> {
        if request.query("datatype").is_some() {
            return listed(request, LIMIT);
        }
        Page::of(request, ROWS_MAX)?.answer(COUNT, [])
    }

    fn references(&self, request: &Request) -> Result<Response> {
        listed(request, ROWS_MAX)
    }

    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid_ref")?;
        Response::rows(&database::query(BY_UUID, &[("uuid_ref", uuid.into())])?)
    }
}

/// The objects of one media type, seen on one day of UTC or at any time.
fn listed(request: &Request, limit: u32) -> Result<Response> {
    let page = Page::of(request, limit)?;
    let Some(datatype) = request.query("datatype").filter(|text| !text.is_empty()) else {
        return Ok(Response::no_content());
    };
    match request.query("date").filter(|text| !text.is_empty()) {
        None => page.answer(BY_DATATYPE, [("datatype", datatype.into())]),
        Some(date) => {
            let (from, until) = day(date)?;
            let bounds = [
                ("datatype", datatype.into()),
                ("from", from.into()),
                ("until", until.into()),
            ];
            page.answer(ON_DATE, bounds)
        }
    }
}

/// The first moment of a day and that of the next one, as the tables write moments.
fn day(text: &str) -> Result<(String, String)> {
    let wrong =
        || Error::invalid("a parameter is wrong: a date is such as 2026-01-31").about("date");
    let day =
        Date::parse(text, format_description!("[year]-[month]-[day]")).map_err(|_| wrong())?;
    let next = day.next_day().ok_or_else(wrong)?;
    Ok((
        format!("{day}T00:00:00.000Z"),
        format!("{next}T00:00:00.000Z"),
    ))
}
