use clap::CommandFactory as _;

use super::*;

/// Every command that does something, and its whole name.
fn leaves(command: &clap::Command, name: &str) -> Vec<(String, clap::Command)> {
    let below: Vec<_> = command.get_subcommands().collect();
    if below.is_empty() {
        return vec![(name.to_owned(), command.clone())];
    }
    let leaves = below
        .into_iter()
        .flat_map(|below| leaves(below, &format!("{name} {}", below.get_name())));
    leaves.collect()
}

#[test]
fn the_definition_has_no_mistakes() {
    Arguments::command().debug_assert();
}

#[test]
fn every_command_of_operators_shows_an_example_of_itself() {
    let mut shown = 0;
    for (name, command) in leaves(&Arguments::command(), "tenon") {
        if name.starts_with("tenon plugin ") || command.is_hide_set() {
            continue;
        }
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        assert!(
            help.contains("Example") && help.contains(&name),
            "{name}: {help}"
        );
        shown += 1;
    }
    assert!(shown > 15, "{shown}");
}

/// Every example is taken as it stands.
#[test]
fn every_example_parses() {
    let mut parsed = 0;
    for (name, command) in leaves(&Arguments::command(), "tenon") {
        let help = command.get_after_help().map(ToString::to_string);
        for line in help.unwrap_or_default().lines() {
            // Without the comment, and where its output goes.
            let words = line.split(" #").next().unwrap_or_default();
            let words = words.split(" >").next().unwrap_or_default();
            if name.starts_with("tenon plugin ") || !words.trim().starts_with("tenon ") {
                continue;
            }
            let result = Arguments::try_parse_from(words.split_whitespace());
            assert!(result.is_ok(), "{name}: {line}: {result:?}");
            parsed += 1;
        }
    }
    assert!(parsed > 20, "{parsed}");
}

fn refused(line: &str) -> String {
    let parsed = Arguments::try_parse_from(line.split(' '));
    let error = parsed.expect_err("it is refused");
    assert_eq!(error.exit_code(), i32::from(exit::USAGE));
    error.to_string()
}

#[test]
fn wrong_arguments_are_named() {
    assert!(refused("tenon activate port-disk").contains("COMPONENT"));
    assert!(refused("tenon activate port-disk disk").contains("names no component"));
    assert!(refused("tenon activate Port_Disk disk@1").contains("is no name"));
    assert!(refused("tenon activate a disk@1 --file x").contains("--file"));
    assert!(refused("tenon canary start a disk@1 --weight 101").contains("101"));
    assert!(refused("tenon logs --level loud").contains("loud"));
    // A token is never an argument.
    assert!(refused("tenon connectors --token x").contains("--token"));
}
