//! What `-v` says of each call. Never a header of a request: the signature and the session token are there.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// How much is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log(pub(super) u8);

/// Headers of an answer that tell a call apart, for support, and nothing else.
const TELLING: &[&str] = &["x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "x-amz-bucket-region", "date"];

fn operation(cfg: &ConfigBag) -> String {
    cfg.load::<Metadata>().map_or_else(String::new, |call| format!("{} {}", call.service(), call.name()))
}

/// The parameters, without the names of the types around them. The SDK shows no value that AWS calls sensitive.
fn parameters(input: &str) -> &str {
    input.split_once(':').map_or(input, |(_, inner)| inner.trim_end_matches(')'))
}

fn say(text: &str) {
    anstream::eprintln!("s3boot: {text}");
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Log {
    fn name(&self) -> &'static str {
        "log"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.0 >= 2 {
            say(&format!("{}: {}", operation(cfg), parameters(&format!("{:?}", context.input()))));
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.0 == 0 {
            return Ok(());
        }
        let answer =
            context.response().map_or("no answer".to_owned(), |response| response.status().as_u16().to_string());
        say(&format!("{}: {answer}", operation(cfg)));
        if let Some(response) = context.response().filter(|_| self.0 >= 3) {
            for name in TELLING {
                if let Some(value) = response.headers().get(*name) {
                    say(&format!("{}: {name}: {value}", operation(cfg)));
                }
            }
        }
        Ok(())
    }
}
