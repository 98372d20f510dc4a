//! `s3boot drift`: what is rendered against what is live.

use super::live::{Live, progress, run};
use super::{Outcome, faults, note, print, print_styled, stdin_once, unified};
use crate::aws::{Account, OPEN, TemplateName};
use crate::cli::Drift;
use crate::diagnostic::render::Format;
use crate::drift::{self, LiveTemplate, Objects, Pair};
use crate::manifest::NodesFrom;
use crate::plan::Class;
use crate::source::{OBJECTS_LIMIT, Source};
use crate::target::karpenter::Karpenter;
use crate::target::{Target as _, node_group};
use crate::userdata::decode;
use crate::{Failure, faults_of};
use anyhow::{Result, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;

/// What was found.
#[derive(Default)]
struct Found {
    pairs: Vec<Pair>,
    /// What could not be compared, and why.
    unknown: Vec<String>,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.pairs.extend(other.pairs);
        self.unknown.extend(other.unknown);
    }
}

pub(super) fn compared(arguments: &Drift, format: Format) -> Result<Outcome> {
    let Some(live) = Live::read(&arguments.rendered, format)? else { return Ok(Outcome::Findings) };
    let classes = live.classes(&arguments.rendered)?;
    if arguments.launch_template.is_some() && classes.len() != 1 {
        bail!("--launch-template is of one class: name it with --nodeclass");
    }
    stdin_once(std::iter::once(&arguments.rendered.classes.file).chain(&arguments.cluster))?;
    let mut objects = Objects::default();
    for file in &arguments.cluster {
        let source = Source::read_up_to(file, OBJECTS_LIMIT)?;
        objects.read(&source.text).map_err(|error| error.context(source.path.clone()))?;
    }
    if arguments.decode {
        return decoded(arguments, &live, &classes, &objects);
    }
    let mut found = Found::default();
    for class in of_karpenter(arguments, &classes) {
        if let Err(failure) = karpenter(arguments, &live, class, &objects, &mut found) {
            return faults(failure, &live.source, format).map(|()| Outcome::Findings);
        }
    }
    let mut wanted = Vec::new();
    for class in of_templates(arguments, &classes) {
        match live.user_data(class) {
            Ok(user_data) => wanted.push((class, user_data)),
            Err(failure) => return faults(failure, &live.source, format).map(|()| Outcome::Findings),
        }
    }
    if !wanted.is_empty() {
        run(async {
            let account = live.account(&arguments.access).await?;
            let bar = progress("classes", wanted.len());
            let asked = wanted.iter().map(|(class, user_data)| {
                let of_class = templates(arguments, &live, &account, class, user_data.as_deref());
                async { of_class.await.inspect(|_| bar.inc(1)) }
            });
            let answers: Vec<_> = stream::iter(asked).buffered(OPEN).try_collect().await?;
            bar.finish_and_clear();
            for answer in answers {
                found.add(answer);
            }
            Ok(Outcome::Fine)
        })?;
    }
    show(&found, format)
}

/// Karpenter makes its launch templates itself, out of its objects: those are compared.
fn of_karpenter<'a>(arguments: &Drift, classes: &[&'a Class]) -> Vec<&'a Class> {
    let is = |class: &&&Class| class.nodes.from == NodesFrom::Karpenter && arguments.launch_template.is_none();
    classes.iter().filter(is).copied().collect()
}

fn of_templates<'a>(arguments: &Drift, classes: &[&'a Class]) -> Vec<&'a Class> {
    let is = |class: &&&Class| class.nodes.from == NodesFrom::NodeGroup || arguments.launch_template.is_some();
    classes.iter().filter(is).copied().collect()
}

fn karpenter(
    arguments: &Drift,
    live: &Live,
    class: &Class,
    objects: &Objects,
    found: &mut Found,
) -> Result<(), Failure> {
    if arguments.cluster.is_empty() {
        found.unknown.push(format!(
            "class {}: Karpenter's objects; give them with `kubectl get ec2nodeclasses,nodepools -o yaml | s3boot drift --cluster -`",
            class.name
        ));
        return Ok(());
    }
    let tree = Karpenter.render(&live.context(class));
    let tree = tree.map_err(|refusals| faults_of(refusals, class, &live.loaded.manifest))?;
    for (_, content) in tree.files() {
        found.pairs.push(drift::object(&String::from_utf8_lossy(content), objects)?);
    }
    Ok(())
}

fn template_name(arguments: &Drift, live: &Live, class: &Class) -> TemplateName {
    match &arguments.launch_template {
        Some(name) => TemplateName::of(name),
        None => TemplateName::of(&node_group::launch_template(live.plan(), class)),
    }
}

async fn templates(
    arguments: &Drift,
    live: &Live,
    account: &Account,
    class: &Class,
    user_data: Option<&str>,
) -> Result<Found> {
    let mut found = Found::default();
    let name = template_name(arguments, live, class);
    let rendered = user_data.unwrap_or_default();
    let template = match account.template(&name, &arguments.version).await {
        Ok(template) => template,
        Err(why) => {
            found.unknown.push(format!("class {}: launch template {name}: {why}", class.name));
            return Ok(found);
        }
    };
    match &template {
        None => {
            let name = format!("launch-template/{name}");
            found.pairs.push(Pair { name, live: None, rendered: rendered.to_owned() });
        }
        Some(template) => {
            found.pairs.push(drift::user_data(template, rendered));
            found.pairs.extend(drift::image(template, class));
        }
    }
    if class.nodes.from == NodesFrom::NodeGroup && arguments.launch_template.is_none() {
        groups(live, account, class, template.as_ref(), &mut found).await?;
    }
    Ok(found)
}

async fn groups(
    live: &Live,
    account: &Account,
    class: &Class,
    template: Option<&LiveTemplate>,
    found: &mut Found,
) -> Result<()> {
    for group in node_group::groups(class) {
        match account.node_group(&live.plan().cluster.name, &group.name).await {
            Err(why) => found.unknown.push(format!("class {}: node group {}: {why}", class.name, group.name)),
            Ok(there) => {
                found.pairs.push(drift::group(&group.name, there.as_ref(), class)?);
                let runs = there.and_then(|there| there.version);
                let version = template.map(|template| template.version.to_string());
                if let (Some(runs), Some(version)) = (runs, version)
                    && runs != version
                {
                    let shown = |version: &str| format!("launch template version: {version}\n");
                    let name = format!("node-group/{}/version", group.name);
                    found.pairs.push(Pair { name, live: Some(shown(&runs)), rendered: shown(&version) });
                }
            }
        }
    }
    Ok(())
}

fn show(found: &Found, format: Format) -> Result<Outcome> {
    let differing: Vec<_> = found.pairs.iter().filter(|pair| pair.differs()).collect();
    match format {
        Format::Text => {
            let diff: String = differing
                .iter()
                .map(|pair| match &pair.live {
                    None => format!("{} is not there\n", pair.name),
                    Some(live) => unified(&pair.name, Some(live), Some(&pair.rendered)),
                })
                .collect();
            print_styled(&diff)?;
            for unknown in &found.unknown {
                note(format_args!("not compared: {unknown}"));
            }
            note(format_args!(
                "{} of {} compared differ, {} not compared",
                differing.len(),
                found.pairs.len(),
                found.unknown.len()
            ));
        }
        Format::Json => {
            let pairs: Vec<_> = found
                .pairs
                .iter()
                .map(|pair| json!({"name": pair.name, "differs": pair.differs(), "live": pair.live, "rendered": pair.rendered}))
                .collect();
            let answer = json!({"compared": pairs, "not-compared": found.unknown});
            print((serde_json::to_string_pretty(&answer)? + "\n").as_bytes())?;
        }
        Format::Github => {
            let lines: String =
                differing
                    .iter()
                    .map(|pair| format!("::error title=drift::{} is not what the manifest renders\n", pair.name))
                    .chain(found.unknown.iter().map(|unknown| {
                        format!("::warning title=drift::not compared: {}\n", unknown.replace('\n', " "))
                    }))
                    .collect();
            print_styled(&lines)?;
        }
    }
    let fine = differing.is_empty() && found.unknown.is_empty();
    Ok(if fine { Outcome::Fine } else { Outcome::Findings })
}

fn decoded(arguments: &Drift, live: &Live, classes: &[&Class], objects: &Objects) -> Result<Outcome> {
    let mut text = String::new();
    let mut missing = Vec::new();
    for class in of_karpenter(arguments, classes) {
        let user_data = objects.find("EC2NodeClass", class.name.as_str());
        let user_data = user_data.and_then(|object| object.get("spec")?.get("userData")?.as_str());
        match user_data {
            Some(data) => text += &decode::shown(&format!("ec2nodeclass/{}", class.name), data.as_bytes()),
            None => missing.push(format!("ec2nodeclass/{}", class.name)),
        }
    }
    let wanted = of_templates(arguments, classes);
    if !wanted.is_empty() {
        run(async {
            let account = live.account(&arguments.access).await?;
            for class in &wanted {
                let name = template_name(arguments, live, class);
                match account.template(&name, &arguments.version).await {
                    Ok(Some(template)) => {
                        let title = format!("launch-template/{} version {}", template.name, template.version);
                        text += &decode::shown(&title, &template.user_data);
                    }
                    Ok(None) => missing.push(format!("launch-template/{name}")),
                    Err(why) => bail!("launch template {name}: {why}"),
                }
            }
            Ok(Outcome::Fine)
        })?;
    }
    print(text.as_bytes())?;
    for name in &missing {
        note(format_args!("{name} is not there, or has no user data"));
    }
    Ok(if missing.is_empty() { Outcome::Fine } else { Outcome::Findings })
}
