//! `s3boot publish`: versions of launch templates.

use super::live::Live;
use super::{Outcome, faults, note, print, print_styled, unified};
use crate::aws::{Account, NewVersion, TemplateName};
use crate::cli::Publish;
use crate::diagnostic::render::Format;
use crate::drift::{self, LiveTemplate};
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
    let mut failure = None;
    for wanted in wanted {
        if interrupted.load(Ordering::Relaxed) {
            failure = Some(anyhow::anyhow!("interrupted before class {}", wanted.class.name));
            break;
        }
        match one(arguments, &account, wanted).await {
            Ok(version) => versions.insert(wanted.class.name.to_string(), version),
            Err(error) => {
                failure = Some(error.context(format!("class {}", wanted.class.name)));
                break;
            }
        };
    }
    // What was made was made, also where the next one failed: Terraform and the user have to know it.
    if !versions.is_empty() && !arguments.dry_run {
        let answer = serde_json::json!({ "launch_template_versions": versions });
        print((serde_json::to_string_pretty(&answer)? + "\n").as_bytes())?;
    }
    match failure {
        Some(error) => Err(error),
        None => Ok(Outcome::Fine),
    }
}

async fn one(arguments: &Publish, account: &Account, wanted: &Wanted<'_>) -> Result<i64> {
    let Wanted { class, template, user_data } = wanted;
    let Some(latest) = account.template(template, "$Latest").await? else {
        bail!(
            "there is no launch template {template}; `s3boot render --target terraform` makes it, or name yours with --launch-template"
        );
    };
    let same = latest.user_data == user_data.as_bytes();
    let name = &latest.name;
    if arguments.dry_run {
        dry_run(arguments, account, &latest, user_data, same).await?;
        return Ok(latest.version);
    }
    let version = if same {
        note(format_args!("{}: {name} has it already, in version {}", class.name, latest.version));
        latest.version
    } else {
        let token = drift::token(&latest.id, latest.version, user_data);
        let version = account.publish(&new(&latest, user_data, &token)).await?;
        note(format_args!("{}: {name} has version {version} now", class.name));
        version
    };
    if arguments.set_default {
        set_default(account, &latest, version).await?;
    }
    Ok(version)
}

fn new<'a>(latest: &'a LiveTemplate, user_data: &'a str, token: &'a str) -> NewVersion<'a> {
    NewVersion { template: &latest.id, source: latest.version, user_data, token }
}

async fn set_default(account: &Account, latest: &LiveTemplate, version: i64) -> Result<()> {
    if latest.is_default && latest.version == version {
        return Ok(());
    }
    account.set_default(&latest.id, version).await?;
    note(format_args!("{}: version {version} is the default now", latest.name));
    Ok(())
}

async fn dry_run(
    arguments: &Publish,
    account: &Account,
    latest: &LiveTemplate,
    user_data: &str,
    same: bool,
) -> Result<()> {
    if same {
        note(format_args!("{} has it already, in version {}", latest.name, latest.version));
        return Ok(());
    }
    let pair = drift::user_data(latest, user_data);
    print_styled(&unified(&pair.name, pair.live.as_deref(), Some(&pair.rendered)))?;
    let token = drift::token(&latest.id, latest.version, user_data);
    account.try_publish(&new(latest, user_data, &token)).await?;
    let default = if arguments.set_default { ", and make it the default" } else { "" };
    note(format_args!("would make a version of {} after {}{default}", latest.name, latest.version));
    Ok(())
}
