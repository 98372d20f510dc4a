//! What the pods of a `DaemonSet` may change of nodes. RBAC can only give all nodes, with all that is in them. A pod's token
//! names the node that it is for (Kubernetes 1.30): that node may lose one taint, and nothing else of it may change.

use k8s_openapi::api::admissionregistration::v1::{
    MatchCondition, MatchResources, NamedRuleWithOperations, ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicySpec, Validation,
    Variable,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Where the API server says which node a token is for.
const NODE_NAME: &str = "authentication.kubernetes.io/node-name";

/// The policy for a service account and the key of its taint.
pub(super) fn policy(metadata: ObjectMeta, user: &str, taint: &str) -> ValidatingAdmissionPolicy {
    let name = metadata.name.clone().unwrap_or_default();
    let validation = |(expression, message): (String, &str)| Validation {
        expression,
        message: Some(format!("{name}: {message}")),
        ..Validation::default()
    };
    let spec = ValidatingAdmissionPolicySpec {
        failure_policy: Some("Fail".to_owned()),
        match_constraints: Some(updates_of_nodes()),
        match_conditions: Some(vec![MatchCondition {
            name: "its-service-account".to_owned(),
            expression: format!("request.userInfo.username == {}", cel(user)),
        }]),
        variables: Some(vec![taints("before", "oldObject"), taints("after", "object")]),
        validations: Some([own_node(), own_taint(taint), all_else()].map(validation).to_vec()),
        ..ValidatingAdmissionPolicySpec::default()
    };
    ValidatingAdmissionPolicy { metadata, spec: Some(spec), ..ValidatingAdmissionPolicy::default() }
}

/// What puts the policy of the same name into force.
pub(super) fn binding(metadata: ObjectMeta) -> ValidatingAdmissionPolicyBinding {
    let spec = ValidatingAdmissionPolicyBindingSpec {
        policy_name: metadata.name.clone(),
        validation_actions: Some(vec!["Deny".to_owned()]),
        ..ValidatingAdmissionPolicyBindingSpec::default()
    };
    ValidatingAdmissionPolicyBinding { metadata, spec: Some(spec) }
}

fn updates_of_nodes() -> MatchResources {
    let words = |word: &str| Some(vec![word.to_owned()]);
    MatchResources {
        resource_rules: Some(vec![NamedRuleWithOperations {
            api_groups: words(""),
            api_versions: words("v1"),
            operations: words("UPDATE"),
            resources: words("nodes"),
            ..NamedRuleWithOperations::default()
        }]),
        ..MatchResources::default()
    }
}

fn taints(name: &str, object: &str) -> Variable {
    Variable { name: name.to_owned(), expression: or(&format!("{object}.spec.taints"), "[]") }
}

fn own_node() -> (String, &'static str) {
    let node = cel(NODE_NAME);
    let expression =
        format!("{node} in request.userInfo.extra && object.metadata.name in request.userInfo.extra[{node}]");
    (expression, "a pod changes only the node that it runs on")
}

fn own_taint(key: &str) -> (String, &'static str) {
    let none_added = "variables.after.all(taint, taint in variables.before)";
    let others_kept = format!("variables.before.all(taint, taint.key == {} || taint in variables.after)", cel(key));
    (format!("{none_added} && {others_kept}"), "of the taints only its own is lifted")
}

fn all_else() -> (String, &'static str) {
    let kept = [("metadata.labels", "{}"), ("metadata.annotations", "{}"), ("spec.unschedulable", "false")];
    let same = |(field, empty): (&str, &str)| {
        format!("{} == {}", or(&format!("object.{field}"), empty), or(&format!("oldObject.{field}"), empty))
    };
    (kept.map(same).join(" && "), "labels, annotations and cordons stay")
}

/// A field, or what it is where it is left out.
fn or(path: &str, empty: &str) -> String {
    format!("(has({path}) ? {path} : {empty})")
}

/// A string of CEL: namespaces, names and keys of taints have no quotes and no backslashes.
fn cel(text: &str) -> String {
    format!("'{text}'")
}
