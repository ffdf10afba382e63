//! sqAPI's SQL scripts, as its plugins write them for psycopg2, made into statements whose values
//! the database binds.
//!
//! | in a script | becomes |
//! |---|---|
//! | `%(name)s` | `$1`, `$2` and so on, one for each occurrence, since each may stand for another type |
//! | the same, its value a tuple | `($1, $2)`; of an empty tuple nothing can be made |
//! | `%%` | `%`, in quotes as well |
//! | any other `%`, such as in `LIKE 'a%'` | itself |
//! | `%(name)s` in quotes, also in dollar quotes | an error, as in psycopg2: the text would hold the placeholder |
//! | `%s`, `%(name)d`, `%( name )s` | an error |
//! | `$1` | an error: it would be taken for a parameter |
//! | anything in a comment | itself |
//! | `;` | ends a statement, unless in quotes, in brackets, or in the body of a routine or a trigger |
//! | `BEGIN`, `COMMIT` and their like | an error: a script is one transaction already |
//! | nothing but space and comments | an error |
//!
//! Parameters that a script does not name are left out; one that it names must be given.
//!
//! The lexical rules are those of PostgreSQL (its manual, section 4.1) and of SQLite. `sqlparser`'s
//! tokenizer was looked at first and does not fit: it gives unescaped values with lines and columns
//! in place of spans, so that the text would have to be printed anew, and takes a placeholder
//! apart into five tokens that may as well have had space between them.

mod bind;
mod lexer;
mod placeholder;
mod run;
mod script;

pub use run::run;
pub use script::Script;
