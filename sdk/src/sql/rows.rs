//! Rows of a result.

use std::{collections::HashMap, fmt};

use super::{
    packed::{self, Input},
    value::{FromValue, Value},
};
use crate::{Error, Result};

/// The rows of a result, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    columns: Vec<String>,
    /// Row after row.
    values: Vec<Value>,
    count: usize,
    /// The columns that a name leads to: of several that share one, the last.
    named: HashMap<String, usize>,
}

impl Rows {
    /// Rows made by hand.
    pub fn new<const COLUMNS: usize>(
        columns: [&str; COLUMNS],
        rows: impl IntoIterator<Item = [Value; COLUMNS]>,
    ) -> Self {
        let mut made = Self::without_rows(columns.into_iter().map(str::to_owned).collect());
        for row in rows {
            made.values.extend(row);
            made.count += 1;
        }
        made
    }

    /// Reads packed rows. `invalid` for bytes that are malformed.
    pub fn unpack(packed: &[u8]) -> Result<Self> {
        let mut input = Input::new(packed);
        let columns = input.count()?;
        let columns = (0..columns)
            .map(|_| input.text().map(str::to_owned))
            .collect::<Result<Vec<_>>>()?;
        let mut rows = Self::without_rows(columns);
        rows.count = input.count()?;
        let values = rows.count.saturating_mul(rows.columns.len());
        // Each value takes a byte at least.
        rows.values.reserve(values.min(input.left()));
        for _ in 0..values {
            rows.values.push(input.value(0)?);
        }
        input.end()?;
        Ok(rows)
    }

    /// Packs them as a database would.
    pub fn pack(&self) -> Result<Vec<u8>> {
        packed::rows(self)
    }

    fn without_rows(columns: Vec<String>) -> Self {
        let named = columns.iter().enumerate();
        Self {
            named: named.map(|(at, name)| (name.clone(), at)).collect(),
            columns,
            values: Vec::new(),
            count: 0,
        }
    }

    /// The same rows, with what is text in these columns taken for JSON. SQLite knows no other kind
    /// for it.
    #[must_use]
    pub fn with_json(mut self, columns: &[&str]) -> Self {
        let width = self.columns.len();
        for column in columns {
            let Some(&at) = self.named.get(*column) else {
                continue;
            };
            for value in self.values.iter_mut().skip(at).step_by(width) {
                if let Value::Text(text) = value {
                    *value = Value::Json(std::mem::take(text));
                }
            }
        }
        self
    }

    /// The names of the columns, in their order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A row by its number, from 0 on.
    pub fn get(&self, row: usize) -> Option<Row<'_>> {
        let width = self.columns.len();
        if row >= self.count {
            return None;
        }
        let start = row.checked_mul(width)?;
        let values = self.values.get(start..start.checked_add(width)?)?;
        Some(Row { rows: self, values })
    }

    /// The first row.
    pub fn first(&self) -> Option<Row<'_>> {
        self.get(0)
    }

    /// The rows in their order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.count).map_while(|row| self.get(row))
    }

    /// Whether a name leads to this column and not to a later one.
    #[cfg(feature = "json")]
    pub(super) fn is_named(&self, column: usize) -> bool {
        self.columns
            .get(column)
            .is_some_and(|name| self.named.get(name) == Some(&column))
    }
}

/// A row of a result.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    pub(super) rows: &'a Rows,
    values: &'a [Value],
}

impl<'a> Row<'a> {
    /// A column's value; of several columns of one name the last. `internal` where there is no
    /// such column, or its value is of another kind: then the plugin and its own SQL disagree.
    pub fn get<T: FromValue<'a>>(&self, column: &str) -> Result<T> {
        let at = self.rows.named.get(column);
        let value = at
            .and_then(|at| self.values.get(*at))
            .ok_or_else(|| Error::internal("a result has no such column").about(column))?;
        T::from_value(value).map_err(|error| error.about(column))
    }

    /// The values in the order of the columns.
    pub fn values(&self) -> &'a [Value] {
        self.values
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.columns.iter();
        f.debug_map().entries(columns.zip(self.values)).finish()
    }
}
