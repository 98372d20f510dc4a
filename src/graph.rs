//! A picture of the pairing: pods, the nodes of their classes with taint and label, and the buckets that are mounted there.
//! As Mermaid, as Graphviz, and as an SVG or a page that needs nothing else, drawn in rows: a class, its pods and its buckets.

use crate::diagnostic::Severity;
use crate::land::{Landing, Verdict};
use crate::plan::{Class, Plan};
use std::fmt::Write as _;

/// What is drawn.
pub struct Graph {
    classes: Vec<Row>,
    pods: Vec<Pod>,
}

/// The nodes of a class, and what is mounted on them.
struct Row {
    name: String,
    /// Lines below the name.
    lines: Vec<String>,
    /// Buckets: a line with the mount point, and one with the bucket and its prefix.
    buckets: Vec<(String, String)>,
}

struct Pod {
    name: String,
    verdict: String,
    /// Whether anything is wrong with it.
    is_wrong: bool,
    /// The classes that it lands on, by their number.
    on: Vec<usize>,
    /// Whether it may land elsewhere too.
    escapes: bool,
}

impl Graph {
    /// The picture of a plan, and of pods where they are given.
    #[must_use]
    pub fn of(plan: &Plan, landings: &[Landing]) -> Self {
        let number = |name: &String| plan.classes.iter().position(|class| class.name.as_str() == name);
        let pod = |landing: &Landing| Pod {
            name: landing.name.clone(),
            verdict: landing.verdict.to_string(),
            is_wrong: landing.findings.iter().any(|finding| finding.fault.code.severity == Severity::Error),
            on: landing.may_land_on.iter().filter_map(number).collect(),
            escapes: matches!(landing.verdict, Verdict::Outside(_)),
        };
        Self { classes: plan.classes.iter().map(Row::of).collect(), pods: landings.iter().map(pod).collect() }
    }

    fn anyone_escapes(&self) -> bool {
        self.pods.iter().any(|pod| pod.escapes)
    }
}

impl Row {
    fn of(class: &Class) -> Self {
        let taint = class.pairing.label().into_iter().map(|(key, value)| format!("{key}={value}")).collect::<String>();
        let kinds: Vec<_> = class
            .nodes
            .families
            .iter()
            .map(ToString::to_string)
            .chain(class.nodes.types.iter().map(ToString::to_string))
            .collect();
        let nodes = if kinds.is_empty() { class.ami.family.title.to_owned() } else { kinds.join(", ") };
        let bucket = |mount: &crate::plan::Mount| {
            (mount.path.to_string(), format!("s3://{}/{}", mount.bucket, mount.prefix.as_str()))
        };
        Self {
            name: class.name.to_string(),
            lines: vec![format!("taint and label {taint}"), format!("{}: {nodes}", class.deliver.name())],
            buckets: class.mounts.iter().map(bucket).collect(),
        }
    }
}

/// A text in HTML, which labels of Mermaid are too.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Mermaid's flowchart: for pages that draw it, such as GitHub's.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for (at, class) in graph.classes.iter().enumerate() {
        let lines: String = class.lines.iter().map(|line| format!("<br/>{}", escaped(line))).collect();
        let _ = writeln!(out, "  class{at}[\"<b>{}</b>{lines}\"]", escaped(&class.name));
        for (number, (path, bucket)) in class.buckets.iter().enumerate() {
            let _ = writeln!(out, "  bucket{at}_{number}[(\"{}\")]", escaped(bucket));
            let _ = writeln!(out, "  class{at} -->|\"{}\"| bucket{at}_{number}", escaped(path));
        }
    }
    for (at, pod) in graph.pods.iter().enumerate() {
        let _ = writeln!(out, "  pod{at}([\"{}<br/><i>{}</i>\"])", escaped(&pod.name), escaped(&pod.verdict));
        for class in &pod.on {
            let _ = writeln!(out, "  pod{at} --> class{class}");
        }
        if pod.escapes {
            let _ = writeln!(out, "  pod{at} -.-> other");
        }
        if pod.is_wrong {
            let _ = writeln!(out, "  style pod{at} stroke:#c00,stroke-width:3px");
        }
    }
    if graph.anyone_escapes() {
        out += "  other[\"other nodes: no bucket\"]\n  style other stroke:#c00,stroke-dasharray:4\n";
    }
    out
}

/// Graphviz's language.
#[must_use]
pub fn dot(graph: &Graph) -> String {
    let quoted = |lines: &[&str]| {
        let text =
            lines.iter().map(|line| line.replace('\\', "\\\\").replace('"', "\\\"")).collect::<Vec<_>>().join("\\n");
        format!("\"{text}\"")
    };
    let mut out = String::from("digraph s3boot {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
    for (at, class) in graph.classes.iter().enumerate() {
        let lines: Vec<_> = std::iter::once(&class.name).chain(&class.lines).map(String::as_str).collect();
        let _ = writeln!(out, "  class{at} [shape=box, label={}];", quoted(&lines));
        for (number, (path, bucket)) in class.buckets.iter().enumerate() {
            let _ = writeln!(out, "  bucket{at}_{number} [shape=cylinder, label={}];", quoted(&[bucket]));
            let _ = writeln!(out, "  class{at} -> bucket{at}_{number} [label={}];", quoted(&[path]));
        }
    }
    for (at, pod) in graph.pods.iter().enumerate() {
        let color = if pod.is_wrong { ", color=red" } else { "" };
        let _ = writeln!(out, "  pod{at} [shape=oval, label={}{color}];", quoted(&[&pod.name, &pod.verdict]));
        for class in &pod.on {
            let _ = writeln!(out, "  pod{at} -> class{class};");
        }
        if pod.escapes {
            let _ = writeln!(out, "  pod{at} -> other [style=dashed, color=red];");
        }
    }
    if graph.anyone_escapes() {
        out += "  other [shape=box, style=dashed, color=red, label=\"other nodes: no bucket\"];\n";
    }
    out + "}\n"
}

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1b1f24}.small{font-size:11px;fill:#57606a}.name{font-weight:600}\
rect{fill:#f6f8fa;stroke:#8c959f}.class{fill:#ddf4ff;stroke:#0969da}.bucket{fill:#dafbe1;stroke:#1a7f37}\
.wrong{fill:#ffebe9;stroke:#cf222e}.other{fill:none;stroke:#cf222e;stroke-dasharray:5}\
path{fill:none;stroke:#8c959f}.bad{stroke:#cf222e;stroke-dasharray:5}.ground{fill:#fff;stroke:none}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.small{fill:#9198a1}rect{fill:#161b22;stroke:#6e7681}\
.class{fill:#0c2d4d;stroke:#58a6ff}.bucket{fill:#0f2e1b;stroke:#3fb950}.wrong{fill:#3d1517;stroke:#f85149}\
.other{fill:none;stroke:#f85149}path{stroke:#6e7681}.bad{stroke:#f85149}.ground{fill:#0d1117}}";

/// Where things are, in pixels.
const WIDTH: usize = 320;
const GAP: usize = 100;
const POD: usize = 44;
const BUCKET: usize = 44;
const CLASS: usize = 66;
const SPACE: usize = 12;

/// A picture that is drawn already, and has light and dark colours.
#[must_use]
pub fn svg(graph: &Graph) -> String {
    let mut picture = Picture::default();
    // A pod stands in the row of the first class that it lands on, and below all rows where it lands on none.
    let first = |pod: &Pod| pod.on.first().copied();
    let mut centers = Vec::new();
    let mut y = SPACE;
    for (at, class) in graph.classes.iter().enumerate() {
        let pods = graph.pods.iter().filter(|pod| first(pod) == Some(at)).count();
        let height = (pods * (POD + SPACE)).max(class.buckets.len() * (BUCKET + SPACE)).max(CLASS + SPACE);
        let top = y + (height - CLASS - SPACE) / 2;
        centers.push((y, top + CLASS / 2));
        picture.class(class, y, top);
        y += height + SPACE;
    }
    let other = graph.anyone_escapes().then(|| {
        picture.rectangle(
            "other",
            WIDTH + GAP,
            y,
            POD,
            &[("name", "other nodes"), ("small", "no bucket is mounted there")],
        );
        y + POD / 2
    });
    let mut next: Vec<_> = centers.iter().map(|(top, _)| *top).collect();
    let mut below = y;
    for pod in &graph.pods {
        let slot = first(pod).map_or(&mut below, |class| &mut next[class]);
        let top = *slot;
        *slot += POD + SPACE;
        picture.pod(pod, top, &centers, other);
    }
    picture.finish(below.max(y + if other.is_some() { POD + SPACE } else { 0 }))
}

#[derive(Default)]
struct Picture {
    lines: String,
    boxes: String,
}

/// A text that fits into a box, with its end left out where it is longer.
fn shortened(style: &str, text: &str) -> String {
    let most = if style == "small" { 50 } else { 38 };
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

impl Picture {
    fn rectangle(&mut self, class: &str, x: usize, y: usize, height: usize, lines: &[(&str, &str)]) {
        let whole = lines.iter().map(|(_, text)| *text).collect::<Vec<_>>().join("\n");
        let _ = write!(
            self.boxes,
            "<g><title>{}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>",
            escaped(&whole)
        );
        for (at, (style, text)) in lines.iter().enumerate() {
            let (x, y) = (x + 10, y + 18 + at * 18);
            let _ = write!(
                self.boxes,
                "<text class=\"{style}\" x=\"{x}\" y=\"{y}\">{}</text>",
                escaped(&shortened(style, text))
            );
        }
        self.boxes += "</g>\n";
    }

    fn line(&mut self, style: &str, from: (usize, usize), to: (usize, usize)) {
        let middle = usize::midpoint(from.0, to.0);
        let _ = writeln!(
            self.lines,
            "<path class=\"{style}\" d=\"M{} {}C{middle} {} {middle} {} {} {}\"/>",
            from.0, from.1, from.1, to.1, to.0, to.1
        );
    }

    fn class(&mut self, class: &Row, row: usize, top: usize) {
        let x = WIDTH + GAP;
        let lines: Vec<_> = std::iter::once(("name", class.name.as_str()))
            .chain(class.lines.iter().map(|line| ("small", line.as_str())))
            .collect();
        self.rectangle("class", x, top, CLASS, &lines);
        for (at, (path, bucket)) in class.buckets.iter().enumerate() {
            let y = row + at * (BUCKET + SPACE);
            self.rectangle("bucket", x + WIDTH + GAP, y, BUCKET, &[("name", bucket), ("small", path)]);
            self.line("", (x + WIDTH, top + CLASS / 2), (x + WIDTH + GAP, y + BUCKET / 2));
        }
    }

    fn pod(&mut self, pod: &Pod, y: usize, centers: &[(usize, usize)], other: Option<usize>) {
        let style = if pod.is_wrong { "wrong" } else { "" };
        self.rectangle(style, SPACE, y, POD, &[("name", &pod.name), ("small", &pod.verdict)]);
        let from = (SPACE + WIDTH, y + POD / 2);
        for class in &pod.on {
            self.line("", from, (WIDTH + GAP, centers[*class].1));
        }
        if let Some(other) = other.filter(|_| pod.escapes) {
            self.line("bad", from, (WIDTH + GAP, other));
        }
    }

    fn finish(self, height: usize) -> String {
        let width = 3 * WIDTH + 2 * GAP + SPACE;
        let height = height + SPACE;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"Pods, the nodes of their classes, and their buckets\">\n<style>{STYLE}</style>\n<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>\n{}{}</svg>\n",
            self.lines, self.boxes
        )
    }
}

/// A page with the picture, that needs nothing else.
#[must_use]
pub fn html(graph: &Graph) -> String {
    let faults: String = (graph.pods.iter().filter(|pod| pod.is_wrong))
        .map(|pod| format!("<li><b>{}</b>: {}</li>\n", escaped(&pod.name), escaped(&pod.verdict)))
        .collect();
    let faults =
        if faults.is_empty() { String::new() } else { format!("<h2>What is wrong</h2>\n<ul>\n{faults}</ul>\n") };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>s3boot: who lands where</title>\n<style>:root{{color-scheme:light dark}}body{{font:15px system-ui,sans-serif;margin:2rem}}svg{{max-width:100%;height:auto}}@media(prefers-color-scheme:dark){{body{{background:#0d1117;color:#e6edf3}}}}</style>\n<h1>Who lands where</h1>\n<p>Pods on the left, the nodes of their class in the middle, the buckets that are mounted there on the right.</p>\n{}{faults}</html>\n",
        svg(graph)
    )
}
