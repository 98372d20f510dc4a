//! What was rendered against what an account has: instance types, AMIs, networks, buckets. Each check is written as if all
//! that it asks were known. What is not is asked, and the checks are run again: so they open no connection, and need
//! no order.

use crate::diagnostic::{Fault, Report};
use crate::manifest;
use crate::plan::{Class, Plan};
use crate::source::Span;
use question::{
    Answer, Answers, Endpoint, Image, ImageTerms, InstanceType, Launch, Offering, Question, RouteTable, SecurityGroup,
    Subnet, Unanswered, Zone,
};
use std::collections::BTreeSet;

mod bucket;
pub mod code;
mod image;
mod launch;
mod network;
mod nodes;
pub mod question;

/// A class and where it stands.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The whole plan.
    pub plan: &'a Plan,
    /// The class.
    pub class: &'a Class,
    /// The manifest's cluster.
    pub cluster: &'a manifest::Cluster,
    /// The manifest's class.
    pub written: &'a manifest::Class,
    /// What its nodes are launched with.
    pub user_data: Option<String>,
}

/// A check of one class.
pub type Check = fn(&Subject<'_>, &mut Inquiry<'_>);

/// Every check.
pub static CHECKS: &[Check] = &[
    nodes::types_exist,
    nodes::arch_fits,
    nodes::types_are_offered,
    nodes::zones_exist,
    nodes::instance_store_holds_caches,
    image::ami_exists,
    image::ami_fits_arch,
    image::ami_is_recent,
    image::ami_is_not_deprecated,
    network::subnets_exist,
    network::security_groups_exist,
    network::one_vpc,
    network::zones_have_subnets,
    network::directory_buckets_are_near,
    network::addresses_are_left,
    network::s3_is_reached,
    bucket::buckets_are_there,
    launch::instance_would_launch,
];

/// What is found with these answers, and what has to be asked before it is all.
#[must_use]
pub fn examine(subjects: &[Subject<'_>], answers: &Answers) -> (Report, BTreeSet<Question>) {
    let mut inquiry =
        Inquiry { answers, wanted: BTreeSet::new(), unanswered: BTreeSet::new(), report: Report::default() };
    for subject in subjects {
        for check in CHECKS {
            check(subject, &mut inquiry);
        }
    }
    (inquiry.report, inquiry.wanted)
}

/// What checks ask and report.
pub struct Inquiry<'a> {
    answers: &'a Answers,
    wanted: BTreeSet<Question>,
    unanswered: BTreeSet<Question>,
    report: Report,
}

/// The answer of a question's own variant.
macro_rules! answer {
    ($inquiry:ident, $variant:ident, $question:expr, $span:expr) => {
        match $inquiry.ask($question, $span)? {
            Answer::$variant(answer) => Some(answer),
            _ => None,
        }
    };
}

impl<'a> Inquiry<'a> {
    /// The answer; none as long as it has not been asked, and where there is none, which is reported once.
    fn ask(&mut self, question: Question, span: Span) -> Option<&'a Answer> {
        match self.answers.get(&question) {
            Some(Ok(answer)) => Some(answer),
            Some(Err(why)) => {
                if !self.unanswered.contains(&question) {
                    self.report.push(not_checked(&question, why).at(span));
                    self.unanswered.insert(question);
                }
                None
            }
            None => {
                self.wanted.insert(question);
                None
            }
        }
    }

    fn report(&mut self, fault: Fault, span: Span) {
        self.report.push(fault.at(span));
    }

    fn zones(&mut self, span: Span) -> Option<&'a Vec<Zone>> {
        answer!(self, Zones, Question::Zones, span)
    }

    fn types(&mut self, pattern: &str, span: Span) -> Option<&'a Vec<InstanceType>> {
        answer!(self, Types, Question::Types(pattern.to_owned()), span)
    }

    fn offerings(&mut self, types: Vec<String>, span: Span) -> Option<&'a Vec<Offering>> {
        answer!(self, Offerings, Question::Offerings(types), span)
    }

    fn parameter(&mut self, name: &str, span: Span) -> Option<&'a Option<String>> {
        answer!(self, Parameter, Question::Parameter(name.to_owned()), span)
    }

    fn images(&mut self, terms: ImageTerms, span: Span) -> Option<&'a Vec<Image>> {
        answer!(self, Images, Question::Images(terms), span)
    }

    fn subnets(&mut self, subject: &Subject<'_>) -> Option<Vec<&'a Subnet>> {
        let span = subject.subnets_span();
        let mut found = Vec::new();
        for term in &subject.plan.cluster.subnets {
            found.extend(answer!(self, Subnets, Question::Subnets(term.clone()), span)?);
        }
        Some(found)
    }

    fn security_groups(&mut self, subject: &Subject<'_>) -> Option<Vec<&'a SecurityGroup>> {
        let span = subject.security_groups_span();
        let mut found = Vec::new();
        for term in &subject.plan.cluster.security_groups {
            found.extend(answer!(self, SecurityGroups, Question::SecurityGroups(term.clone()), span)?);
        }
        Some(found)
    }

    fn endpoints(&mut self, vpc: &str, span: Span) -> Option<&'a Vec<Endpoint>> {
        answer!(self, Endpoints, Question::Endpoints(vpc.to_owned()), span)
    }

    fn route_tables(&mut self, vpc: &str, span: Span) -> Option<&'a Vec<RouteTable>> {
        answer!(self, RouteTables, Question::RouteTables(vpc.to_owned()), span)
    }

    fn bucket(&mut self, name: &str, region: &str, span: Span) -> Option<&'a Option<String>> {
        answer!(self, Bucket, Question::Bucket { name: name.to_owned(), region: region.to_owned() }, span)
    }

    fn launch(&mut self, launch: Launch, span: Span) -> Option<&'a Option<String>> {
        answer!(self, Launch, Question::Launch(launch), span)
    }
}

fn not_checked(question: &Question, why: &Unanswered) -> Fault {
    match why {
        Unanswered::Denied(action) => Fault::new(
            &code::NOT_CHECKED,
            format!("not checked: {question}"),
            format!("allow the credentials `{action}`; `s3boot iam --for preflight` prints all that is needed"),
        )
        .label(format!("the credentials lack `{action}`")),
        Unanswered::Failed(reason) => {
            Fault::new(&code::NOT_CHECKED, format!("not checked: {question}"), "try again; `-v` shows each call")
                .label(reason.clone())
        }
    }
}

impl Subject<'_> {
    fn span(&self) -> Span {
        self.written.name.span
    }

    fn ami_span(&self) -> Span {
        self.written.ami.as_ref().map_or(self.span(), |ami| match &ami.value {
            manifest::Ami::Alias(_) => ami.span,
            manifest::Ami::Terms(terms) => terms.family.span,
        })
    }

    fn subnets_span(&self) -> Span {
        self.terms_span(self.cluster.subnets.as_ref())
    }

    fn security_groups_span(&self) -> Span {
        self.terms_span(self.cluster.security_groups.as_ref())
    }

    fn terms_span(&self, terms: Option<&manifest::Spanned<Vec<manifest::Spanned<manifest::SelectorTerm>>>>) -> Span {
        let discovery = || self.cluster.discovery.as_ref()?.first_key_value().map(|(key, _)| key.span);
        let of_term = |term: &manifest::SelectorTerm| {
            let by_tag = || term.tags.as_ref()?.first_key_value().map(|(key, _)| key.span);
            term.id.as_ref().or(term.name.as_ref()).map(|text| text.span).or_else(by_tag)
        };
        let first = terms.and_then(|terms| terms.value.first()).and_then(|term| of_term(&term.value));
        first.or_else(discovery).unwrap_or(self.cluster.name.span)
    }
}
