//! The README is true: its manifest holds, its commands print what it shows, and its tables name what there is.

mod common;

use common::{examples, root, s3boot};
use s3boot::target::TARGETS;
use std::fs;

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("readable")
}

/// The blocks of a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    readme().split(&fence).skip(1).map(|rest| rest.split("```").next().expect("a block ends").to_owned()).collect()
}

/// Whether text is as shown, where a line of `...` stands for any lines.
fn matches(shown: &str, text: &str) -> bool {
    let mut rest = text;
    shown.split("...\n").enumerate().all(|(at, piece)| match rest.find(piece) {
        Some(place) if at > 0 || place == 0 => {
            rest = &rest[place + piece.len()..];
            true
        }
        _ => false,
    })
}

#[test]
fn its_commands_print_what_it_shows() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::write(directory.path().join("s3boot.yaml"), &blocks("yaml")[0]).expect("written");
    let errors = directory.path().join("tests/errors");
    fs::create_dir_all(&errors).expect("a directory");
    fs::copy(root().join("tests/errors/cache-no-nvme.yaml"), errors.join("cache-no-nvme.yaml")).expect("copied");
    let consoles = blocks("console");
    assert_eq!(consoles.len(), 2);
    for console in consoles {
        let (command, shown) = console.split_once('\n').expect("a command and its output");
        let arguments: Vec<_> = command.strip_prefix("$ s3boot ").expect("a command").split(' ').collect();
        let run = s3boot(directory.path(), &arguments);
        let printed = format!("{}{}", run.text(), run.stderr);
        assert!(matches(shown, &printed), "{command} prints\n{printed}");
    }
}

/// The quick start is two commands, and the first prints the main job's output and nothing on stderr.
#[test]
fn its_quick_start_is_two_commands() {
    let block = &blocks("sh")[0];
    let commands: Vec<_> = block.lines().collect();
    assert_eq!(commands.len(), 2);
    assert_eq!(commands[1], "cargo test --locked");
    let arguments: Vec<_> = commands[0].split(" -- ").nth(1).expect("arguments").split(' ').collect();
    let run = s3boot(&root(), &arguments).success();
    assert_eq!(run.stderr, "");
    assert_eq!(run.text().matches("\nkind: ").count(), 2);
}

#[test]
fn its_tables_name_what_there_is() {
    let readme = readme();
    for target in TARGETS {
        assert!(readme.contains(&format!("| `{}` |", target.name())), "{}", target.name());
    }
    for example in examples() {
        assert!(readme.contains(&format!("`{example}`")), "{example}");
    }
    let help = s3boot(&root(), &["--help"]).success();
    let commands =
        help.text().split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("commands");
    for command in commands.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        assert!(readme.contains(&format!("`s3boot {command}")), "{command}");
    }
}

#[test]
fn it_counts_the_cases_right() {
    let cases = common::names(&root().join("tests/node/cases")).len();
    assert!(readme().contains(&format!("[{cases} cases](tests/node/cases)")), "there are {cases}");
}

/// Every link to a file of the repository leads to one.
#[test]
fn its_links_lead_somewhere() {
    for file in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(root().join(file)).expect("readable");
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().expect("a link ends")) {
            assert!(link.starts_with("https://") || root().join(link).exists(), "{file}: {link}");
        }
    }
}
