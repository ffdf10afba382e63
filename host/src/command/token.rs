//! `tenon token`.

use std::process::ExitCode;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use rustls::crypto::CryptoProvider;
use serde::Serialize;
use tenon_host::admin::TokenHash;

use super::Output;

/// More than anybody can try.
const TOKEN_BYTES: usize = 32;
/// Lets scanners for leaked secrets know one when they see it.
const PREFIX: &str = "tenon_";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a token, and the lines by which a host knows it
    New(New),
}

#[derive(Debug, Args)]
#[command(after_help = "\
The host keeps the hash alone: the token is shown this once.

Examples:
  tenon token new --name ada
  tenon token new --json")]
pub(crate) struct New {
    /// The operator's name, for events and logs
    #[arg(long, default_value = "operator")]
    name: String,
}

#[derive(Debug, Serialize)]
struct Token {
    token: String,
    token_sha256: String,
    host_toml: String,
}

pub(crate) fn run(command: &Command, output: &Output) -> anyhow::Result<ExitCode> {
    let Command::New(New { name }) = command;
    let mut bytes = [0; TOKEN_BYTES];
    let provider = CryptoProvider::get_default().context("no source of randomness")?;
    let filled = provider.secure_random.fill(&mut bytes);
    filled.ok().context("no randomness to be had")?;
    output.print(&new(name, bytes), |token| {
        format!(
            "token   {}\nsha256  {}\n\nFor host.toml:\n\n{}\nThen: export TENON_TOKEN=<token>",
            token.token, token.token_sha256, token.host_toml
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

fn new(name: &str, bytes: [u8; TOKEN_BYTES]) -> Token {
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let token_sha256 = TokenHash::of(&token).to_string();
    let mut operator = toml::Table::new();
    operator.insert("name".to_owned(), name.into());
    operator.insert("token_sha256".to_owned(), token_sha256.clone().into());
    Token {
        token,
        host_toml: format!("[[admin.operators]]\n{operator}"),
        token_sha256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash() {
        let token = new("a \"b\"", [255; TOKEN_BYTES]);
        assert_eq!(token.token.len(), PREFIX.len() + 43);
        assert_eq!(token.token_sha256.parse(), Ok(TokenHash::of(&token.token)));
        assert!(!token.host_toml.contains(&token.token));
        let parsed: toml::Table = token.host_toml.parse().unwrap();
        let operator = &parsed["admin"]["operators"][0];
        assert_eq!(operator["name"].as_str(), Some("a \"b\""));
        assert_eq!(
            operator["token_sha256"].as_str(),
            Some(&*token.token_sha256)
        );
    }
}
