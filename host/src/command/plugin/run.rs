//! `tenon plugin run`.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use tenon_host::author::{self, Answer, Failed, OPERATIONS, Request, Stage, Used};

use super::calling::{self, REFUSED, USAGE};
use crate::command::Output;

/// The operation answered with an error of its own.
const ANSWERED_ERROR: u8 = 1;
/// Stands for standard input.
const STDIN: &str = "-";

#[derive(Debug, Args)]
#[command(after_help = help())]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: calling::Target,
    /// The operation, as role.operation
    #[arg(required = true)]
    operation: String,
    /// Its arguments as a JSON object, `-` for those on standard input
    #[arg(default_value = "{}")]
    arguments: String,
    /// Where contents go that the operation sends [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn help() -> String {
    let mut help = "Operations, each with arguments it takes:\n".to_owned();
    for operation in OPERATIONS {
        help.push_str(&format!("  {:<27} {}\n", operation.name, operation.example));
    }
    help.push_str(
        "\nExit codes:\n  0  the operation succeeded\n  1  the operation answered with an error\n  \
         2  wrong arguments\n  3  the component was refused, trapped or broke a limit\n\n\
         What the plugin logs, and what the call used, go to standard error; with --json the latter\n\
         is in the object. TENON_LOG filters the log.",
    );
    help
}

pub(crate) fn run(arguments: Arguments, output: &Output) -> anyhow::Result<ExitCode> {
    let parsed = match read(&arguments.arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            eprintln!("tenon: the arguments: {error:#}");
            return Ok(ExitCode::from(USAGE));
        }
    };
    let runtime = calling::runtime()?;
    let _telemetry = calling::telemetry()?;
    let caller = arguments.target.caller()?;
    let target = &arguments.target;
    let request = Request {
        operation: arguments.operation,
        arguments: parsed,
        out: arguments.out,
    };
    let operation = request.operation.clone();
    let (answer, used) = runtime.block_on(async {
        match Stage::new(&target.component, target.connector.as_deref(), caller) {
            Ok(stage) => author::run(&stage, request).await,
            Err(error) => (Err(Failed::Refused(error)), None),
        }
    });
    if output.is_json() {
        let shown = Shown::new(&operation, &answer, used.as_ref());
        output.print(&shown, |_| String::new())?;
    } else {
        print(&answer, used.as_ref())?;
    }
    Ok(code(&answer))
}

fn read(arguments: &str) -> anyhow::Result<Value> {
    if arguments != STDIN {
        return Ok(serde_json::from_str(arguments)?);
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.context("standard input")?;
    Ok(serde_json::from_str(&text)?)
}

fn code(answer: &Result<Answer, Failed>) -> ExitCode {
    match answer {
        Ok(_) => ExitCode::SUCCESS,
        Err(Failed::Unknown(_) | Failed::Arguments { .. } | Failed::Output(_)) => USAGE.into(),
        Err(Failed::Ended(ended)) if ended.answered => ANSWERED_ERROR.into(),
        Err(Failed::Ended(_) | Failed::Refused(_) | Failed::NoRole(_)) => REFUSED.into(),
    }
}

/// What programs read.
#[derive(Serialize)]
struct Shown<'a> {
    operation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    used: Option<&'a Used>,
}

impl<'a> Shown<'a> {
    fn new(operation: &'a str, answer: &Result<Answer, Failed>, used: Option<&'a Used>) -> Self {
        let (result, error) = match answer {
            Ok(answer) => (Some(result(answer)), None),
            Err(Failed::Ended(ended)) => (None, Some(json!(ended))),
            Err(failed) => (None, Some(json!({ "message": failed.to_string() }))),
        };
        Self {
            operation,
            result,
            error,
            used,
        }
    }
}

/// Contents stand beside what is known of them, as text if they are any.
fn result(answer: &Answer) -> Value {
    let mut result = answer.result.clone();
    if let (Some(content), Value::Object(known)) = (&answer.content, &mut result) {
        let (key, text) = match std::str::from_utf8(content) {
            Ok(text) => ("content", text.to_owned()),
            Err(_) => ("content_base64", STANDARD.encode(content)),
        };
        known.insert(key.to_owned(), Value::String(text));
    }
    result
}

fn print(answer: &Result<Answer, Failed>, used: Option<&Used>) -> anyhow::Result<()> {
    match answer {
        Ok(answer) => match &answer.content {
            Some(content) => {
                eprintln!("{}", answer.result);
                let mut stdout = std::io::stdout();
                stdout.write_all(content)?;
                stdout.flush()?;
            }
            None => println!("{}", serde_json::to_string_pretty(&answer.result)?),
        },
        Err(failed) => {
            eprintln!("tenon: {failed}");
            if let Some(ended) = failed.ended() {
                explain(ended);
            }
        }
    }
    if let Some(used) = used {
        eprintln!("{}", text(used));
    }
    Ok(())
}

fn explain(ended: &author::Ended) {
    if let Some(after_ms) = ended.retry_after_ms {
        eprintln!("  worth another try after {after_ms} ms");
    }
    for (index, frame) in ended.backtrace.iter().enumerate() {
        eprintln!("  {index:>3}: {frame}");
    }
}

fn text(used: &Used) -> String {
    let ms = |us: u64| us as f64 / 1e3;
    format!(
        "used: {:.1} ms, cpu {:.1} ms, memory {} KiB, {} bytes moved, {} http requests",
        ms(used.wall_us),
        ms(used.cpu_us),
        used.memory_bytes.div_ceil(1024),
        used.moved_bytes,
        used.requests
    )
}
