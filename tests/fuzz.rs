//! Whatever the text, parser and resolver give a plan or a report: no panic, no hang. The corpus is `examples/`,
//! `tests/errors/`, `tests/land/` and `tests/fuzz/`, where inputs go that once broke something. `S3BOOT_FUZZ_SECONDS=600` runs longer.

mod common;

use common::{examples, files, root};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use s3boot::diagnostic::Report;
use s3boot::diagnostic::render::{Format, render};
use s3boot::land::document;
use s3boot::land::{Verdict, World};
use s3boot::source::Source;
use s3boot::target::Wanted;
use s3boot::target::pod::Side;
use s3boot::template::Templates;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

fn corpus() -> Vec<String> {
    let mut texts: Vec<_> = examples()
        .iter()
        .map(|name| fs::read(root().join("examples").join(name).join("s3boot.yaml")).expect("readable"))
        .collect();
    for directory in ["tests/errors", "tests/land", "tests/graph", "tests/fuzz"] {
        texts.extend(files(&root().join(directory)).into_iter().map(|(_, content)| content));
    }
    texts.into_iter().filter_map(|text| String::from_utf8(text).ok()).filter(|text| text.len() < 5_000).collect()
}

const TOKENS: &[&str] = &[
    "\n",
    "  ",
    "\t",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    "\"",
    "#",
    "&a ",
    "*a",
    "<<: *a",
    "!!int ",
    "!t ",
    "|\n",
    ">\n",
    "---\n",
    "...\n",
    "null",
    "~",
    "true",
    "on",
    "0x10",
    "1e999",
    ".nan",
    "-1",
    "99999999999999999999999",
    "0",
    "\u{0}",
    "\u{feff}",
    "é",
    "\u{2028}",
    "😀",
    "@",
    "`",
    "%",
    "..",
    "//",
    "s3://",
    "arn:",
    "arn:aws:s3:::",
    "arn:aws:s3:us-west-2:111122223333:accesspoint/",
    "--x-s3",
    "-s3alias",
    "@",
    "@latest",
    "al2023",
    "20Gi",
    "Gi",
    "-",
    ".",
    "/",
    "us-",
    "-1",
    "720h",
    "Never",
    "$(x)",
    "${x}",
    "{{",
    "classes:",
    "mounts:",
    "patch:",
    "karpenter",
    "NodePool",
    "EC2NodeClass",
    "spec",
    "null: null",
    "options:",
    "nodes:",
    "families:",
    "cache:",
    "templates: /",
    "pairing:",
    "install:",
];

#[derive(Debug, Clone)]
enum Edit {
    Insert(usize, usize),
    Delete(usize, usize),
    Copy(usize, usize, usize),
    Line(usize, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = || any::<usize>();
    prop::collection::vec(
        prop_oneof![
            (at(), at()).prop_map(|(place, token)| Edit::Insert(place, token)),
            (at(), 1_usize..40).prop_map(|(place, length)| Edit::Delete(place, length)),
            (at(), at(), 1_usize..60).prop_map(|(from, to, length)| Edit::Copy(from, to, length)),
            (at(), at()).prop_map(|(from, to)| Edit::Line(from, to)),
        ],
        1..6,
    )
}

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for edit in edits {
        let length = characters.len();
        let place = |at: usize| at % (length + 1);
        match *edit {
            Edit::Insert(at, token) => {
                drop(characters.splice(place(at)..place(at), TOKENS[token % TOKENS.len()].chars()));
            }
            Edit::Delete(at, count) => drop(characters.drain(place(at)..(place(at) + count).min(length))),
            Edit::Copy(from, to, count) => {
                let piece: Vec<_> = characters[place(from)..(place(from) + count).min(length)].to_vec();
                drop(characters.splice(place(to)..place(to), piece));
            }
            Edit::Line(from, to) => {
                let all: String = characters.iter().collect();
                let mut lines: Vec<_> = all.split('\n').collect();
                let line = lines[from % lines.len()];
                lines.insert(to % (lines.len() + 1), line);
                characters = lines.join("\n").chars().collect();
            }
        }
    }
    characters.into_iter().collect()
}

/// Everything that a text goes through but the disk: as a manifest of classes, and as one of pods.
fn run(text: &str, templates: &Templates) {
    let source = Source::new("fuzz.yaml", text);
    pods(&source);
    let failed = match s3boot::load(&source) {
        Err(report) => report,
        Ok(loaded) => {
            let classes: Vec<_> = loaded.plan.classes.iter().collect();
            match s3boot::render(&loaded, &classes, Wanted::Tree, templates, || ()) {
                Ok(_) => return,
                Err(s3boot::Failure::Report(report)) => report,
                Err(s3boot::Failure::World(error)) => panic!("a fault of s3boot itself: {error:#}"),
            }
        }
    };
    assert!(failed.has_errors());
    for format in [Format::Text, Format::Json, Format::Github] {
        assert!(!render(&failed, &source, format).is_empty());
    }
}

/// Where its pods land, and what it is with a pairing: which is paired when it is paired again.
fn pods(source: &Source) {
    let manifest = Source::new("s3boot.yaml", include_str!("land/s3boot.yaml"));
    let loaded = s3boot::load(&manifest).expect("it holds");
    let Ok(documents) = document::read(source.clone()) else { return };
    if let Ok(world) = World::of(Some(&loaded.plan), &documents) {
        let mut report = Report::default();
        world
            .landings(&documents)
            .iter()
            .flat_map(|landing| &landing.findings)
            .for_each(|one| report.push(one.clone()));
        for format in [Format::Text, Format::Json, Format::Github] {
            assert!(!render(&report, &Source::new("", ""), format).is_empty() || !report.has_errors());
        }
        for landing in world.landings(&documents) {
            let wrong = matches!(landing.verdict, Verdict::Refused | Verdict::Nowhere | Verdict::Outside(_));
            assert!(!wrong || !landing.findings.is_empty(), "{}: {}", landing.name, landing.verdict);
        }
    }
    let side = Side::of(&loaded.plan.classes[0]);
    if let Ok(Ok(text)) = s3boot::pair::paired(source, &side) {
        match s3boot::pair::paired(&Source::new("paired.yaml", &text), &side) {
            Ok(Ok(again)) => assert_eq!(again, text, "pairing twice is not pairing once"),
            other => panic!("what was paired cannot be paired again: {other:?}\n{text}"),
        }
    }
}

#[test]
fn no_text_breaks_it() {
    let seconds = std::env::var("S3BOOT_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(3);
    let end = Instant::now() + Duration::from_secs(seconds);
    let corpus = corpus();
    assert!(corpus.len() > 90);
    let templates = Templates::built_in();
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let strategy = (0..corpus.len(), edits());
    let mut count = 0_u64;
    let check = |text: &str| {
        let began = Instant::now();
        assert!(
            catch_unwind(AssertUnwindSafe(|| run(text, &templates))).is_ok(),
            "this text breaks it; put it into tests/fuzz/:\n{text}"
        );
        assert!(began.elapsed() < Duration::from_secs(10), "this text takes {:?}:\n{text}", began.elapsed());
    };
    for text in &corpus {
        check(text);
    }
    while Instant::now() < end {
        let (which, edits) = strategy.new_tree(&mut runner).expect("edits").current();
        check(&apply(&corpus[which], &edits));
        count += 1;
    }
    eprintln!("{count} texts in {seconds} s");
    assert!(count > 50);
}
