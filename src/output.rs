//! What is rendered, and the directory it is written to. Nothing is half written: each file goes to a temporary one
//! beside it and is renamed.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The file that lists what s3boot has written to a directory, one path a line.
pub const LIST: &str = ".s3boot-files";

/// Files by their path, relative and with `/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<String, Vec<u8>>,
}

/// How a file of a tree stands to the one on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is as rendered.
    Same,
    /// It is not there.
    New,
    /// It is another.
    Changed,
    /// It is there, and s3boot did not write it.
    Foreign,
}

impl Tree {
    /// Adds a file. The same file may be added by several classes.
    ///
    /// # Panics
    /// When two classes render different files of one path: a fault of a target.
    pub fn add(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        let (path, content) = (path.into(), content.into());
        let old = self.files.insert(path.clone(), content);
        assert!(old.is_none_or(|old| old == self.files[&path]), "two classes render {path} differently");
    }

    /// Adds the files of another tree.
    pub fn merge(&mut self, other: Self) {
        for (path, content) in other.files {
            self.add(path, content);
        }
    }

    /// The files, in the order of their paths.
    #[must_use]
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// How each file stands to a directory.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn compare(&self, directory: &Path) -> Result<Vec<(&str, State)>> {
        let listed = listed(directory)?;
        self.files
            .iter()
            .map(|(path, content)| Ok((path.as_str(), state(directory, path, content, &listed)?)))
            .collect()
    }

    /// Files that s3boot wrote to the directory earlier and that are not in this tree; of those that `covers` says the
    /// tree would have.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn stale(&self, directory: &Path, covers: impl Fn(&str) -> bool) -> Result<Vec<String>> {
        let gone = |path: &String| !self.files.contains_key(path) && covers(path) && directory.join(path).exists();
        Ok(listed(directory)?.into_iter().filter(gone).collect())
    }

    /// Writes what is new or changed, and tells the paths.
    ///
    /// # Errors
    /// When a file is there that s3boot did not write and `force` is not given (nothing is written then), or the disk
    /// refuses.
    pub fn write(&self, directory: &Path, force: bool) -> Result<Vec<&str>> {
        let states = self.compare(directory)?;
        let foreign: Vec<_> =
            states.iter().filter(|(_, state)| *state == State::Foreign).map(|(path, _)| *path).collect();
        if !foreign.is_empty() && !force {
            bail!(
                "{} in {} not written by s3boot: {}. Move it away, or overwrite it with --force. Nothing was written",
                if foreign.len() == 1 { "a file" } else { "files" },
                directory.display(),
                foreign.join(", "),
            );
        }
        let due: Vec<_> = states.into_iter().filter(|(_, state)| *state != State::Same).map(|(path, _)| path).collect();
        self.list(directory)?;
        for path in &due {
            replace(&directory.join(path), &self.files[*path])?;
        }
        Ok(due)
    }

    /// Notes the files of this tree beside those that were written before and are still there. It goes first: a run that
    /// is cut off then leaves no file behind that the next run would take for someone else's.
    fn list(&self, directory: &Path) -> Result<()> {
        let old = listed(directory)?;
        let mut all: BTreeSet<_> = old.iter().filter(|path| directory.join(path).exists()).cloned().collect();
        all.extend(self.files.keys().cloned());
        match all == old && !all.is_empty() {
            true => Ok(()),
            false => replace(&directory.join(LIST), (all.into_iter().collect::<Vec<_>>().join("\n") + "\n").as_bytes()),
        }
    }
}

fn state(directory: &Path, path: &str, content: &[u8], listed: &BTreeSet<String>) -> Result<State> {
    let full = directory.join(path);
    match fs::read(&full) {
        Ok(on_disk) if on_disk == content => Ok(State::Same),
        Ok(_) if listed.contains(path) => Ok(State::Changed),
        Ok(_) => Ok(State::Foreign),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(State::New),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", full.display())),
    }
}

fn listed(directory: &Path) -> Result<BTreeSet<String>> {
    let path = directory.join(LIST);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Writes a file by a temporary one beside it, which is renamed; makes the directories that it needs.
///
/// # Errors
/// When the disk refuses.
pub fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let writing = || format!("cannot write {}", path.display());
    let parent = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    fs::create_dir_all(&parent).with_context(writing)?;
    let mut file = tempfile::Builder::new().prefix(".s3boot-").tempfile_in(&parent).with_context(writing)?;
    file.write_all(content).with_context(writing)?;
    readable(file.path()).with_context(writing)?;
    file.persist(path).map(drop).with_context(writing)
}

/// Temporary files are private; what is rendered is for the team, as the file it replaces would be.
#[cfg(unix)]
fn readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
