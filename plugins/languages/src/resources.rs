//! `/languages`, over HTTP.

use tenon_sdk::{
    Result, database,
    rest::{Page, ROWS_MAX, Request, Response, Rest, Route},
};

use crate::Languages;

const BY_LANG: &str = include_str!("../scripts/select_doc_by_lang.sql");
const BY_UUID: &str = include_str!("../scripts/select_doc_by_uuid.sql");

impl Rest for Languages {
    fn routes() -> Vec<Route<Self>> {
        vec![
            Route::get("get_docs_by_lang", "/<lang>", Self::by_lang),
            Route::get("get_doc_for_uuid", "/uuid/<uuid_ref>", Self::by_uuid),
        ]
    }
}

impl Languages {
    fn by_lang(&self, request: &Request) -> Result<Response> {
        let lang = request.argument("lang")?;
        Page::of(request, ROWS_MAX)?.answer(BY_LANG, [("lang", lang.into())])
    }

    fn by_uuid(&self, request: &Request) -> Result<Response> {
        let uuid = request.argument("uuid_ref")?;
        Response::rows(&database::query(BY_UUID, &[("uuid_ref", uuid.into())])?)
    }
}
