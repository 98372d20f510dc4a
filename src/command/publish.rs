//! `s3boot publish`: versions of launch templates.

use super::live::Live;
use super::{Outcome, faults, note, print, print_styled, unified};
use crate::aws::{Account, NewVersion, TemplateName};
use crate::cli::Publish;
use crate::diagnostic::render::Format;
use crate::drift::{self, LiveTemplate, Pair};
use crate::manifest::NodesFrom;
use crate::plan::Class;
use crate::target::node_group;
use crate::userdata::EC2_LIMIT;
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A class and the user data that its launch template shall have.
struct Wanted<'a> {
    class: &'a Class,
    template: TemplateName,
    user_data: String,
}

pub(super) fn published(arguments: &Publish, format: Format) -> Result<Outcome> {
    let Some(live) = Live::read(&arguments.rendered, format)? else { return Ok(Outcome::Findings) };
    let classes = live.classes(&arguments.rendered)?;
    if arguments.launch_template.is_some() && classes.len() != 1 {
        bail!("--launch-template is of one class: name it with --nodeclass");
    }
    let mut wanted = Vec::new();
    for class in classes {
        match live.user_data(class) {
            Ok(user_data) => wanted.extend(of(arguments, &live, class, user_data)?),
            Err(failure) => return faults(failure, &live.source, format).map(|()| Outcome::Findings),
        }
    }
    if wanted.is_empty() {
        bail!("no class has a launch template: Karpenter makes its own, and so does whoever made the nodes that exist");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(publish(arguments, &live, &wanted))
}

fn of<'a>(arguments: &Publish, live: &Live, class: &'a Class, user_data: Option<String>) -> Result<Option<Wanted<'a>>> {
    let template = match &arguments.launch_template {
        Some(name) => TemplateName::of(name),
        None if class.nodes.from == NodesFrom::NodeGroup => {
            TemplateName::of(&node_group::launch_template(live.plan(), class))
        }
        None => return Ok(None),
    };
    let Some(user_data) = user_data else { return Ok(None) };
    // EC2 would refuse it only at the first launch.
    if user_data.len() > EC2_LIMIT {
        bail!("the user data of class {} has {} bytes, and EC2 takes {EC2_LIMIT}", class.name, user_data.len());
    }
    Ok(Some(Wanted { class, template, user_data }))
}

/// One class after the other. Ctrl-C lets the call that is on its way end, so that it is known what was made.
async fn publish(arguments: &Publish, live: &Live, wanted: &[Wanted<'_>]) -> Result<Outcome> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            flag.store(true, Ordering::Relaxed);
        }
    });
    let account = live.account(&arguments.access).await?;
    let mut versions = BTreeMap::new();
    let mut ended = Ok(Outcome::Fine);
    for wanted in wanted {
        let name = &wanted.class.name;
        if interrupted.load(Ordering::Relaxed) {
            ended = Err(anyhow::anyhow!("interrupted before class {name}"));
            break;
        }
        let step = match arguments.dry_run {
            true => dry_run(arguments, &account, wanted).await,
            false => one(arguments, &account, wanted, &mut versions).await,
        };
        if let Err(error) = step {
            ended = Err(error.context(format!("class {name}")));
            break;
        }
    }
    // What was made was made, also where the next one failed: Terraform and the user have to know it.
    if !versions.is_empty() {
        let answer = serde_json::json!({ "launch_template_versions": versions });
        print((serde_json::to_string_pretty(&answer)? + "\n").as_bytes())?;
    }
    ended
}

/// The newest version of a class's launch template, and where it differs from what the class shall have.
async fn compared(account: &Account, wanted: &Wanted<'_>) -> Result<(LiveTemplate, Vec<Pair>)> {
    let Some(latest) = account.template(&wanted.template, "$Latest").await? else {
        bail!(
            "there is no launch template {}; `s3boot render --target terraform` makes it, or name yours with --launch-template",
            wanted.template
        );
    };
    let pairs =
        std::iter::once(drift::user_data(&latest, &wanted.user_data)).chain(drift::image(&latest, wanted.class));
    let differing = pairs.filter(Pair::differs).collect();
    Ok((latest, differing))
}

async fn one(
    arguments: &Publish,
    account: &Account,
    wanted: &Wanted<'_>,
    versions: &mut BTreeMap<String, i64>,
) -> Result<()> {
    let (latest, differing) = compared(account, wanted).await?;
    let (class, name) = (&wanted.class.name, &latest.name);
    let version = if differing.is_empty() {
        note(format_args!("{class}: {name} has it already, in version {}", latest.version));
        latest.version
    } else {
        let version = account.publish(&new(&latest, wanted, &token(&latest, wanted))).await?;
        note(format_args!("{class}: {name} has version {version} now"));
        version
    };
    versions.insert(class.to_string(), version);
    if arguments.set_default && !(latest.is_default && latest.version == version) {
        account.set_default(&latest.id, version).await?;
        note(format_args!("{name}: version {version} is the default now"));
    }
    Ok(())
}

fn token(latest: &LiveTemplate, wanted: &Wanted<'_>) -> String {
    drift::token(&latest.id, latest.version, &wanted.user_data, node_group::image_id(wanted.class))
}

fn new<'a>(latest: &'a LiveTemplate, wanted: &'a Wanted<'_>, token: &'a str) -> NewVersion<'a> {
    NewVersion {
        template: &latest.id,
        source: latest.version,
        user_data: &wanted.user_data,
        image: node_group::image_id(wanted.class),
        token,
    }
}

async fn dry_run(arguments: &Publish, account: &Account, wanted: &Wanted<'_>) -> Result<()> {
    let (latest, differing) = compared(account, wanted).await?;
    if differing.is_empty() {
        note(format_args!("{} has it already, in version {}", latest.name, latest.version));
        return Ok(());
    }
    for pair in &differing {
        print_styled(&unified(&pair.name, pair.live.as_deref(), Some(&pair.rendered)))?;
    }
    account.try_publish(&new(&latest, wanted, &token(&latest, wanted))).await?;
    let default = if arguments.set_default { ", and make it the default" } else { "" };
    note(format_args!("would make a version of {} after {}{default}", latest.name, latest.version));
    Ok(())
}
