//! What a statement does to the session it runs in, by its first words.

/// The first word of a statement, which comments may precede. `None` for a
/// text that holds nothing else.
pub(super) fn first_word(text: &str) -> Option<&str> {
    words(text).next()
}

/// The words of a statement up to the first character that belongs to none; an
/// empty one for that character.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = skip(rest);
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = if word.is_empty() { "" } else { after };
        Some(word)
    })
}

/// Leaves out white space, comments, brackets and empty statements at the
/// beginning.
fn skip(mut text: &str) -> &str {
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';');
        text = if let Some(comment) = text.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = text.strip_prefix("/*") {
            after_comment(comment)
        } else {
            return text;
        };
    }
}

/// What follows the comment that was opened; PostgreSQL's nest.
fn after_comment(mut text: &str) -> &str {
    let mut open = 1_u32;
    while open > 0 {
        let Some(at) = text.find(['*', '/']) else {
            return "";
        };
        let (_, found) = text.split_at(at);
        text = if let Some(rest) = found.strip_prefix("*/") {
            open -= 1;
            rest
        } else if let Some(rest) = found.strip_prefix("/*") {
            open += 1;
            rest
        } else {
            found.get(1..).unwrap_or_default()
        };
    }
    text
}

/// What a statement leaves behind in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// A setting, a prepared statement, a temporary table or the like.
    Session,
    /// It begins or ends a transaction.
    Transaction,
}

/// The effect of a statement of PostgreSQL. What is not known to leave nothing
/// is taken to leave something.
pub(super) fn effect(text: &str) -> Effect {
    let mut words = words(text).map(str::to_ascii_uppercase);
    let first = words.next().unwrap_or_default();
    match first.as_str() {
        "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "WITH" | "VALUES" | "TABLE"
        | "ALTER" | "DROP" | "COMMENT" | "TRUNCATE" | "EXPLAIN" | "ANALYZE" | "ANALYSE"
        | "VACUUM" | "REINDEX" | "CLUSTER" | "GRANT" | "REVOKE" | "LOCK" | "REFRESH" | "NOTIFY"
        | "SHOW" | "REASSIGN" | "IMPORT" | "SECURITY" | "CHECKPOINT" => Effect::None,
        "CREATE" => {
            let temporary = |word: &String| matches!(word.as_str(), "TEMP" | "TEMPORARY");
            match words.take(4).any(|word| temporary(&word)) {
                true => Effect::Session,
                false => Effect::None,
            }
        }
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" => {
            Effect::Transaction
        }
        "PREPARE" if words.next().is_some_and(|word| word == "TRANSACTION") => Effect::Transaction,
        _ => Effect::Session,
    }
}

/// Whether a statement may change what tables look like.
pub(super) fn is_definition(text: &str) -> bool {
    let first = words(text).next().unwrap_or_default();
    let data = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "SHOW",
    ];
    !data.iter().any(|word| first.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_hide_nothing() {
        for text in [
            "commit",
            " \n commit",
            "-- select 1\ncommit",
            "/* select */ commit",
            "/* /* select */ */ commit;",
            "/**//***/commit work",
            ";; commit",
            "--\r\n--\n/*-- */commit",
        ] {
            assert_eq!(first_word(text), Some("commit"), "{text}");
            assert_eq!(effect(text), Effect::Transaction, "{text}");
        }
        for text in ["", " ", "-- a", "/* a", "/* /* */", ";", "--\n/**/;"] {
            assert_eq!(first_word(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_session_keeps() {
        for (text, expected) in [
            ("(select 1)", Effect::None),
            ("WITH a AS (SELECT 1) SELECT * FROM a", Effect::None),
            ("create table t ()", Effect::None),
            ("create temp table t ()", Effect::Session),
            ("CREATE LOCAL TEMPORARY TABLE t ()", Effect::Session),
            ("create or replace temp view v as select 1", Effect::Session),
            ("set role other", Effect::Session),
            ("prepare a as select 1", Effect::Session),
            ("PREPARE TRANSACTION 'a'", Effect::Transaction),
            ("do $$ begin end $$", Effect::Session),
            ("Begin", Effect::Transaction),
            ("\u{feff}select 1", Effect::Session),
            ("$1", Effect::Session),
        ] {
            assert_eq!(effect(text), expected, "{text}");
        }
    }
}
