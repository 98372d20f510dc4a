//! What the commands say of an account, held against a stand-in of AWS: moto, with what it lacks (tests/aws/server.py).
#![cfg(feature = "aws")]

mod common;

use common::{Run, root, skip};
use s3boot::preflight::code::CODES;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A stand-in, which ends with its standard input: when this is dropped.
struct Server {
    child: Child,
    about: Value,
}

impl Server {
    /// A new one, or none where moto is not installed.
    fn start() -> Option<Self> {
        let Some(python) = std::env::var_os("S3BOOT_PYTHON") else {
            skip("S3BOOT_PYTHON does not name a Python with moto");
            return None;
        };
        let mut child = Command::new(python)
            .arg(root().join("tests/aws/server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the stand-in starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut line).expect("its first line");
        let about = serde_json::from_str(&line).expect("moto is installed, and the stand-in prints where it is");
        Some(Self { child, about })
    }

    fn url(&self) -> &str {
        self.about["url"].as_str().expect("a URL")
    }

    /// Asks the stand-in itself.
    fn ask(&self, path: &str, body: &str) -> String {
        let address = self.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the stand-in listens");
        let request =
            format!("POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("read");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(" 200 "), "{path} {body}: {answer}");
        body.to_owned()
    }

    /// Makes calls fail: with this code and status, so many times.
    fn fault(&self, action: &str, code: &str, status: u32, count: i32) {
        self.ask("/fault", &json!({ action: [code, status, count] }).to_string());
    }

    fn mend(&self, action: &str) {
        self.fault(action, "", 0, 0);
    }

    /// A call through AWS's SDK for Python, and its result.
    fn call(&self, service: &str, call: &str, arguments: &Value) -> Value {
        let asked = json!({"service": service, "call": call, "arguments": arguments}).to_string();
        serde_json::from_str(&self.ask("/call", &asked)).expect("JSON")
    }

    /// What s3boot called since the start.
    fn calls(&self) -> Vec<String> {
        serde_json::from_str(&self.ask("/calls", "")).expect("JSON")
    }

    /// What was sent with each call of an action.
    fn sent(&self, action: &str) -> Vec<String> {
        let bodies: Vec<String> = serde_json::from_str(&self.ask("/bodies", "")).expect("JSON");
        bodies.into_iter().filter(|body| body.contains(&format!("Action={action}&"))).collect()
    }

    /// s3boot, asking this account.
    fn s3boot(&self, arguments: &[&str], manifest: &str) -> Run {
        self.s3boot_as("fake-key", "fake-secret", arguments, manifest)
    }

    fn s3boot_as(&self, key: &str, secret: &str, arguments: &[&str], manifest: &str) -> Run {
        finished(self.command(key, secret, arguments), manifest)
    }

    fn command(&self, key: &str, secret: &str, arguments: &[&str]) -> Command {
        let mut command = common_command(arguments);
        command.env("AWS_ACCESS_KEY_ID", key).env("AWS_SECRET_ACCESS_KEY", secret).env("AWS_ENDPOINT_URL", self.url());
        command
    }
}

/// Nothing of the one who runs the tests is asked: no keys, no profile, no metadata address.
fn common_command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_s3boot"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn finished(mut command: Command, input: &str) -> Run {
    let mut child = command.spawn().expect("s3boot starts");
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("s3boot ends");
    Run {
        code: output.status.code().expect("s3boot is not killed"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        stdout: output.stdout,
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn manifest() -> String {
    std::fs::read_to_string(root().join("tests/aws/s3boot.yaml")).expect("readable")
}

const PREFLIGHT: &[&str] = &["preflight", "-f", "-"];
const PREFLIGHT_JSON: &[&str] = &["--format", "json", "preflight", "-f", "-"];

fn codes(run: &Run) -> BTreeSet<String> {
    let entries: Vec<Value> =
        serde_json::from_str(run.text()).unwrap_or_else(|_| panic!("{}{}", run.text(), run.stderr));
    entries.iter().map(|entry| entry["code"].as_str().expect("a code").to_owned()).collect()
}

/// The names that the account gives things are new in each run.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let kinds = ["subnet-", "vpc-", "sg-", "rtb-"];
    while let Some((at, kind)) = kinds.iter().filter_map(|kind| rest.find(kind).map(|at| (at, kind))).min() {
        let after = &rest[at + kind.len()..];
        let end = after.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(after.len());
        out += &rest[..at + kind.len()];
        out += if end == 17 { "0123456789abcdef0" } else { &after[..end] };
        rest = &after[end..];
    }
    out + rest
}

#[test]
fn each_finding_is_found_and_nothing_else_in_an_account_that_is_fine() {
    let Some(server) = Server::start() else { return };
    let base = manifest();
    let fine = server.s3boot(PREFLIGHT, &base).success();
    assert_eq!(fine.stderr, "");
    assert_eq!(fine.text(), "8 classes in us-west-2: 0 errors, 0 warnings, 0 not checked\n");
    assert_eq!(codes(&server.s3boot(PREFLIGHT_JSON, &base)), BTreeSet::new());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/preflight");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for code in CODES.iter().filter(|code| !code.wrong.is_empty()) {
        assert!(base.contains(code.right), "{}: its `right` is not in the manifest", code.name);
        let broken = base.replacen(code.right, code.wrong, 1);
        assert_eq!(codes(&server.s3boot(PREFLIGHT_JSON, &broken)), BTreeSet::from([code.name.to_owned()]));
        let run = server.s3boot(PREFLIGHT, &broken);
        let expected = i32::from(code.severity == s3boot::diagnostic::Severity::Error);
        assert_eq!(run.code, expected, "{}", code.name);
        // Dates of AMIs are those of the run.
        let said = without_ids(&format!("{}{}", run.stderr, run.text()));
        let said =
            said.lines().map(|line| line.split(", made on").next().unwrap_or(line)).collect::<Vec<_>>().join("\n");
        settings.bind(|| insta::assert_snapshot!(code.name, said));
    }
}

#[test]
fn what_is_not_answered_is_said_and_never_fine() {
    let Some(server) = Server::start() else { return };
    let base = manifest();
    for (action, permission, denial) in [
        ("DescribeInstanceTypes", "ec2:DescribeInstanceTypes", ("UnauthorizedOperation", 403)),
        ("DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypeOfferings", ("UnauthorizedOperation", 403)),
        ("DescribeAvailabilityZones", "ec2:DescribeAvailabilityZones", ("UnauthorizedOperation", 403)),
        ("DescribeImages", "ec2:DescribeImages", ("UnauthorizedOperation", 403)),
        ("DescribeSubnets", "ec2:DescribeSubnets", ("UnauthorizedOperation", 403)),
        ("DescribeSecurityGroups", "ec2:DescribeSecurityGroups", ("UnauthorizedOperation", 403)),
        ("DescribeVpcEndpoints", "ec2:DescribeVpcEndpoints", ("UnauthorizedOperation", 403)),
        ("DescribeRouteTables", "ec2:DescribeRouteTables", ("UnauthorizedOperation", 403)),
        ("RunInstances", "ec2:RunInstances", ("UnauthorizedOperation", 403)),
        ("GetParameter", "ssm:GetParameter", ("AccessDeniedException", 400)),
        ("HeadBucket", "s3:ListBucket", ("", 403)),
    ] {
        server.fault(action, denial.0, denial.1, -1);
        let run = server.s3boot(PREFLIGHT, &base).failure(1);
        assert!(run.stderr.contains(&format!("the credentials lack `{permission}`")), "{action}: {}", run.stderr);
        assert!(!run.text().contains(" 0 not checked"), "{action}: {}", run.text());
        assert_eq!(codes(&server.s3boot(PREFLIGHT_JSON, &base).failure(1)), BTreeSet::from(["not-checked".to_owned()]));
        server.mend(action);
    }
    server.fault("DescribeSubnets", "malformed", 0, -1);
    let run = server.s3boot(PREFLIGHT, &base).failure(1);
    assert!(run.stderr.contains("the answer could not be read"), "{}", run.stderr);
    server.mend("DescribeSubnets");
    server.fault("RunInstances", "InvalidParameterValue", 400, -1);
    let run = server.s3boot(PREFLIGHT_JSON, &base).failure(1);
    assert_eq!(codes(&run), BTreeSet::from(["launch-refused".to_owned()]));
    server.mend("RunInstances");
    // The action that EC2 names wins over the one that was called.
    server.s3boot(PREFLIGHT, &base).success();
}

#[test]
fn throttling_a_broken_connection_and_silence_are_survived() {
    let Some(server) = Server::start() else { return };
    server.fault("DescribeSubnets", "RequestLimitExceeded", 503, 3);
    server.fault("DescribeImages", "hang-up", 0, 2);
    server.fault("GetParameter", "ThrottlingException", 400, 2);
    server.fault("DescribeRouteTables", "slow", 2, 1);
    // Longer than one attempt is waited for.
    server.fault("DescribeVpcEndpoints", "slow", 25, 1);
    server.s3boot(PREFLIGHT, &manifest()).success();
    let calls = server.calls();
    assert_eq!(calls.iter().filter(|call| *call == "DescribeVpcEndpoints").count(), 2, "{calls:?}");
    assert_eq!(calls.iter().filter(|call| *call == "DescribeSubnets").count(), 4, "{calls:?}");
    // One question is asked once, however many classes ask it.
    assert_eq!(calls.iter().filter(|call| *call == "DescribeSecurityGroups").count(), 1, "{calls:?}");
}

#[test]
fn what_is_not_reached_is_trouble() {
    let Some(server) = Server::start() else { return };
    let base = manifest();
    let refused = server.s3boot(&["preflight", "-f", "-", "--endpoint-url", "http://127.0.0.1:9"], &base).failure(2);
    assert!(refused.stderr.contains("AWS was not reached"), "{}", refused.stderr);
    assert!(refused.stderr.lines().count() == 1, "{}", refused.stderr);
    let none = finished(common_command(PREFLIGHT), &base).failure(2);
    assert!(none.stderr.contains("there are no AWS credentials"), "{}", none.stderr);
    let profile = server.s3boot(&["preflight", "-f", "-", "--profile", "nobody"], &base).failure(2);
    assert!(profile.stderr.contains("there are no AWS credentials"), "{}", profile.stderr);
    server.fault("DescribeAvailabilityZones", "AuthFailure", 401, -1);
    let wrong = server.s3boot(PREFLIGHT, &base).failure(2);
    assert!(wrong.stderr.contains("AuthFailure"), "{}", wrong.stderr);
    let broken = server.s3boot(PREFLIGHT, "classes: [").failure(1);
    assert!(broken.stderr.contains("error[yaml-syntax]"), "{}", broken.stderr);
}

#[test]
fn no_secret_is_told() {
    let Some(server) = Server::start() else { return };
    let secrets = ["the-secret-key", "the-session-token", "Signature=", "x-amz-security-token"];
    for arguments in
        [&["-vvv", "-f", "-"][..], &["-vvv", "-f", "-", "--endpoint-url", "http://127.0.0.1:9"], &["-v", "-f", "-"]]
    {
        let mut command = server.command("the-key-id", "the-secret-key", &[&["preflight"], arguments].concat());
        command.env("AWS_SESSION_TOKEN", "the-session-token");
        let run = finished(command, &manifest());
        let said = format!("{}{}", run.text(), run.stderr);
        assert!(said.contains("EC2 DescribeAvailabilityZones"), "{said}");
        for secret in secrets {
            assert!(!said.contains(secret), "{secret} was told");
        }
        assert!(!said.contains("#!/bin/bash"), "user data is told only where it is asked for");
    }
}

#[test]
fn ctrl_c_ends_it() {
    let Some(server) = Server::start() else { return };
    server.fault("DescribeSubnets", "slow", 10, -1);
    let started = Instant::now();
    let mut child = server.command("key", "secret", PREFLIGHT).spawn().expect("s3boot starts");
    child.stdin.take().expect("piped").write_all(manifest().as_bytes()).expect("written");
    while !server.calls().contains(&"DescribeSubnets".to_owned()) {
        assert!(started.elapsed() < Duration::from_secs(20), "it never asked");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("interrupted; nothing was changed"));
    assert!(started.elapsed() < Duration::from_secs(9), "it waited for the answer");
}

const GROUP: &[&str] = &["--nodeclass", "group", "-f", "-"];
const TEMPLATE: &str = "s3boot-analytics-group";

/// The launch template and node group of class `group`, as Terraform would make them.
fn with_group(server: &Server, user_data: &str) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(user_data);
    let data =
        json!({"LaunchTemplateName": TEMPLATE, "LaunchTemplateData": {"UserData": encoded, "EbsOptimized": true}});
    let made = server.call("ec2", "create_launch_template", &data);
    let id = made["LaunchTemplate"]["LaunchTemplateId"].as_str().expect("an id").to_owned();
    server.call(
        "eks",
        "create_nodegroup",
        &json!({
            "clusterName": "analytics", "nodegroupName": "group-amd64-on-demand", "nodeRole": server.about["role"],
            "subnets": server.about["subnets"], "launchTemplate": {"id": id, "version": "1"},
            "labels": {"s3boot.dev/class": "group"},
            "taints": [{"key": "s3boot.dev/class", "value": "group", "effect": "NO_SCHEDULE"}],
        }),
    );
    id
}

fn rendered() -> String {
    let render = common::s3boot_with_input(
        &root(),
        &["render", "-f", "-", "--nodeclass", "group", "--target", "userdata"],
        manifest().as_bytes(),
    );
    render.success().text().to_owned()
}

fn with<'a>(first: &[&'a str], rest: &[&'a str]) -> Vec<&'a str> {
    [first, rest].concat()
}

#[test]
fn drift_compares_launch_template_and_node_group() {
    let Some(server) = Server::start() else { return };
    let base = manifest();
    let missing = server.s3boot(&with(&["drift"], GROUP), &base).failure(1);
    assert!(missing.text().contains(&format!("launch-template/{TEMPLATE} is not there")), "{}", missing.text());
    let id = with_group(&server, &rendered());
    let same = server.s3boot(&with(&["drift"], GROUP), &base).success();
    assert_eq!((same.text(), same.stderr.as_str()), ("", "s3boot: 0 of 2 compared differ, 0 not compared\n"));
    let changed = base
        .replace("      zones: [us-west-2a]\n", "")
        .replace("group\n    deliver", "group\n    on-failure: join\n    deliver");
    let other = server.s3boot(&with(&["drift"], GROUP), &changed).failure(1);
    assert!(other.text().contains(&format!("--- a/{TEMPLATE}/user-data")), "{}", other.text());
    assert!(other.text().contains("\n+[ $SECONDS -lt 300 ]"), "{}", other.text());
    let tainted = base.replace("nodes: {types: [m5.large]}", "nodes: {types: [m5.large], labels: {team: data}}");
    let group = server.s3boot(&with(&["drift"], GROUP), &tainted).failure(1);
    assert!(group.text().contains("+  team: data"), "{}", group.text());
    // Another version, by name and by number.
    server.call(
        "ec2",
        "create_launch_template_version",
        &json!({"LaunchTemplateId": id, "LaunchTemplateData": {"UserData": "IyEK"}}),
    );
    server.s3boot(&with(&["drift"], GROUP), &base).success();
    for version in ["$Latest", "latest", "2"] {
        let run = server.s3boot(&with(&["drift", "--version", version], GROUP), &base).failure(1);
        assert!(run.text().contains("\n-#!\n"), "{version}: {}", run.text());
        assert!(run.text().contains("-launch template version: 1"), "{version}: {}", run.text());
    }
    server.s3boot(&with(&["drift", "--version", "1", "--launch-template", &id], GROUP), &base).success();
    let none = server.s3boot(&with(&["drift", "--version", "7"], GROUP), &base).failure(1);
    assert!(none.text().contains("is not there"), "{}", none.text());
    let empty = server.s3boot(&with(&["drift", "--version", ""], GROUP), &base).failure(2);
    assert!(empty.stderr.contains("write `default`, `latest` or a number"), "{}", empty.stderr);
    // What is denied is said, and not fine.
    server.fault("DescribeNodegroup", "AccessDeniedException", 403, -1);
    let denied = server.s3boot(&with(&["drift"], GROUP), &base).failure(1);
    assert!(denied.stderr.contains("the credentials lack `eks:DescribeNodegroup`"), "{}", denied.stderr);
    server.fault("DescribeLaunchTemplateVersions", "UnauthorizedOperation", 403, -1);
    let denied = server.s3boot(&with(&["drift"], GROUP), &base).failure(1);
    assert!(denied.stderr.contains("the credentials lack `ec2:DescribeLaunchTemplateVersions`"), "{}", denied.stderr);
}

#[test]
fn drift_compares_the_objects_of_a_cluster_without_asking_aws() {
    let base = manifest();
    let classes = ["--nodeclass", "plain", "--nodeclass", "shuffle"];
    let objects =
        common::s3boot_with_input(&root(), &with(&["render", "-f", "-"], &classes), base.as_bytes()).success();
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = directory.path().join("s3boot.yaml");
    let cluster = directory.path().join("cluster.yaml");
    let (manifest, cluster) = (manifest.to_str().expect("UTF-8"), cluster.to_str().expect("UTF-8"));
    std::fs::write(manifest, &base).expect("written");
    std::fs::write(cluster, objects.text()).expect("written");
    let drift = |more: &[&str], input: &str| {
        finished(common_command(&[&["drift", "-f", manifest][..], &classes, more].concat()), input)
    };
    drift(&["--cluster", cluster], "").success();
    drift(&["--cluster", "-"], objects.text()).success();
    let edited = objects.text().replacen("effect: NoSchedule", "effect: PreferNoSchedule", 1);
    let run = drift(&["--cluster", "-"], &edited).failure(1);
    assert!(
        run.text().contains("-            effect: PreferNoSchedule") || run.text().contains("PreferNoSchedule"),
        "{}",
        run.text()
    );
    let edited = objects.text().replacen("umask 022", "umask 077", 1);
    let run = drift(&["--cluster", "-"], &edited).failure(1);
    assert!(run.text().contains("-  umask 077") && run.text().contains("+  umask 022"), "{}", run.text());
    let one = objects.text().split("---\n").nth(1).expect("a document").to_owned();
    let run = drift(&["--cluster", "-"], &one).failure(1);
    assert!(run.text().contains("is not there"), "{}", run.text());
    let twice = drift(&["--cluster", "-", "--cluster", "-"], objects.text()).failure(2);
    assert!(twice.stderr.contains("can be read once"), "{}", twice.stderr);
    let none = drift(&[], "").failure(1);
    assert!(none.stderr.contains("kubectl get ec2nodeclasses,nodepools"), "{}", none.stderr);
    let decoded = drift(&["--decode", "--cluster", cluster], "").success();
    assert!(
        decoded.text().starts_with("# ec2nodeclass/plain, part 1 of 1: text/x-shellscript\n#!/bin/bash\n"),
        "{}",
        decoded.text()
    );
}

#[test]
fn live_user_data_is_shown_part_by_part() {
    let Some(server) = Server::start() else { return };
    with_group(&server, &rendered());
    let run = server.s3boot(&with(&["drift", "--decode"], GROUP), &manifest()).success();
    let title = format!("# launch-template/{TEMPLATE} version 1, part 1 of 1: text/x-shellscript\n#!/bin/bash\n");
    assert!(run.text().starts_with(&title), "{}", run.text());
}

/// The versions of the launch template, and which is the default.
fn versions(server: &Server) -> Vec<(i64, bool)> {
    let said = server.call("ec2", "describe_launch_template_versions", &json!({"LaunchTemplateName": TEMPLATE}));
    let versions = said["LaunchTemplateVersions"].as_array().expect("versions");
    let of = |version: &Value| {
        (version["VersionNumber"].as_i64().expect("a number"), version["DefaultVersion"].as_bool().expect("a flag"))
    };
    let mut versions: Vec<_> = versions.iter().map(of).collect();
    versions.sort_unstable();
    versions
}

#[test]
fn publish_makes_a_version_when_and_only_when_it_differs() {
    let Some(server) = Server::start() else { return };
    let base = manifest();
    let missing = server.s3boot(&with(&["publish"], GROUP), &base).failure(2);
    assert!(missing.stderr.contains("there is no launch template"), "{}", missing.stderr);
    with_group(&server, "#!/bin/bash\n");
    let dry = server.s3boot(&with(&["publish", "--dry-run"], GROUP), &base).success();
    assert!(dry.text().contains(&format!("+++ b/{TEMPLATE}/user-data")), "{}", dry.text());
    assert!(dry.stderr.contains("would make a version"), "{}", dry.stderr);
    assert_eq!(versions(&server), [(1, true)]);
    let made = server.s3boot(&with(&["publish"], GROUP), &base).success();
    assert_eq!(
        serde_json::from_str::<Value>(made.text()).expect("JSON"),
        json!({"launch_template_versions": {"group": 2}})
    );
    // The default is what node groups may run: it stays.
    assert_eq!(versions(&server), [(1, true), (2, false)]);
    let again = server.s3boot(&with(&["publish"], GROUP), &base).success();
    assert_eq!(again.text(), made.text());
    assert!(again.stderr.contains("has it already, in version 2"), "{}", again.stderr);
    assert_eq!(versions(&server), [(1, true), (2, false)]);
    server.s3boot(&with(&["drift", "--version", "latest", "--launch-template", TEMPLATE], GROUP), &base).success();
    server.s3boot(&with(&["publish", "--set-default"], GROUP), &base).success();
    assert_eq!(versions(&server), [(1, false), (2, true)]);
    // A lost connection is asked again, with the same token.
    let changed = base.replace("group\n    deliver", "group\n    on-failure: join\n    deliver");
    server.fault("CreateLaunchTemplateVersion", "RequestLimitExceeded", 503, 2);
    let before = server.sent("CreateLaunchTemplateVersion").len();
    server.s3boot(&with(&["publish"], GROUP), &changed).success();
    assert_eq!(versions(&server), [(1, false), (2, true), (3, false)]);
    let sent = server.sent("CreateLaunchTemplateVersion").split_off(before);
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|body| *body == sent[0]), "{sent:?}");
    // All but the user data is taken from the newest version.
    assert!(sent[0].contains("SourceVersion=2&") && sent[0].contains("ClientToken="), "{}", sent[0]);
    assert_eq!(sent[0].matches("LaunchTemplateData.").count(), 1, "{}", sent[0]);
    server.fault("CreateLaunchTemplateVersion", "UnauthorizedOperation", 403, -1);
    let denied = server.s3boot(&with(&["publish"], GROUP), &base).failure(2);
    assert!(denied.stderr.contains("the credentials lack `ec2:CreateLaunchTemplateVersion`"), "{}", denied.stderr);
    assert_eq!(denied.text(), "");
    let karpenter = server.s3boot(&["publish", "--nodeclass", "plain", "-f", "-"], &base).failure(2);
    assert!(karpenter.stderr.contains("no class has a launch template"), "{}", karpenter.stderr);
}

/// A launch template of this name that has next to nothing.
fn with_template(server: &Server, name: &str) {
    let data = json!({"LaunchTemplateName": name, "LaunchTemplateData": {"UserData": "IyEK", "ImageId": "ami-00000000000000001"}});
    server.call("ec2", "create_launch_template", &data);
}

#[test]
fn publish_carries_an_ami_of_ones_own() {
    let Some(server) = Server::start() else { return };
    with_template(&server, TEMPLATE);
    let joined = "  kubernetes: \"1.33\"\n  endpoint: https://ABCDEF0123456789ABCDEF0123456789.gr7.us-west-2.eks.amazonaws.com\n  ca: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==\n  cidr: 10.100.0.0/16\n";
    let own = |id: &str| {
        let ami = format!("ami: {{family: al2023, id: {id}}}");
        manifest().replace("  kubernetes: \"1.33\"\n", joined).replace("ami: al2023@1.33.5-20260915", &ami)
    };
    let run = server.s3boot(&with(&["publish"], GROUP), &own("ami-00000000000000002")).success();
    assert!(run.text().contains("\"group\": 2"), "{}", run.text());
    let sent = server.sent("CreateLaunchTemplateVersion");
    assert!(sent[0].contains("LaunchTemplateData.ImageId=ami-00000000000000002"), "{}", sent[0]);
    server.s3boot(&with(&["publish"], GROUP), &own("ami-00000000000000002")).success();
    assert_eq!(versions(&server).len(), 2);
    let dry = server.s3boot(&with(&["publish", "--dry-run"], GROUP), &own("ami-00000000000000003")).success();
    assert!(dry.text().contains("-image: ami-00000000000000002\n+image: ami-00000000000000003"), "{}", dry.text());
    server.s3boot(&with(&["publish"], GROUP), &own("ami-00000000000000003")).success();
    assert_eq!(versions(&server).len(), 3);
}

#[test]
fn ctrl_c_lets_a_version_be_made_and_tells_of_it() {
    let Some(server) = Server::start() else { return };
    let class = "  - name: group\n    deliver: node-group\n    ami: al2023@1.33.5-20260915\n    nodes: {types: [m5.large]}\n    mounts: [{name: jars, bucket: acme-spark-jars}]\n";
    let base = manifest();
    assert!(base.contains(class));
    let two = format!("{base}{}", class.replace("name: group", "name: other"));
    with_template(&server, TEMPLATE);
    with_template(&server, "s3boot-analytics-other");
    server.fault("CreateLaunchTemplateVersion", "slow", 3, 1);
    let mut child = server.command("key", "secret", &["publish", "-f", "-"]).spawn().expect("s3boot starts");
    child.stdin.take().expect("piped").write_all(two.as_bytes()).expect("written");
    let started = Instant::now();
    while !server.calls().contains(&"CreateLaunchTemplateVersion".to_owned()) {
        assert!(started.elapsed() < Duration::from_secs(20), "it never asked");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("interrupted before class other"), "{said}");
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON"),
        json!({"launch_template_versions": {"group": 2}})
    );
}

#[test]
fn user_data_over_the_limit_is_refused_before_anything_is_asked() {
    let Some(server) = Server::start() else { return };
    let mounts: String = (0..130)
        .map(|n| format!("      - {{name: mount-{n}, bucket: acme-spark-jars, prefix: releases/2026/{n}/}}\n"))
        .collect();
    let group = "    nodes: {types: [m5.large]}\n    mounts: [{name: jars, bucket: acme-spark-jars}]\n";
    let base = manifest();
    assert!(base.contains(group));
    let large = base.replace(group, &format!("    nodes: {{types: [m5.large]}}\n    mounts:\n{mounts}"));
    let run = server.s3boot(&with(&["publish"], GROUP), &large).failure(1);
    assert!(run.stderr.contains("error[userdata-too-large]"), "{}", run.stderr);
    assert_eq!(server.calls(), Vec::<String>::new());
}

/// moto asks every policy about `*`, whatever the call is about.
fn for_moto(policy: &Value) -> Value {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().expect("statements") {
        statement["Resource"] = json!("*");
    }
    policy
}

fn without(policy: &Value, action: &str) -> Value {
    let mut policy = policy.clone();
    let statements = policy["Statement"].as_array_mut().expect("statements");
    for statement in statements.iter_mut() {
        statement["Action"].as_array_mut().expect("actions").retain(|other| other != action);
    }
    statements.retain(|statement| !statement["Action"].as_array().expect("actions").is_empty());
    policy
}

/// EC2 takes 200 values for one filter; the families of a class have more types together.
#[test]
fn no_filter_has_more_values_than_ec2_takes() {
    let Some(server) = Server::start() else { return };
    let families = "c5, c5a, c5ad, c5d, c5n, c6a, c6i, c6id, c6in, m5, m5a, m5ad, m5d, m5dn, m5n, m6a, m6i, m6id, m6idn, m6in, r5, r5a, r5ad, r5b, r5d, r5dn, r5n, r6a, r6i, r6id, r6idn, r6in";
    let one = manifest()
        .split("  - name: typed")
        .next()
        .expect("the first class")
        .replace("families: [m5d]", &format!("families: [{families}]"))
        .replace("        cache: {on: instance-store, size: 50Gi}\n", "");
    let _ = server.s3boot(PREFLIGHT, &one).success();
    let asked = server.sent("DescribeInstanceTypeOfferings");
    let values = |body: &String| body.matches("Filter.1.Value.").count();
    assert!(asked.iter().all(|body| values(body) <= 200), "{:?}", asked.iter().map(values).collect::<Vec<_>>());
    assert!(asked.iter().any(|body| values(body) == 200), "no question was large enough");
}

/// With the rendered policy a command does its work; without one of its actions it says which.
#[test]
fn the_policies_are_enough_and_no_action_of_them_is_too_many() {
    let Some(server) = Server::start() else { return };
    let base = manifest();
    with_group(&server, "#!/bin/bash\n");
    let (key, secret) =
        (server.about["key"].as_str().expect("a key"), server.about["secret"].as_str().expect("a secret"));
    let allow = |policy: &Value| {
        // The seed's key is nobody's: it may do all only as long as nothing is checked.
        server.ask("/moto-api/reset-auth", "1000000");
        let arguments = json!({"UserName": "sender", "PolicyName": "least", "PolicyDocument": policy.to_string()});
        server.call("iam", "put_user_policy", &arguments);
        server.ask("/moto-api/reset-auth", "0");
    };
    // What moto does not ask IAM about: roles that are passed, sessions of directory buckets.
    let not_asked = ["iam:PassRole", "s3express:CreateSession"];
    for (verb, arguments) in [
        ("preflight", vec!["preflight", "-f", "-", "--nodeclass", "typed", "--nodeclass", "own"]),
        ("drift", with(&["drift"], GROUP)),
        ("publish", with(&["publish", "--set-default"], GROUP)),
    ] {
        let mut least = vec!["iam", "--for", verb, "-f", "-"];
        least.extend(
            arguments
                .iter()
                .skip_while(|argument| **argument != "--nodeclass")
                .take_while(|argument| **argument != "-f"),
        );
        let policy: Value =
            serde_json::from_str(finished(common_command(&least), &base).success().text()).expect("JSON");
        let statements = policy["Statement"].as_array().expect("statements");
        let actions: Vec<_> =
            statements.iter().flat_map(|statement| statement["Action"].as_array().expect("actions")).collect();
        for action in
            actions.iter().map(|action| action.as_str().expect("a string")).filter(|action| !not_asked.contains(action))
        {
            allow(&for_moto(&without(&policy, action)));
            let run = server.s3boot_as(key, secret, &arguments, &base);
            assert!(
                run.stderr.contains(&format!("the credentials lack `{action}`")),
                "{verb} without {action}: {}{}",
                run.text(),
                run.stderr
            );
            assert_ne!(run.code, 0, "{verb} without {action}");
        }
        allow(&for_moto(&policy));
        let run = server.s3boot_as(key, secret, &arguments, &base);
        assert!(!run.stderr.contains("the credentials lack"), "{verb}: {}", run.stderr);
        assert_eq!(run.code, i32::from(verb == "drift"), "{verb}: {}{}", run.text(), run.stderr);
    }
}

/// The size of a launch is the smallest that fits, and 1,000 classes with the same needs ask what one does.
#[test]
fn a_thousand_classes_ask_few_questions() {
    let Some(server) = Server::start() else { return };
    let head = manifest().split("classes:\n").next().expect("a head").to_owned();
    let class = |n| {
        format!(
            "  - {{name: class-{n}, ami: al2023@v20260915, nodes: {{families: [m5]}}, mounts: [{{name: jars, bucket: acme-spark-jars}}]}}\n"
        )
    };
    let classes: String = (0..1000).map(class).collect();
    let started = Instant::now();
    server.s3boot(PREFLIGHT, &format!("{head}classes:\n{classes}")).success();
    let seconds = started.elapsed().as_secs();
    assert!(seconds < 120, "{seconds} s");
    let calls = server.calls();
    let launches = calls.iter().filter(|call| *call == "RunInstances").count();
    assert_eq!(launches, 1000, "a launch for the user data of each class");
    assert!(calls.len() - launches < 20, "{}", calls.len() - launches);
}
