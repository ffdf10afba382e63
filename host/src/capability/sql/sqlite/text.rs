//! What a statement of SQLite is, before SQLite sees it: its tokens are those
//! of <https://github.com/sqlite/sqlite/blob/master/src/tokenize.c>.

/// Parameters of a statement; SQLite's own limit.
const PARAMETERS_MAX: usize = 32_766;

/// Words that a statement may begin with. Missing are those that open other
/// files or change the connection: ATTACH, DETACH, PRAGMA, VACUUM, and those
/// that begin or end a transaction.
const COMMANDS: [&str; 12] = [
    "ALTER", "ANALYZE", "CREATE", "DELETE", "DROP", "EXPLAIN", "INSERT", "REINDEX", "REPLACE",
    "SELECT", "UPDATE", "VALUES",
];
/// Those that only read.
const READING: [&str; 3] = ["SELECT", "VALUES", "EXPLAIN"];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The highest `$n`.
    pub(super) parameters: usize,
    /// Whether it certainly changes nothing.
    pub(super) reads: bool,
    /// Whether it leaves something behind in the connection.
    pub(super) leaves_session: bool,
}

/// Why a statement does not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("a statement may not begin with `{0}` here")]
    Command(String),
    #[error("a text holds more than one statement")]
    Several,
    #[error("parameters are `$1` to `${PARAMETERS_MAX}`")]
    Parameter,
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Parameter(usize),
    Semicolon,
    Other,
}

/// Looks at one statement.
pub(super) fn read(text: &str) -> Result<Found, Unfit> {
    let mut found = Found::default();
    let mut words = 0;
    let mut is_create = false;
    let mut is_trigger = false;
    let mut begins = true;
    let mut first = true;
    let mut rest = text;
    while let Some((token, after)) = next(rest)? {
        rest = after;
        match token {
            Token::Semicolon => {
                begins = true;
                continue;
            }
            Token::Parameter(number) => found.parameters = found.parameters.max(number),
            Token::Word(word) if begins => {
                let word = word.to_ascii_uppercase();
                if !first && !is_trigger {
                    return Err(Unfit::Several);
                }
                let ends_trigger = is_trigger && word == "END";
                let known = COMMANDS.contains(&&*word) || word == "WITH" || ends_trigger;
                let explains = first && words > 0 && matches!(&*word, "QUERY" | "PLAN");
                if !known && !explains {
                    return Err(Unfit::Command(word));
                }
                if words == 0 {
                    found.reads = READING.contains(&&*word);
                    is_create = word == "CREATE";
                }
                words += 1;
                // What is explained is a statement as well: some run at once.
                if first && (word == "EXPLAIN" || explains) {
                    continue;
                }
            }
            Token::Word(word) if is_create && words < 3 => {
                words += 1;
                let temporary = ["TEMP", "TEMPORARY"];
                found.leaves_session |= temporary.iter().any(|it| word.eq_ignore_ascii_case(it));
                is_trigger |= word.eq_ignore_ascii_case("TRIGGER");
            }
            Token::Word(_) => {}
            Token::Other if begins && !first && !is_trigger => return Err(Unfit::Several),
            Token::Other => {}
        }
        begins = false;
        first = false;
    }
    Ok(found)
}

/// The first token and what follows it.
fn next(mut text: &str) -> Result<Option<(Token<'_>, &str)>, Unfit> {
    let first = loop {
        text = text.trim_start_matches([' ', '\t', '\n', '\u{c}', '\r']);
        if let Some(comment) = text.strip_prefix("--") {
            text = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(comment) = text.strip_prefix("/*") {
            text = comment.split_once("*/").map_or("", |(_, rest)| rest);
        } else {
            match text.chars().next() {
                Some(first) => break first,
                None => return Ok(None),
            }
        }
    };
    let after_first = text.get(first.len_utf8()..).unwrap_or_default();
    Ok(Some(match first {
        ';' => (Token::Semicolon, after_first),
        // Doubled, a quotation mark ends one part and begins the next.
        '\'' | '"' | '`' => (Token::Other, after(after_first, first)),
        '[' => (Token::Other, after(after_first, ']')),
        '?' | ':' | '@' | '#' => return Err(Unfit::Parameter),
        '$' => {
            let (digits, rest) = split(after_first, |c| c.is_ascii_digit());
            let number = digits.parse().unwrap_or(0);
            let goes_on = rest.starts_with(|c| is_in_word(c) || c == '(' || c == ':');
            if !(1..=PARAMETERS_MAX).contains(&number) || goes_on {
                return Err(Unfit::Parameter);
            }
            (Token::Parameter(number), rest)
        }
        c if is_in_word(c) => {
            let (word, rest) = split(text, is_in_word);
            (Token::Word(word), rest)
        }
        _ => (Token::Other, after_first),
    }))
}

fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

fn split(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.split_at(end)
}

fn after(text: &str, end: char) -> &str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_where_they_are_ones() {
        for (text, expected) in [
            ("SELECT $1, $3", 3),
            ("SELECT '$1', \"$2\", `$3`, [$4] -- $5\n/* $6 */", 0),
            ("SELECT 'it''s $1' || $2", 2),
            ("SELECT a$1 FROM t", 0),
        ] {
            assert_eq!(read(text).unwrap().parameters, expected, "{text}");
        }
        for text in [
            "SELECT $0",
            "SELECT $a",
            "SELECT ?",
            "SELECT :a",
            "SELECT $1a",
            "SELECT $99999",
        ] {
            assert_eq!(read(text), Err(Unfit::Parameter), "{text}");
        }
    }

    #[test]
    fn nothing_reaches_another_file() {
        for text in [
            "ATTACH 'x' AS x",
            "/**/attach 'x' as x",
            "--\nATTACH 'x' AS x",
            "\u{feff}ATTACH 'x' AS x",
            "SELECT 1; ATTACH 'x' AS x",
            "SELECT 1;;/**/ATTACH 'x' AS x",
            "SELECT ';'; ATTACH 'x' AS x",
            "EXPLAIN PRAGMA foreign_keys = off",
            "EXPLAIN QUERY PLAN PRAGMA foreign_keys = off",
            "PRAGMA foreign_keys = off",
            "VACUUM INTO 'x'",
            "BEGIN",
            "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; ATTACH 'x' AS x",
            "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; ATTACH 'x' AS x; SELECT 1; END",
            "CREATE TABLE trigger (a); ATTACH 'x' AS x",
        ] {
            let unfit = read(text).unwrap_err();
            assert!(
                matches!(unfit, Unfit::Command(_) | Unfit::Several),
                "{text}"
            );
        }
    }

    #[test]
    fn what_passes() {
        for (text, reads, leaves_session) in [
            ("select 1;", true, false),
            ("EXPLAIN QUERY PLAN SELECT 1", true, false),
            ("WITH a AS (SELECT 1) DELETE FROM t", false, false),
            ("CREATE TEMP TABLE t (a)", false, true),
            (
                "CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET a = CASE b WHEN 1 THEN 2 END; \
                 DELETE FROM u; END;",
                false,
                false,
            ),
        ] {
            let found = read(text).unwrap();
            assert_eq!(
                (found.reads, found.leaves_session),
                (reads, leaves_session),
                "{text}"
            );
        }
        assert_eq!(read("SELECT 1; SELECT 2"), Err(Unfit::Several));
    }
}
