//! What is in the binary.

use std::process::Command;

/// Crates that open connections, or that only they need.
const NETWORK: &[&str] = &[
    "hyper",
    "reqwest",
    "ureq",
    "rustls",
    "openssl",
    "native-tls",
    "tokio",
    "curl",
    "h2",
    "aws-config",
    "aws-sdk-ec2",
];

fn crates(more: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn the_default_build_has_no_network_code() {
    let default = crates(&[]);
    assert!(default.contains(&"clap".to_owned()), "{default:?}");
    let network: Vec<_> = default.iter().filter(|name| NETWORK.contains(&name.as_str())).collect();
    assert!(network.is_empty(), "{network:?}");
    // The list names what there would be.
    assert!(crates(&["--features", "aws"]).iter().any(|name| NETWORK.contains(&name.as_str())));
}

#[test]
fn the_version_tells_which_build_it_is() {
    let output = Command::new(env!("CARGO_BIN_EXE_s3boot")).arg("--version").output().expect("s3boot starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(text.contains("(without network code)"), !cfg!(feature = "aws"), "{text}");
    assert_eq!(text.contains("asks AWS"), cfg!(feature = "aws"), "{text}");
}

#[cfg(not(feature = "aws"))]
#[test]
fn a_build_without_the_feature_says_so() {
    for command in [&["preflight", "-v"][..], &["drift", "--cluster", "x"], &["publish"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_s3boot")).args(command).output().expect("s3boot starts");
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("build with `--features aws`"), "{text}");
    }
}
