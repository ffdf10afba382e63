//! Configurations with mistakes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::expect::graceful;
use super::super::report::{Outcome, passed};
use super::super::trial::Trial;
use super::touch;
use crate::dispatch::lifecycle::{Check, Describe};

/// Values that no schema asks for, as a plugin gets to see them.
const GARBAGE: [&str; 4] = ["", "\u{0}", "{\"not\": [", "\u{202e}~/../%00"];

pub(in super::super) async fn missing(trial: &Trial) -> Outcome {
    let given = &*trial.values;
    let mut variants = vec![("an empty configuration".to_owned(), BTreeMap::new())];
    for key in given.keys() {
        let mut without = given.clone();
        without.remove(key);
        variants.push((format!("a configuration without `{key}`"), without));
        for garbage in GARBAGE {
            let mut wrong = given.clone();
            wrong.insert(key.clone(), garbage.to_owned());
            variants.push((
                format!("a configuration with {garbage:?} as `{key}`"),
                wrong,
            ));
        }
    }
    for (what, values) in variants {
        let client = trial.configured(Arc::new(values))?;
        graceful(
            &format!("describe under {what}"),
            client.call(Describe).await,
        )?;
        graceful(&format!("check under {what}"), client.call(Check).await)?;
        touch::lightly(trial, &client, &what).await?;
    }
    passed()
}
