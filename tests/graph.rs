//! `s3boot graph`: the picture in each form, with a pod that lands where it should and one that escapes.

mod common;

use common::{judge, root, s3boot, s3boot_with_input, verdict};
use std::fs;

fn drawn(picture: &str) -> String {
    let run = s3boot(&root().join("tests/graph"), &["graph", "pods.yaml", "--as", picture]).success();
    run.text().to_owned()
}

#[test]
fn each_form_is_as_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/graph");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for picture in ["mermaid", "dot", "svg"] {
        settings.bind(|| insta::assert_snapshot!(picture, drawn(picture)));
    }
}

/// Who escapes has a line to the other nodes, and who does not has none.
#[test]
fn what_escapes_is_seen() {
    assert!(drawn("mermaid").contains("pod0 -.-> other\n") && !drawn("mermaid").contains("pod1 -.-> other"));
    assert!(drawn("dot").contains("pod0 -> other [style=dashed"));
    assert_eq!(drawn("svg").matches("class=\"bad\"").count(), 1);
    let page = drawn("html");
    assert!(
        page.contains("<li><b>spark/etl</b>: may land on any other node") && !page.contains("<li><b>spark/fine</b>")
    );
    assert!(!page.contains("http://") || page.matches("http://").count() == page.matches("http://www.w3.org/").count());
    assert!(!page.contains("<script") && !page.contains("https://"));
}

/// A manifest of 40 classes, with a prefix that every form has to quote.
fn many() -> String {
    let many: String = (0..40)
        .map(|number| format!("  - {{name: c{number}, ami: al2023@v20260724, mounts: [{{name: m, bucket: acme-{number}, prefix: \"a&b<c/\"}}]}}\n"))
        .collect();
    format!("cluster: {{name: a, region: us-west-2, node-role: n, discovery: {{a: b}}}}\nclasses:\n{many}")
}

/// Graphviz draws every box and arrow.
#[test]
fn graphviz_draws_it() {
    let Some(mut dot) = judge("dot") else { return };
    let picture = s3boot_with_input(&root(), &["graph", "-f", "-", "--as", "dot"], many().as_bytes()).success();
    let file = tempfile::NamedTempFile::new().expect("a file");
    for (text, boxes) in [(picture.text().to_owned(), 80), (drawn("dot"), 8)] {
        fs::write(file.path(), &text).expect("written");
        let said = verdict(dot.arg("-Tsvg").arg(file.path()));
        dot = judge("dot").expect("as before");
        assert_eq!(said.matches("class=\"node\"").count(), boxes, "{text}");
        assert!(said.contains("39/a&amp;b&lt;c/") || boxes < 80, "{said}");
    }
}

/// Well-formed, also with 40 classes, and in time.
#[test]
fn the_picture_is_xml() {
    let Some(_) = judge("python3") else { return };
    let picture = s3boot_with_input(&root(), &["graph", "-f", "-", "--as", "svg"], many().as_bytes()).success();
    let file = tempfile::NamedTempFile::new().expect("a file");
    for text in [picture.text().to_owned(), drawn("svg")] {
        fs::write(file.path(), text).expect("written");
        let mut python = judge("python3").expect("as before");
        verdict(python.args(["-c", "import sys, xml.dom.minidom as x; x.parse(sys.argv[1])"]).arg(file.path()));
    }
}
