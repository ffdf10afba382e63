//! Statements for the granted database.

use super::bindings::tenon::connector::database;
use super::bindings::tenon::connector::types::Error;
use super::{Deed, Result, Work, delay, detail};

pub(super) const DEEDS: &[Deed] = &[
    ("malformed-sql", |_, _| answered("SELEC 1 FORM", &NONE)),
    ("several-malformed", |_, _| {
        answered("SELECT 1; SELEC 2", &NONE)
    }),
    ("no-statement", |_, _| answered("-- nothing", &NONE)),
    ("no-such-table", |_, _| {
        answered("SELECT * FROM nowhere_at_all", &NONE)
    }),
    ("unnamed-parameter", |_, _| {
        answered("SELECT %(nobody)s", &NONE)
    }),
    ("unclosed-parameter", |_, _| {
        answered("SELECT %(nobody", &NONE)
    }),
    ("cut-parameters", |_, _| {
        answered("SELECT 1", &[7, 0, 0, 0, 1])
    }),
    ("huge-parameters", |_, _| {
        answered("SELECT 1", &u32::MAX.to_le_bytes())
    }),
    ("deep-parameters", |_, _| answered("SELECT %(a)s", &deep())),
    ("nul", |_, _| answered("SELECT '\0'", &NONE)),
    ("endless-rows", |_, _| {
        answered(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
            &NONE,
        )
    }),
    ("large-statement", |_, _| {
        // More than one call may take over, and less than its memory.
        const BYTES: usize = 17 << 20;
        let mut text = String::with_capacity(BYTES + 16);
        text += "SELECT '";
        text.extend(std::iter::repeat_n('x', BYTES));
        text += "'";
        answered(&text, &NONE)
    }),
    ("open-transaction", |_, work| {
        // Whatever it says, the next to come must find nothing of it.
        _ = run("BEGIN", &NONE);
        _ = run("CREATE TABLE half_done (i INTEGER)", &NONE);
        Ok(Some(format!("\"{}\"", work.uuid)))
    }),
    ("count", |_, work| {
        tried("count", work).map(|tries| Some(tries.to_string()))
    }),
    ("fail-first", |count, work| {
        let tries = tried("fail-first", work)?;
        match tries > count.parse().unwrap_or_default() {
            true => Ok(Some(tries.to_string())),
            false => Err(Error::Unavailable(delay(format!("try {tries}")))),
        }
    }),
];

const MAKE_TRIES: &str = "CREATE TABLE IF NOT EXISTS tries \
     (deed TEXT, uuid TEXT, tries BIGINT, PRIMARY KEY (deed, uuid))";
const COUNT_TRY: &str = "INSERT INTO tries (deed, uuid, tries) \
     VALUES (%(deed)s, %(uuid)s, 1) \
     ON CONFLICT (deed, uuid) DO UPDATE SET tries = tries.tries + 1 RETURNING tries";

pub(super) fn run(script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>> {
    database::execute(script, parameters)
}

/// The database's own answer is this plugin's.
fn answered(script: &str, parameters: &[u8]) -> Result<Option<String>> {
    let rows = run(script, parameters)?.unwrap_or_default();
    Ok(Some(rows.len().to_string()))
}

pub(super) fn make_tries() -> Result<()> {
    run(MAKE_TRIES, &NONE).map(drop)
}

/// How many times this message came, this time included.
fn tried(deed: &str, work: &Work<'_>) -> Result<i64> {
    let mut parameters = 2_u32.to_le_bytes().to_vec();
    for (name, value) in [("deed", deed), ("uuid", &work.uuid)] {
        text(&mut parameters, name);
        parameters.push(TEXT);
        text(&mut parameters, value);
    }
    let rows = run(COUNT_TRY, &parameters)?.unwrap_or_default();
    // The one value of the one row is an integer, at the end.
    let last = rows.last_chunk().copied().map(i64::from_le_bytes);
    last.ok_or_else(|| Error::Internal(detail("no row")))
}

/// No named parameters.
pub(super) const NONE: [u8; 4] = 0_u32.to_le_bytes();
/// The kinds of `wit/sql.wit`.
const TEXT: u8 = 4;
const ARRAY: u8 = 13;

fn text(packed: &mut Vec<u8>, text: &str) {
    packed.extend((text.len() as u32).to_le_bytes());
    packed.extend(text.as_bytes());
}

/// A parameter `a`: an array in an array, a hundred thousand times.
fn deep() -> Vec<u8> {
    let mut packed = 1_u32.to_le_bytes().to_vec();
    text(&mut packed, "a");
    for _ in 0..100_000 {
        packed.push(ARRAY);
        packed.extend(1_u32.to_le_bytes());
    }
    packed.push(0);
    packed
}
