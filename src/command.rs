//! One function a subcommand. Output goes to stdout; faults, notes and progress to stderr.

use crate::cli::{Cli, Command, Diff, Render, Selection};
use crate::diagnostic::render::Format;
use crate::diagnostic::{self, Code, Report, code, did_you_mean};
use crate::output::{self, State, Tree};
use crate::source::Source;
use crate::target::Wanted;
use crate::template::{BUILT_IN, Templates};
use crate::{Failure, Loaded, load, manifest, render, select};
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[cfg(feature = "aws")]
mod drift;
mod external;
mod graph;
mod iam;
mod land;
#[cfg(feature = "aws")]
mod live;
mod pair;
#[cfg(feature = "aws")]
mod preflight;
#[cfg(feature = "aws")]
mod publish;
mod which;

/// How a command ended that did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Fine,
    Findings,
}

/// Runs a command line.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    let outcome = match &cli.command {
        Command::Render(arguments) => rendered(arguments, cli.format),
        Command::Diff(arguments) => diffed(arguments, cli.format),
        Command::TerraformData => external::answer(),
        Command::Land(arguments) => land::landed(arguments, cli.format),
        Command::Pair(arguments) => pair::written(arguments, cli.format),
        Command::Graph(arguments) => graph::drawn(arguments, cli.format),
        Command::Which(arguments) => which::chosen(arguments, cli.format),
        #[cfg(feature = "aws")]
        Command::Preflight(arguments) => preflight::checked(arguments, cli.format),
        #[cfg(feature = "aws")]
        Command::Drift(arguments) => drift::compared(arguments, cli.format),
        #[cfg(feature = "aws")]
        Command::Publish(arguments) => publish::published(arguments, cli.format),
        #[cfg(not(feature = "aws"))]
        Command::Preflight { .. } => Err(anyhow::anyhow!(
            "this build has no network code, and preflight, drift and publish ask AWS: build with `--features aws`"
        )),
        Command::Iam(arguments) => iam::printed(arguments, cli.format),
        Command::Explain { code } => explained(code.as_deref()),
        Command::Schema => print(manifest::reference::schema().as_bytes()),
        Command::Eject { directory, force } => ejected(directory, *force),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        // `s3boot … | head` has what it wants.
        Err(error)
            if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => {
            anstream::eprintln!("s3boot: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn print(bytes: &[u8]) -> Result<Outcome> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()?;
    Ok(Outcome::Fine)
}

/// Prints text that may be coloured; the colours go where they are wanted only.
fn print_styled(text: &str) -> Result<Outcome> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(Outcome::Fine)
}

fn rendered(arguments: &Render, format: Format) -> Result<Outcome> {
    let wanted = wanted(&arguments.selection, if arguments.output.is_some() { Wanted::Tree } else { Wanted::Printed });
    let Some(tree) = tree_of(&arguments.selection, wanted, format)? else { return Ok(Outcome::Findings) };
    match &arguments.output {
        None => print(&stream(&tree)?),
        Some(directory) if arguments.check => checked(&tree, directory, &arguments.selection),
        Some(directory) => {
            let written = tree.write(directory, arguments.force)?;
            note(format_args!("{} of {} files written to {}", written.len(), tree.files().len(), directory.display()));
            note_stale(&tree, directory, &arguments.selection)?;
            Ok(Outcome::Fine)
        }
    }
}

fn note(text: std::fmt::Arguments<'_>) {
    anstream::eprintln!("s3boot: {text}");
}

fn checked(tree: &Tree, directory: &Path, selection: &Selection) -> Result<Outcome> {
    let differing: Vec<_> = tree.compare(directory)?.into_iter().filter(|(_, state)| *state != State::Same).collect();
    for (path, state) in &differing {
        note(format_args!(
            "{path} {}",
            match state {
                State::New => "is missing",
                _ => "differs",
            }
        ));
    }
    let stale = note_stale(tree, directory, selection)?;
    if differing.is_empty() && stale == 0 {
        return Ok(Outcome::Fine);
    }
    note(format_args!("{} is not as the manifest renders it; `s3boot diff` shows how", directory.display()));
    Ok(Outcome::Findings)
}

fn note_stale(tree: &Tree, directory: &Path, selection: &Selection) -> Result<usize> {
    let stale = stale(tree, directory, selection)?;
    for path in &stale {
        note(format_args!("{path} is stale: the manifest no longer renders it; delete it"));
    }
    Ok(stale.len())
}

/// A part of the targets says nothing about the files of the others, nor a part of the classes.
fn stale(tree: &Tree, directory: &Path, selection: &Selection) -> Result<Vec<String>> {
    let of_class =
        |path: &str, class: &String| path.starts_with(&format!("{class}/")) || path.starts_with(&format!("{class}."));
    tree.stale(directory, |path| {
        selection.targets.is_empty()
            && (selection.classes.is_empty() || selection.classes.iter().any(|class| of_class(path, class)))
    })
}

fn diffed(arguments: &Diff, format: Format) -> Result<Outcome> {
    let wanted = wanted(&arguments.selection, Wanted::Tree);
    let Some(tree) = tree_of(&arguments.selection, wanted, format)? else { return Ok(Outcome::Findings) };
    let mut text = String::new();
    for (path, content) in tree.files() {
        let full = arguments.output.join(path);
        let old = match std::fs::read(&full) {
            Ok(old) => Some(String::from_utf8_lossy(&old).into_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", full.display())),
        };
        text += &unified(path, old.as_deref(), Some(&String::from_utf8_lossy(content)));
    }
    for path in stale(&tree, &arguments.output, &arguments.selection)? {
        let old = std::fs::read(arguments.output.join(&path)).with_context(|| format!("cannot read {path}"))?;
        text += &unified(&path, Some(&String::from_utf8_lossy(&old)), None);
    }
    print_styled(&text)?;
    Ok(if text.is_empty() { Outcome::Fine } else { Outcome::Findings })
}

/// A unified diff of one file, coloured; nothing where there is no difference.
fn unified(path: &str, old: Option<&str>, new: Option<&str>) -> String {
    let name = |side: Option<&str>, letter: &str| side.map_or("/dev/null".to_owned(), |_| format!("{letter}/{path}"));
    let diff = similar::TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default());
    let plain = diff.unified_diff().header(&name(old, "a"), &name(new, "b")).to_string();
    let color = |line: &str| match line.as_bytes().first() {
        Some(b'+') => "\x1b[32m",
        Some(b'-') => "\x1b[31m",
        Some(b'@') => "\x1b[36m",
        _ => "",
    };
    plain
        .lines()
        .map(|line| match color(line) {
            "" => format!("{line}\n"),
            color => format!("{color}{line}\x1b[0m\n"),
        })
        .collect()
}

/// A second reader of standard input would find nothing, and take that for an empty file.
fn stdin_once<'a>(files: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
    if files.filter(|file| file.as_path() == Path::new("-")).count() > 1 {
        bail!("standard input can be read once: name all but one by their files");
    }
    Ok(())
}

/// The targets that are named, or else what is usual.
fn wanted<'a>(selection: &'a Selection, usual: Wanted<'a>) -> Wanted<'a> {
    if selection.targets.is_empty() { usual } else { Wanted::Named(&selection.targets) }
}

/// What a manifest says, or none where it has faults, which are then written.
fn loaded(file: &Path, format: Format) -> Result<Option<Loaded>> {
    let source = Source::read(file).map_err(|error| missing(file, error))?;
    let report = |report: &Report| anstream::eprint!("{}", diagnostic::render::render(report, &source, format));
    Ok(load(&source).inspect_err(report).ok())
}

/// The tree of a selection, or none where the manifest has faults, which are then written.
fn tree_of(selection: &Selection, wanted: Wanted<'_>, format: Format) -> Result<Option<Tree>> {
    let source = Source::read(&selection.file).map_err(|error| missing(&selection.file, error))?;
    let report = |report: &Report| anstream::eprint!("{}", diagnostic::render::render(report, &source, format));
    match loaded_and_rendered(selection, wanted, &source) {
        Ok((tree, warnings)) => {
            report(&warnings);
            Ok(Some(tree))
        }
        Err(failure) => faults(failure, &source, format).map(|()| None),
    }
}

/// Writes the faults of a manifest or template; any other failure goes on.
fn faults(failure: Failure, source: &Source, format: Format) -> Result<()> {
    match failure {
        Failure::Report(faults) => {
            anstream::eprint!("{}", diagnostic::render::render(&faults, source, format));
            Ok(())
        }
        Failure::World(error) => Err(error),
    }
}

fn loaded_and_rendered(selection: &Selection, wanted: Wanted<'_>, source: &Source) -> Result<(Tree, Report), Failure> {
    let loaded = load(source).map_err(Failure::Report)?;
    let classes = select(&loaded.plan, &selection.classes)?;
    wanted.check(&classes)?;
    let templates = templates(&selection.file, selection.templates.as_deref(), &loaded)?;
    let bar = progress(classes.len());
    let tree = render(&loaded, &classes, wanted, &templates, || bar.inc(1));
    bar.finish_and_clear();
    Ok((tree?, loaded.report))
}

/// A bar for a wait that is felt; indicatif draws it on a terminal only.
fn progress(classes: usize) -> ProgressBar {
    match classes {
        0..50 => ProgressBar::hidden(),
        _ => ProgressBar::with_draw_target(Some(classes as u64), ProgressDrawTarget::stderr()).with_message("classes"),
    }
}

fn missing(file: &Path, error: anyhow::Error) -> anyhow::Error {
    let gone = error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound);
    match gone {
        true => anyhow::anyhow!("there is no manifest {}; name it with -f FILE", file.display()),
        false => error,
    }
}

/// The built-in templates, and in their place those of the directory that is named, or that the manifest names.
fn templates(file: &Path, named: Option<&Path>, loaded: &Loaded) -> Result<Templates, Failure> {
    let mut templates = Templates::built_in();
    let beside = || Some(file.parent()?.join(&loaded.manifest.templates.as_ref()?.value));
    let directory: Option<PathBuf> = named.map(Path::to_path_buf).or_else(beside);
    let Some(directory) = directory else { return Ok(templates) };
    let mut report = Report::default();
    templates.replace(&directory, &mut report)?;
    if report.has_errors() { Err(Failure::Report(report)) } else { Ok(templates) }
}

/// All files as one stream: YAML documents one after the other, or the one file that there is.
fn stream(tree: &Tree) -> Result<Vec<u8>> {
    let files: Vec<_> = tree.files().collect();
    if let [(_, content)] = files.as_slice() {
        return Ok(content.to_vec());
    }
    let is_yaml = |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "yaml");
    if let Some((path, _)) = files.iter().find(|(path, _)| !is_yaml(path)) {
        bail!(
            "{} files do not fit on stdout ({path} is no YAML): write them with -o DIR, or name a class and a target of one file",
            files.len()
        );
    }
    Ok(files.into_iter().flat_map(|(_, content)| [b"---\n", content].concat()).collect())
}

fn explained(name: Option<&str>) -> Result<Outcome> {
    let Some(name) = name else {
        let width = code::all().map(|code| code.name.len()).max().unwrap_or_default();
        let first = |why: &'static str| why.split_inclusive(". ").next().unwrap_or(why).trim_end();
        let lines = code::all().map(|code| format!("{:width$}  {}\n", code.name, first(code.why)));
        return print(lines.collect::<String>().as_bytes());
    };
    let Some(code) = code::find(name) else {
        let near = did_you_mean(name, code::all().map(|code| code.name));
        bail!(
            "there is no code `{name}`; {}",
            near.map_or("`s3boot explain` lists them".to_owned(), |near| format!("did you mean `{near}`?"))
        );
    };
    print(explanation(code).as_bytes())
}

fn explanation(code: &Code) -> String {
    let example = |title: &str, text: &str| match text {
        "" => String::new(),
        text => format!("\n{title}:\n\n{}", text.lines().map(|line| format!("    {line}\n")).collect::<String>()),
    };
    format!("{}\n\n{}\n{}{}", code.name, code.why, example("wrong", code.wrong), example("right", code.right))
}

fn ejected(directory: &Path, force: bool) -> Result<Outcome> {
    let there: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).filter(|name| directory.join(name).exists()).collect();
    if !there.is_empty() && !force {
        bail!("{} has {} already; overwrite with --force. Nothing was written", directory.display(), there.join(", "));
    }
    for (name, text) in BUILT_IN {
        output::replace(&directory.join(name), text.as_bytes())?;
    }
    note(format_args!("{} templates written; use them with --templates {}", BUILT_IN.len(), directory.display()));
    Ok(Outcome::Fine)
}
