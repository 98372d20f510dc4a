//! An AWS account. The only place that names the SDK: everything else speaks of [`Question`] and [`Answer`].

use crate::preflight::question::{Answer, Answers, Question, Unanswered};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::{ProvideCredentials as _, error::CredentialsError};
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::stream::{self, StreamExt as _};
use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

mod answer;
mod log;
mod template;

pub use template::{NewVersion, TemplateName};

/// How many questions are open at a time. EC2 throttles by tokens, of which an account has 50 or more.
pub const OPEN: usize = 8;

/// How an account is reached.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The profile of the user's configuration.
    pub profile: Option<String>,
    /// The region.
    pub region: String,
    /// An address in place of AWS's.
    pub endpoint_url: Option<String>,
    /// How much is said of each call: nothing, the call, its parameters, its answer's headers.
    pub verbosity: u8,
}

/// An account in a region.
#[derive(Debug, Clone)]
pub struct Account {
    ec2: aws_sdk_ec2::Client,
    eks: aws_sdk_eks::Client,
    s3: aws_sdk_s3::Client,
    ssm: aws_sdk_ssm::Client,
}

impl Account {
    /// An account, by the credentials that the SDK finds: environment, profile, SSO, a process, the role of a pod or machine.
    ///
    /// # Errors
    /// There are no credentials.
    pub async fn connect(access: &Access) -> anyhow::Result<Self> {
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(15))
            .operation_timeout(Duration::from_mins(1))
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(6)
            .with_initial_backoff(Duration::from_millis(300))
            .with_max_backoff(Duration::from_secs(8));
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http.clone())
            .region(Region::new(access.region.clone()))
            .timeout_config(timeouts)
            .retry_config(retries);
        // The SDK would take keys in the environment before a profile that was asked for by name.
        if let Some(profile) = &access.profile {
            let region = Some(Region::new(access.region.clone()));
            let config = ProviderConfig::without_region().with_region(region).with_http_client(http.clone());
            let named = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(named);
        }
        if let Some(url) = &access.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let Some(credentials) = config.credentials_provider() else { anyhow::bail!("{NO_CREDENTIALS}") };
        credentials.provide_credentials().await.map_err(|error| no_credentials(&error))?;
        let log = log::Log(access.verbosity);
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .interceptor(log)
            // A stand-in at one address has no name for each bucket.
            .force_path_style(config.endpoint_url().is_some());
        Ok(Self {
            ec2: aws_sdk_ec2::Client::from_conf(aws_sdk_ec2::config::Builder::from(&config).interceptor(log).build()),
            eks: aws_sdk_eks::Client::from_conf(aws_sdk_eks::config::Builder::from(&config).interceptor(log).build()),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            ssm: aws_sdk_ssm::Client::from_conf(aws_sdk_ssm::config::Builder::from(&config).interceptor(log).build()),
        })
    }

    /// The answers to these questions, a few asked at a time; `progress` is told after each.
    pub async fn answers(&self, questions: BTreeSet<Question>, progress: impl Fn()) -> Answers {
        let asked = questions.into_iter().map(|question| async {
            let answer = self.answer(&question).await;
            progress();
            (question, answer)
        });
        stream::iter(asked).buffer_unordered(OPEN).collect().await
    }

    /// The answer to one question.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn answer(&self, question: &Question) -> Result<Answer, Unanswered> {
        match question {
            Question::Zones => self.zones().await.map(Answer::Zones),
            Question::Types(pattern) => self.types(pattern).await.map(Answer::Types),
            Question::Offerings(types) => self.offerings(types).await.map(Answer::Offerings),
            Question::Parameter(name) => self.parameter(name).await.map(Answer::Parameter),
            Question::Images(terms) => self.images(terms).await.map(Answer::Images),
            Question::Subnets(term) => self.subnets(term).await.map(Answer::Subnets),
            Question::SecurityGroups(term) => self.security_groups(term).await.map(Answer::SecurityGroups),
            Question::Endpoints(vpc) => self.endpoints(vpc).await.map(Answer::Endpoints),
            Question::RouteTables(vpc) => self.route_tables(vpc).await.map(Answer::RouteTables),
            Question::Bucket { name, region } => self.bucket(name, region).await.map(Answer::Bucket),
            Question::Launch(launch) => self.launch(launch).await.map(Answer::Launch),
        }
        .map_err(|error| error.of(question.action()))
    }
}

const NO_CREDENTIALS: &str = "there are no AWS credentials; sign in (`aws sso login`), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";

/// Where there are none at all, the list of places that were looked in helps nobody.
fn no_credentials(error: &CredentialsError) -> anyhow::Error {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => anyhow::anyhow!("{NO_CREDENTIALS}"),
        other => anyhow::anyhow!("{NO_CREDENTIALS}: {}", chain(other)),
    }
}

/// Why a call failed, before it is known what IAM calls it.
enum Trouble {
    /// By IAM; the action, where the answer names it.
    Denied(Option<String>),
    /// By something else.
    Failed(String),
}

impl Trouble {
    fn of(self, action: &str) -> Unanswered {
        match self {
            Self::Denied(named) => Unanswered::Denied(named.unwrap_or_else(|| action.to_owned())),
            Self::Failed(reason) => Unanswered::Failed(reason),
        }
    }
}

/// The code of an answer that is an error.
fn code_of<E: ProvideErrorMetadata>(error: &SdkError<E, Response>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// Never the raw request or answer: those have more in them than a user should paste into an issue.
impl<E: ProvideErrorMetadata + Error + 'static> From<SdkError<E, Response>> for Trouble {
    fn from(error: SdkError<E, Response>) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        match &error {
            SdkError::ServiceError(service) => {
                let (code, message) = (service.err().code(), service.err().message());
                match code {
                    Some("UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException") => {
                        Self::Denied(message.and_then(named_action))
                    }
                    None if status == Some(403) => Self::Denied(None),
                    None if status == Some(200) => Self::Failed("the answer could not be read".to_owned()),
                    Some(code) => {
                        Self::Failed(format!("AWS answered {code}: {}", message.unwrap_or("no reason given")))
                    }
                    None => Self::Failed(format!("AWS answered with status {}", status.unwrap_or_default())),
                }
            }
            SdkError::TimeoutError(_) => Self::Failed("AWS did not answer in time".to_owned()),
            SdkError::ResponseError(_) => Self::Failed("the answer could not be read".to_owned()),
            SdkError::DispatchFailure(failure) => Self::Failed(format!(
                "AWS was not reached: {}",
                failure.as_connector_error().map_or_else(String::new, |error| chain(error))
            )),
            SdkError::ConstructionFailure(_) => Self::Failed(chain(&error)),
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// `… is not authorized to perform: ec2:RunInstances on resource: …`
fn named_action(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split([' ', ',']).next()?;
    action.contains(':').then(|| action.to_owned())
}

/// An error and what it came of, in one line.
fn chain(error: &dyn Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        source = error.source();
    }
    parts.join(": ")
}
