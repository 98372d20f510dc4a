//! What the commands that ask an account have in common: the manifest, the runtime, and the end by Ctrl-C.

use super::{Outcome, faults, missing, templates};
use crate::aws::{self, Account};
use crate::cli::{Access, Rendered};
use crate::diagnostic::render::Format;
use crate::plan::{Class, Plan};
use crate::source::Source;
use crate::target::Context;
use crate::template::Templates;
use crate::{Failure, Loaded, faults_of, load, select, userdata};
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::future::Future;

/// A manifest that holds, and what to render it with.
pub(super) struct Live {
    pub(super) source: Source,
    pub(super) loaded: Loaded,
    pub(super) templates: Templates,
}

impl Live {
    /// Reads a manifest; none where it has faults, which are then written.
    pub(super) fn read(rendered: &Rendered, format: Format) -> Result<Option<Self>> {
        let file = &rendered.classes.file;
        let source = Source::read(file).map_err(|error| missing(file, error))?;
        let read = || -> Result<(Loaded, Templates), Failure> {
            let loaded = load(&source).map_err(Failure::Report)?;
            let templates = templates(file, rendered.templates.as_deref(), &loaded)?;
            Ok((loaded, templates))
        };
        match read() {
            Ok((loaded, templates)) => Ok(Some(Self { source, loaded, templates })),
            Err(failure) => faults(failure, &source, format).map(|()| None),
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.loaded.plan
    }

    pub(super) fn classes(&self, rendered: &Rendered) -> Result<Vec<&Class>> {
        select(self.plan(), &rendered.classes.classes)
    }

    pub(super) fn context<'a>(&'a self, class: &'a Class) -> Context<'a> {
        Context { plan: self.plan(), class, templates: &self.templates }
    }

    /// The user data of a class's nodes.
    pub(super) fn user_data(&self, class: &Class) -> Result<Option<String>, Failure> {
        let user_data = userdata::of(&self.context(class));
        let user_data = user_data.map_err(|refusal| faults_of(vec![refusal], class, &self.loaded.manifest))?;
        Ok(user_data.map(|data| data.text))
    }

    /// The account of the manifest's region.
    pub(super) async fn account(&self, access: &Access) -> Result<Account> {
        let region = access.region.clone().unwrap_or_else(|| self.plan().cluster.region.to_string());
        let access = aws::Access {
            profile: access.profile.clone(),
            region,
            endpoint_url: access.endpoint_url.clone(),
            verbosity: access.verbose,
        };
        Account::connect(&access).await
    }
}

/// Runs what asks an account. Ctrl-C ends it where it waits: that is safe for whatever only reads.
pub(super) fn run(work: impl Future<Output = Result<Outcome>>) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(async {
        tokio::select! {
            outcome = work => outcome,
            _ = tokio::signal::ctrl_c() => bail!("interrupted; nothing was changed"),
        }
    })
}

/// A bar for many calls; indicatif draws it on a terminal only.
pub(super) fn progress(what: &'static str, length: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr())
        .with_style(style)
        .with_message(what)
}
