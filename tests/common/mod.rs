//! What tests share: running the binary, the examples, and judges that may be missing.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a run of s3boot gave.
pub struct Run {
    pub stdout: Vec<u8>,
    pub stderr: String,
    pub code: i32,
}

impl Run {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("stdout is UTF-8")
    }

    #[track_caller]
    pub fn success(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self
    }

    #[track_caller]
    pub fn failure(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", String::from_utf8_lossy(&self.stdout), self.stderr);
        self
    }
}

/// s3boot with these arguments in this directory, without colours and without a terminal.
pub fn s3boot(directory: &Path, arguments: &[&str]) -> Run {
    s3boot_with_input(directory, arguments, b"")
}

/// The same with this standard input.
pub fn s3boot_with_input(directory: &Path, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_s3boot"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("s3boot starts");
    // A command that reads no input closes it: that is no fault of the test.
    let _ = child.stdin.take().expect("stdin is piped").write_all(input);
    let output = child.wait_with_output().expect("s3boot ends");
    Run {
        code: output.status.code().expect("s3boot is not killed"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        stdout: output.stdout,
    }
}

/// The names of the examples.
pub fn examples() -> Vec<String> {
    names(&root().join("examples"))
}

/// The names in a directory, sorted.
pub fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.expect("a directory entry").file_name().into_string().expect("names are UTF-8"))
        .collect();
    names.sort();
    names
}

/// Every file below a directory by its path relative to it, sorted.
pub fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for name in names(directory) {
        let path = directory.join(&name);
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, content)| (format!("{name}/{inner}"), content)));
        } else {
            found.push((name, fs::read(&path).expect("a readable file")));
        }
    }
    found
}

/// Every example rendered in full: its name and the directory.
pub fn rendered_examples() -> Vec<(String, tempfile::TempDir)> {
    examples()
        .into_iter()
        .map(|example| {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let output = directory.path().to_str().expect("UTF-8").to_owned();
            s3boot(&root().join("examples").join(&example), &["render", "-o", &output]).success();
            (example, directory)
        })
        .collect()
}

/// Every rendered file with this end: example and path for messages, and its content.
pub fn rendered(end: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (example, directory) in rendered_examples() {
        for (path, content) in files(directory.path()).into_iter().filter(|(path, _)| path.ends_with(end)) {
            found.push((format!("{example}/{path}"), String::from_utf8(content).expect("UTF-8")));
        }
    }
    assert!(!found.is_empty(), "no example renders {end}");
    found
}

/// The Python that has the judges' libraries.
pub fn python() -> Option<Command> {
    let found = std::env::var_os("S3BOOT_PYTHON");
    if found.is_none() {
        skip("S3BOOT_PYTHON does not name a Python with kubernetes-validate and python-hcl2");
    }
    found.map(Command::new)
}

/// A program that judges, if it is installed. Where `CI=true` it has to be.
pub fn judge(program: &str) -> Option<Command> {
    let found = std::env::var_os("PATH").and_then(|path| {
        std::env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file())
    });
    if found.is_none() {
        skip(&format!("{program} is not installed"));
    }
    found.map(Command::new)
}

/// Says why a test is skipped; in CI that is a failure, since there every judge is installed.
pub fn skip(why: &str) {
    assert_ne!(std::env::var_os("CI").as_deref(), Some(OsStr::new("true")), "in CI no judge may be missing: {why}");
    eprintln!("skipped: {why}");
}

/// A file or folder beside the repository that only developers of s3boot have.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = root().parent().expect("the repository is in a directory").join("shared").join(path);
    if !found.exists() {
        eprintln!("skipped: {path} is not beside this repository");
        return None;
    }
    Some(found)
}

/// Runs a judge; its verdict is exit code 0 and what it says.
#[track_caller]
pub fn verdict(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the judge starts");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {said}");
    said
}
