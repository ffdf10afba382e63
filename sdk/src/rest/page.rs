//! Lists, a part at a time.

use super::{Request, Response};
use crate::{
    Error, Result,
    database::{self, Rows, Value},
};

/// Rows that one response has at most: they are in the sandbox's memory, and then once more as
/// JSON.
pub const ROWS_MAX: u32 = 10_000;

/// Which rows of a list are asked for, by the query parameters `limit` and `offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    limit: u32,
    offset: u32,
}

impl Page {
    /// What a request asks for; from the first row on, and `limit` rows, unless it says otherwise.
    /// `invalid` for what are no numbers, and for more rows than [`ROWS_MAX`].
    pub fn of(request: &Request, limit: u32) -> Result<Self> {
        let limit = request.parse_query("limit")?.unwrap_or(limit);
        if limit > ROWS_MAX {
            let most = format!("one response has {ROWS_MAX} rows at most");
            return Err(Error::invalid(most).about("limit"));
        }
        let offset = request.parse_query("offset")?.unwrap_or(0);
        Ok(Self { limit, offset })
    }

    /// Answers with these rows of a query, whose script ends `LIMIT %(limit)s OFFSET %(offset)s`.
    pub fn answer<const NAMED: usize>(
        self,
        script: &str,
        parameters: [(&str, Value); NAMED],
    ) -> Result<Response> {
        Response::rows(&self.query(script, parameters)?)
    }

    /// The rows themselves.
    pub fn query<const NAMED: usize>(
        self,
        script: &str,
        parameters: [(&str, Value); NAMED],
    ) -> Result<Rows> {
        let mut parameters = Vec::from(parameters);
        parameters.push(("limit", self.limit.into()));
        parameters.push(("offset", self.offset.into()));
        database::query(script, &parameters)
    }
}

impl Response {
    /// 200 with rows; 204 where there are none, as sqAPI's own plugins answer.
    pub fn rows(rows: &Rows) -> Result<Self> {
        if rows.is_empty() {
            return Ok(Self::no_content());
        }
        Self::ok(rows)
    }
}
