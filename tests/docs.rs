//! What is generated into `docs/` is up to date, and the blocks of the README run. `S3BOOT_WRITE_DOCS=1` writes.

mod common;

use common::{root, s3boot};
use s3boot::diagnostic::Severity;
use s3boot::diagnostic::code::all;
use s3boot::manifest::reference;
use s3boot::mount_option::{MOUNT_OPTIONS, Owner};
use std::fmt::Write as _;
use std::fs;

fn check(path: &str, expected: &str) {
    let file = root().join(path);
    if std::env::var_os("S3BOOT_WRITE_DOCS").is_some() {
        fs::write(&file, expected).expect("docs can be written");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} is not up to date: run S3BOOT_WRITE_DOCS=1 cargo test --test docs");
}

#[test]
fn the_schema_is_up_to_date() {
    check("docs/s3boot.schema.json", &reference::schema());
    assert_eq!(s3boot(&root(), &["schema"]).success().text(), reference::schema());
}

#[test]
fn the_reference_is_up_to_date() {
    check("docs/manifest.md", &reference::page());
}

#[test]
fn the_chooser_is_up_to_date() {
    check("docs/which.md", &s3boot::which::page());
}

#[test]
fn the_codes_are_up_to_date() {
    let mut page = String::from(
        "# Codes\n\nGenerated from `src/diagnostic/code.rs`, `src/land/code.rs` and `src/preflight/code.rs` by `cargo test`; `s3boot explain CODE` tells the same.\n",
    );
    for code in all() {
        let warning = if code.severity == Severity::Warning { " (warning)" } else { "" };
        let _ = write!(page, "\n## {}{warning}\n\n{}\n", code.name, code.why);
        for (title, text) in [("Wrong", code.wrong), ("Right", code.right)] {
            if !text.is_empty() {
                let language = if text.contains("{{") || text.contains("{#") { "jinja" } else { "yaml" };
                let _ = write!(page, "\n{title}:\n\n```{language}\n{text}```\n");
            }
        }
    }
    check("docs/errors.md", &page);
}

#[test]
fn the_options_are_up_to_date() {
    let mut page = String::from(
        "# Options of mount-s3\n\nGenerated from `src/mount_option.rs` by `cargo test`. Under `options:` of a mount, without the dashes.\n\n| option | since | | excludes | needs | |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for option in MOUNT_OPTIONS {
        let names = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let set = match option.owner {
            Owner::Options if option.writes => "writers",
            Owner::Options => "",
            Owner::Elsewhere(instead) => instead,
        };
        let needs = option.requires.map_or(String::new(), |other| format!("`{other}`"));
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {needs} | {set} |",
            option.key,
            option.since,
            option.doc,
            names(option.conflicts)
        );
    }
    check("docs/options.md", &page);
}

/// The names of the options are those of mount-s3 itself.
#[test]
fn the_options_are_those_of_mount_s3() {
    let Some(path) = common::shared("facts/mount-s3-flags.json") else { return };
    let flags: serde_json::Value = serde_json::from_slice(&fs::read(path).expect("readable")).expect("JSON");
    // Not in any release, or not an option of a mount.
    let left_out = ["cache-block-size", "help", "version"];
    let mut upstream: Vec<_> = (flags.as_array().expect("a list").iter())
        .filter_map(|flag| flag["flag"].as_str().and_then(|flag| flag.strip_prefix("--")))
        .filter(|flag| !left_out.contains(flag))
        .collect();
    upstream.sort_unstable();
    let ours: Vec<_> = MOUNT_OPTIONS.iter().map(|option| option.key).collect();
    assert_eq!(ours, upstream);
}
