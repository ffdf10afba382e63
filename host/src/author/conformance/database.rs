//! The role `database`.

use serde_json::{Value, json};

use super::expect::{Checked, done, holds, refused};
use super::report::{Outcome, passed};
use super::trial::Trial;
use crate::author::operation::packed;
use crate::dispatch::Error;
use crate::dispatch::Outcome::Invalid;
use crate::dispatch::database::{Dialect, Execute, NO_PARAMETERS};

async fn execute(trial: &Trial, script: &str, parameters: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let execute = Execute {
        script: script.to_owned(),
        parameters: parameters.to_vec(),
    };
    trial.client.call(execute).await
}

/// The rows of a script that must succeed.
async fn rows(trial: &Trial, script: &str, parameters: &Value) -> Checked<Value> {
    let parameters = parameters.as_object().map(packed::named);
    let executed = execute(trial, script, &parameters.unwrap_or_default()).await;
    let rows = done(&format!("`{script}`"), executed)?;
    Ok(rows.map_or(Value::Null, |rows| packed::rows(&rows)))
}

fn expect(script: &str, rows: &Value, expected: &Value) -> Checked {
    holds(rows == expected, || {
        format!("`{script}` should return {expected}, not {rows}")
    })
}

pub(super) async fn dialect(trial: &Trial) -> Outcome {
    done("dialect", trial.client.call(Dialect).await)?;
    passed()
}

pub(super) async fn returns_rows(trial: &Trial) -> Outcome {
    let script = "SELECT 1 AS one UNION ALL SELECT 2";
    let found = rows(trial, script, &json!({})).await?;
    expect(script, &found, &json!([{"one": 1}, {"one": 2}]))?;
    let nothing = "SELECT 1 AS one WHERE 1 = 0";
    expect(
        nothing,
        &rows(trial, nothing, &json!({})).await?,
        &json!([]),
    )?;
    passed()
}

pub(super) async fn parameters(trial: &Trial) -> Outcome {
    let script = "SELECT CAST(%(text)s AS TEXT) AS text, 5 %% 3 AS rest";
    for text in [
        "",
        "it's",
        "\"; DROP TABLE a --",
        "%(text)s %%",
        "ü 字",
        "\\",
    ] {
        let found = rows(trial, script, &json!({"text": text, "more": 1})).await?;
        expect(script, &found, &json!([{"text": text, "rest": 2}]))?;
    }
    let unnamed = execute(trial, "SELECT %(nobody)s", &NO_PARAMETERS).await;
    refused("a parameter that is not given", unnamed, &[Invalid])?;
    passed()
}

pub(super) async fn malformed(trial: &Trial) -> Outcome {
    for script in ["SELEC 1", "", "-- nothing", "SELECT '", "SELECT 1; SELEC 2"] {
        let executed = execute(trial, script, &NO_PARAMETERS).await;
        refused(&format!("`{script}`"), executed, &[Invalid])?;
    }
    passed()
}

pub(super) async fn malformed_parameters(trial: &Trial) -> Outcome {
    let huge = u32::MAX.to_le_bytes();
    for bytes in [
        &[1][..],
        &huge,
        &[1, 0, 0, 0, 9, 0, 0, 0],
        &[1, 0, 0, 0, 0, 0, 0, 0, 99],
    ] {
        let executed = execute(trial, "SELECT 1", bytes).await;
        refused(&format!("parameters {bytes:?}"), executed, &[Invalid])?;
    }
    passed()
}

pub(super) async fn transaction(trial: &Trial) -> Outcome {
    let table = format!("tenon_conformance_{}", uuid::Uuid::new_v4().simple());
    let half = format!("CREATE TABLE {table} (i INTEGER); SELECT nothing FROM {table}");
    let executed = execute(trial, &half, &NO_PARAMETERS).await;
    refused(
        "a script whose second statement is wrong",
        executed,
        &[Invalid],
    )?;
    let left = execute(trial, &format!("SELECT i FROM {table}"), &NO_PARAMETERS).await;
    let found = left.is_ok();
    if found {
        _ = execute(trial, &format!("DROP TABLE {table}"), &NO_PARAMETERS).await;
    }
    holds(!found, || {
        "a script that failed left the table of its first statement".to_owned()
    })?;
    passed()
}
