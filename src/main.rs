//! The `s3boot` command.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    s3boot::command::run(&s3boot::cli::Cli::parse())
}
