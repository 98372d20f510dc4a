//! Launch templates and node groups: what is there, and new versions of it.

use super::{Account, Trouble, code_of};
use crate::drift::{LiveGroup, LiveTaint, LiveTemplate};
use crate::preflight::question::Unanswered;
use aws_sdk_ec2::types::{LaunchTemplateVersion, RequestLaunchTemplateData};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How a launch template is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateName {
    /// `lt-…`.
    Id(String),
    /// Anything else.
    Name(String),
}

impl TemplateName {
    /// What a user wrote.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.starts_with("lt-") {
            true => Self::Id(text.to_owned()),
            false => Self::Name(text.to_owned()),
        }
    }

    fn id(&self) -> Option<String> {
        match self {
            Self::Id(id) => Some(id.clone()),
            Self::Name(_) => None,
        }
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::Id(_) => None,
            Self::Name(name) => Some(name.clone()),
        }
    }
}

impl std::fmt::Display for TemplateName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(text) | Self::Name(text) => f.write_str(text),
        }
    }
}

/// A version to make.
#[derive(Debug)]
pub struct NewVersion<'a> {
    /// The launch template's id.
    pub template: &'a str,
    /// The version that everything else is taken from.
    pub source: i64,
    /// The user data, in the clear.
    pub user_data: &'a str,
    /// The AMI, where the class names its own.
    pub image: Option<&'a str>,
    /// The same for the same version, so that asking twice makes one.
    pub token: &'a str,
}

impl Account {
    /// A version of a launch template: `$Default`, `$Latest` or a number. None where there is no such template or version.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn template(&self, name: &TemplateName, version: &str) -> Result<Option<LiveTemplate>, Unanswered> {
        let request = self
            .ec2
            .describe_launch_template_versions()
            .set_launch_template_id(name.id())
            .set_launch_template_name(name.name())
            .versions(version);
        match request.send().await {
            Ok(said) => Ok(said.launch_template_versions().first().map(live)),
            Err(error)
                if code_of(&error).is_some_and(|code| code.contains("NotFound") || code.contains("Malformed")) =>
            {
                Ok(None)
            }
            Err(error) => Err(Trouble::from(error).of("ec2:DescribeLaunchTemplateVersions")),
        }
    }

    /// A node group; none where there is no such.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn node_group(&self, cluster: &str, name: &str) -> Result<Option<LiveGroup>, Unanswered> {
        let said = match self.eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(name).send().await {
            Ok(said) => said,
            Err(error) if code_of(&error) == Some("ResourceNotFoundException") => return Ok(None),
            Err(error) => return Err(Trouble::from(error).of("eks:DescribeNodegroup")),
        };
        let Some(group) = said.nodegroup() else { return Ok(None) };
        let taint = |taint: &aws_sdk_eks::types::Taint| LiveTaint {
            key: taint.key().unwrap_or_default().to_owned(),
            value: taint.value().filter(|value| !value.is_empty()).map(str::to_owned),
            effect: taint.effect().map_or_else(String::new, |effect| effect.as_str().to_owned()),
        };
        let mut taints: Vec<_> = group.taints().iter().map(taint).collect();
        taints.sort();
        Ok(Some(LiveGroup {
            labels: group.labels().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect(),
            taints,
            version: group.launch_template().and_then(|template| template.version()).map(str::to_owned),
        }))
    }

    /// Makes a version, and says its number.
    ///
    /// # Errors
    /// Why it was not made.
    pub async fn publish(&self, new: &NewVersion<'_>) -> Result<i64, Unanswered> {
        match self.new_version(new).send().await {
            Ok(said) => Ok(said
                .launch_template_version()
                .and_then(aws_sdk_ec2::types::LaunchTemplateVersion::version_number)
                .unwrap_or_default()),
            Err(error) => Err(Trouble::from(error).of("ec2:CreateLaunchTemplateVersion")),
        }
    }

    /// Whether [`Self::publish`] would do it.
    ///
    /// # Errors
    /// Why not.
    pub async fn try_publish(&self, new: &NewVersion<'_>) -> Result<(), Unanswered> {
        match self.new_version(new).dry_run(true).send().await {
            Ok(_) => Ok(()),
            Err(error) if code_of(&error) == Some("DryRunOperation") => Ok(()),
            Err(error) => Err(Trouble::from(error).of("ec2:CreateLaunchTemplateVersion")),
        }
    }

    fn new_version(
        &self,
        new: &NewVersion<'_>,
    ) -> aws_sdk_ec2::operation::create_launch_template_version::builders::CreateLaunchTemplateVersionFluentBuilder
    {
        let data = RequestLaunchTemplateData::builder()
            .user_data(STANDARD.encode(new.user_data))
            .set_image_id(new.image.map(str::to_owned));
        self.ec2
            .create_launch_template_version()
            .launch_template_id(new.template)
            .source_version(new.source.to_string())
            .version_description("s3boot")
            .client_token(new.token)
            .launch_template_data(data.build())
    }

    /// Makes a version the default.
    ///
    /// # Errors
    /// Why it was not made so.
    pub async fn set_default(&self, template: &str, version: i64) -> Result<(), Unanswered> {
        let request =
            self.ec2.modify_launch_template().launch_template_id(template).default_version(version.to_string());
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(Trouble::from(error).of("ec2:ModifyLaunchTemplate")),
        }
    }
}

fn live(version: &LaunchTemplateVersion) -> LiveTemplate {
    let data = version.launch_template_data();
    let encoded = data.and_then(|data| data.user_data()).unwrap_or_default();
    LiveTemplate {
        id: version.launch_template_id().unwrap_or_default().to_owned(),
        name: version.launch_template_name().unwrap_or_default().to_owned(),
        version: version.version_number().unwrap_or_default(),
        is_default: version.default_version().unwrap_or_default(),
        // What is no base64 is shown as it is: EC2 takes it, and cloud-init finds nothing to run in it.
        user_data: STANDARD.decode(encoded).unwrap_or_else(|_| encoded.as_bytes().to_vec()),
        image: data.and_then(|data| data.image_id()).map(str::to_owned),
    }
}
