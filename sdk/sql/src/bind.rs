//! Values for a statement's places.

use tenon_sdk::{
    Error, Result,
    sql::{
        self,
        packed::{Elements, Named, Positional, Raw},
    },
};

use crate::script::Statement;

/// The statement with its values, which stay packed as they came.
pub(crate) fn bind(statement: &Statement, parameters: &Named<'_>) -> Result<sql::Statement> {
    let values = statement
        .places
        .iter()
        .map(|place| {
            parameters.get(&place.name).ok_or_else(|| {
                Error::invalid("a parameter of the script is missing").about(&place.name)
            })
        })
        .collect::<Result<Vec<_>>>()?;
    if values.iter().any(|value| value.tuple().is_some()) {
        return expand(statement, &values);
    }
    let mut positional = Positional::default();
    for value in values {
        positional.push_raw(value);
    }
    Ok(sql::Statement {
        text: statement.text.clone(),
        parameters: positional.finish(),
    })
}

/// As [`bind`], with tuples, for which the text is made anew.
fn expand(statement: &Statement, values: &[Raw<'_>]) -> Result<sql::Statement> {
    let mut positional = Positional::default();
    let mut text = String::with_capacity(statement.text.len());
    let mut copied = 0;
    for (place, value) in statement.places.iter().zip(values) {
        text.push_str(statement.text.get(copied..place.start).unwrap_or_default());
        put(&mut text, &mut positional, *value).map_err(|error| error.about(&place.name))?;
        copied = place.end;
    }
    text.push_str(statement.text.get(copied..).unwrap_or_default());
    Ok(sql::Statement {
        text,
        parameters: positional.finish(),
    })
}

fn put(text: &mut String, positional: &mut Positional, value: Raw<'_>) -> Result<()> {
    let Some(elements) = value.tuple() else {
        positional.push_raw(value);
        text.push('$');
        text.push_str(&positional.count().to_string());
        return Ok(());
    };
    put_tuple(text, positional, elements)
}

fn put_tuple(text: &mut String, positional: &mut Positional, elements: Elements<'_>) -> Result<()> {
    let mut before = "(";
    for element in elements {
        text.push_str(before);
        put(text, positional, element)?;
        before = ", ";
    }
    if before == "(" {
        return Err(Error::invalid("an empty tuple has no form in SQL"));
    }
    text.push(')');
    Ok(())
}
