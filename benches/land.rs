//! `cargo bench --bench land`: pods against `NodePool`s, at the size of a large cluster and at half of it in each direction, so
//! that the report shows whether the time is linear in both.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use s3boot::land::World;
use s3boot::land::document::{self, Document};
use s3boot::source::Source;
use std::hint::black_box;

fn documents(text: &str) -> Vec<Document> {
    document::read(Source::new("bench.yaml", text)).expect("YAML")
}

fn pool(number: usize) -> String {
    format!(
        "---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{name: pool-{number}}}\nspec:\n  template:\n    metadata: {{labels: {{s3boot.dev/class: c{number}}}}}\n    spec:\n      taints: [{{key: s3boot.dev/class, value: c{number}, effect: NoSchedule}}]\n      requirements:\n        - {{key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}}\n        - {{key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: [\"3\"]}}\n"
    )
}

/// Every second pod tolerates every taint: then the labels decide, of each pool.
fn pod(number: usize, pools: usize) -> String {
    let class = number % pools;
    let toleration = match number % 2 {
        0 => "{operator: Exists}".to_owned(),
        _ => format!("{{key: s3boot.dev/class, operator: Equal, value: c{class}, effect: NoSchedule}}"),
    };
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: pod-{number}}}\nspec:\n  nodeSelector: {{s3boot.dev/class: c{class}}}\n  tolerations: [{toleration}]\n  affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{matchExpressions: [{{key: kubernetes.io/arch, operator: In, values: [arm64]}}]}}]}}}}}}\n  containers: [{{name: c}}]\n"
    )
}

fn landing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("land");
    group.sample_size(10);
    for (pods, pools) in [(10_000, 200), (5_000, 200), (10_000, 100)] {
        let world = World::of(None, &documents(&(0..pools).map(pool).collect::<String>())).expect("pools");
        let pods_of: Vec<_> = documents(&(0..pods).map(|number| pod(number, pools)).collect::<String>());
        group.bench_function(BenchmarkId::new("pods x pools", format!("{pods} x {pools}")), |bencher| {
            bencher.iter(|| black_box(world.landings(black_box(&pods_of))));
        });
    }
    group.finish();
}

criterion_group!(benches, landing);
criterion_main!(benches);
