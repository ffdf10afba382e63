//! Statements of a script, with the places of their parameters.

use tenon_sdk::{
    Error, Result,
    sql::{self, Dialect, packed::Named},
};

use crate::{
    bind::bind,
    lexer::{self, Kind, Token, is_word},
    placeholder::{self, Percent},
};

#[cfg(test)]
mod tests;

/// A script that has been read. The same one serves any number of executions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script(Vec<Statement>);

/// A statement, its text with `$1`, `$2` and so on in the places of its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) places: Vec<Place>,
}

/// Where a parameter's `$n` is in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) name: String,
}

impl Script {
    /// Reads a script. `invalid` for one that breaks a rule of the [crate], which the error
    /// names.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self> {
        if text.contains('\0') {
            return Err(Error::invalid("a script with a NUL cannot be run"));
        }
        let mut reader = Reader::default();
        let mut rest = text;
        while let Some((token, after)) = lexer::next(rest, dialect)? {
            rest = if token.text == "%" {
                reader.percent(rest)?
            } else {
                reader.token(token)?;
                after
            };
        }
        reader.end_statement()?;
        if reader.statements.is_empty() {
            return Err(Error::invalid("the script holds no statement"));
        }
        Ok(Self(reader.statements))
    }

    /// The statements with these parameters. `invalid` where one that is named is missing, or is
    /// an empty tuple.
    pub fn bind(&self, parameters: &Named<'_>) -> Result<Vec<sql::Statement>> {
        self.0
            .iter()
            .map(|statement| bind(statement, parameters))
            .collect()
    }
}

/// Puts tokens together to statements.
#[derive(Debug, Default)]
struct Reader {
    statements: Vec<Statement>,
    current: Statement,
    /// The statement's first words, in upper case.
    words: Vec<String>,
    /// Whether there is anything but space and comments.
    has_content: bool,
    /// Round brackets that are open.
    brackets: usize,
    /// `BEGIN` and `CASE` that are open in the body of a routine or a trigger.
    bodies: usize,
}

impl Reader {
    /// Words by which a statement shows what it is: `CREATE OR REPLACE FUNCTION`.
    const WORDS_MAX: usize = 4;

    fn token(&mut self, token: Token<'_>) -> Result<()> {
        match (token.kind, token.text) {
            (Kind::Other, ";") if self.brackets == 0 && self.bodies == 0 => {
                return self.end_statement();
            }
            (Kind::Other, "(") => self.brackets += 1,
            (Kind::Other, ")") => self.brackets = self.brackets.saturating_sub(1),
            (Kind::Parameter, text) => {
                return Err(Error::invalid("a parameter is written `%(name)s`").about(text));
            }
            (Kind::Word, text) => self.word(text),
            _ => {}
        }
        self.has_content |= !matches!(token.kind, Kind::Space | Kind::Comment);
        self.part_from_parameter(token.text);
        if token.kind == Kind::Quoted && token.text.contains('%') {
            self.current
                .text
                .push_str(&placeholder::inside(token.text)?);
        } else {
            self.current.text.push_str(token.text);
        }
        Ok(())
    }

    fn word(&mut self, text: &str) {
        if self.words.len() < Self::WORDS_MAX {
            self.words.push(text.to_ascii_uppercase());
        }
        if !self.has_body() {
            return;
        }
        let is_case = || self.bodies > 0 && text.eq_ignore_ascii_case("CASE");
        if text.eq_ignore_ascii_case("BEGIN") || is_case() {
            self.bodies += 1;
        } else if text.eq_ignore_ascii_case("END") {
            self.bodies = self.bodies.saturating_sub(1);
        }
    }

    /// Whether the statement can hold others, outside quotes.
    fn has_body(&self) -> bool {
        let routine = ["FUNCTION", "PROCEDURE", "TRIGGER"];
        self.words.first().is_some_and(|word| word == "CREATE")
            && self
                .words
                .iter()
                .any(|word| routine.contains(&word.as_str()))
    }

    /// Takes what begins with a percent sign, and gives what follows.
    fn percent<'a>(&mut self, rest: &'a str) -> Result<&'a str> {
        let percent = placeholder::outside(rest)?;
        self.has_content = true;
        match percent {
            Percent::Sign(_) => self.current.text.push('%'),
            Percent::Placeholder(name) => self.place(name),
        }
        Ok(rest.get(percent.length()..).unwrap_or_default())
    }

    fn place(&mut self, name: &str) {
        let Statement { text, places } = &mut self.current;
        // `LIMIT%(n)s` must not become the name `LIMIT$1`.
        if text.bytes().next_back().is_some_and(is_word) {
            text.push(' ');
        }
        let start = text.len();
        text.push('$');
        text.push_str(&(places.len() + 1).to_string());
        places.push(Place {
            start,
            end: text.len(),
            name: name.to_owned(),
        });
    }

    /// Keeps a number or a name from running into the `$n` before it.
    fn part_from_parameter(&mut self, next: &str) {
        let Statement { text, places } = &mut self.current;
        let after = places.last().is_some_and(|place| place.end == text.len());
        if after && next.bytes().next().is_some_and(is_word) {
            text.push(' ');
        }
    }

    fn end_statement(&mut self) -> Result<()> {
        let statement = std::mem::take(&mut self.current);
        let words = std::mem::take(&mut self.words);
        self.brackets = 0;
        self.bodies = 0;
        if !std::mem::take(&mut self.has_content) {
            return Ok(());
        }
        if let Some(word) = words.first().filter(|word| is_transaction_control(word)) {
            return Err(
                Error::invalid("a script is one transaction and cannot control it").about(word),
            );
        }
        self.statements.push(statement.trimmed());
        Ok(())
    }
}

impl Statement {
    fn trimmed(mut self) -> Self {
        self.text.truncate(self.text.trim_end().len());
        let space = self.text.len() - self.text.trim_start().len();
        self.text.drain(..space);
        for place in &mut self.places {
            place.start -= space;
            place.end -= space;
        }
        self
    }
}

fn is_transaction_control(word: &str) -> bool {
    matches!(
        word,
        "ABORT" | "BEGIN" | "COMMIT" | "END" | "RELEASE" | "ROLLBACK" | "SAVEPOINT" | "START"
    )
}
