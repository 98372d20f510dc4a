//! Servers of models, with the settings that suit weights on a mount. mount-s3 keeps no page cache between opens, so a loader
//! that maps files, or warms them first, reads everything again and again: each of these reads a file once, in order.
//! Sources: vLLM `config/load.py`; pull request 7469 of `SGLang`; Triton, "Model management"; mountpoint-s3-fs `src/fs.rs`.

use super::Side;
use crate::manifest::Preset;
use crate::plan::{Class, Mount};
use serde_json::{Value, json};

/// The example manifests of a class with model weights: file and document.
pub(super) fn examples(class: &Class) -> Vec<(&'static str, Value)> {
    let Some(weights) = class.mounts.iter().find(|mount| mount.preset == Some(Preset::Models)) else {
        return Vec::new();
    };
    let server = Server { class, weights, side: Side::of(class) };
    vec![
        ("vllm.yaml", server.deployment("vllm", "docker.io/vllm/vllm-openai:v0.11.0", 8000, &server.vllm())),
        ("sglang.yaml", server.deployment("sglang", "docker.io/lmsysorg/sglang:v0.5.3", 30000, &server.sglang())),
        ("triton.yaml", server.deployment("triton", "nvcr.io/nvidia/tritonserver:25.08-py3", 8000, &server.triton())),
        ("ray-serve.yaml", server.ray_serve()),
    ]
}

struct Server<'a> {
    class: &'a Class,
    weights: &'a Mount,
    side: Side,
}

/// Caches of compilers rename and lock, which a mount does not: they go to the disk of the node, and so does what Hugging Face
/// would fetch.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("HF_HUB_OFFLINE", "1"),
    ("HF_HOME", "/cache/huggingface"),
    ("VLLM_CACHE_ROOT", "/cache/vllm"),
    ("TORCHINDUCTOR_CACHE_DIR", "/cache/inductor"),
    ("TRITON_CACHE_DIR", "/cache/triton"),
];

impl Server<'_> {
    fn path(&self) -> &str {
        self.weights.path.as_str()
    }

    /// `eager` reads each file once into memory. The default maps it, and `prefetch` relies on a page cache that is not there.
    fn vllm(&self) -> Vec<String> {
        let words = [
            "--model",
            self.path(),
            "--safetensors-load-strategy",
            "eager",
            "--served-model-name",
            self.class.name.as_str(),
        ];
        words.map(str::to_owned).to_vec()
    }

    fn sglang(&self) -> Vec<String> {
        let words = [
            "python3",
            "-m",
            "sglang.launch_server",
            "--model-path",
            self.path(),
            "--weight-loader-disable-mmap",
            "--host",
            "0.0.0.0",
        ];
        words.map(str::to_owned).to_vec()
    }

    /// `poll` would see nothing: the names in the mount are kept for ever.
    fn triton(&self) -> Vec<String> {
        let words = ["tritonserver".to_owned(), format!("--model-repository={}", self.path())];
        let control = ["--model-control-mode=explicit", "--load-model=*"].map(str::to_owned);
        words.into_iter().chain(control).collect()
    }

    fn container(&self, image: &str, arguments: &[String]) -> Value {
        let environment: Vec<_> =
            ENVIRONMENT.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let mut mounts: Vec<_> = self.side.mounts.iter().map(|mount| json!(mount)).collect();
        mounts.push(json!({"name": "cache", "mountPath": "/cache"}));
        mounts.push(json!({"name": "shm", "mountPath": "/dev/shm"}));
        let mut container = json!({
            "name": "main",
            "image": image,
            "env": environment,
            "resources": {"limits": {"nvidia.com/gpu": 1}},
            "volumeMounts": mounts,
        });
        // Words that begin with a program replace what the image would run; options are for it.
        match arguments.first() {
            Some(first) if first.starts_with('-') => container["args"] = json!(arguments),
            Some(_) => container["command"] = json!(arguments),
            None => {}
        }
        container
    }

    fn pod(&self, container: &Value) -> Value {
        let mut tolerations: Vec<_> = self.side.tolerations.iter().map(|one| json!(one)).collect();
        if !self.side.tolerations.iter().any(|one| one.key.as_deref() == Some("nvidia.com/gpu")) {
            tolerations.push(json!({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}));
        }
        let mut volumes: Vec<_> = self.side.volumes.iter().map(|volume| json!(volume)).collect();
        volumes.push(json!({"name": "cache", "emptyDir": {}}));
        // For tensor parallelism, whose ranks talk through it.
        volumes.push(json!({"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "8Gi"}}));
        let image = container["image"].as_str().unwrap_or_default();
        let mut spec = json!({
            "nodeSelector": self.side.node_selector,
            "tolerations": tolerations,
            "containers": [container],
            "volumes": volumes,
        });
        if let Some(wait) = self.side.wait(image, &[]) {
            spec["initContainers"] = json!([wait]);
        }
        spec
    }

    fn namespace(&self) -> &str {
        self.class.pods.namespaces.first().map_or("default", String::as_str)
    }

    fn deployment(&self, name: &str, image: &str, port: u16, arguments: &[String]) -> Value {
        let name = format!("{}-{name}", self.class.name);
        let labels = json!({"app.kubernetes.io/name": name});
        let mut container = self.container(image, arguments);
        container["ports"] = json!([{"containerPort": port, "name": "http"}]);
        // Weights take minutes to load: until then the pod is not ready, and not killed either.
        let path = if port == 8000 && image.contains("triton") { "/v2/health/ready" } else { "/health" };
        container["startupProbe"] =
            json!({"httpGet": {"path": path, "port": "http"}, "periodSeconds": 10, "failureThreshold": 180});
        container["readinessProbe"] = json!({"httpGet": {"path": path, "port": "http"}, "periodSeconds": 10});
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": self.namespace(), "labels": labels},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": self.pod(&container)},
            },
        })
    }

    fn ray_serve(&self) -> Value {
        const IMAGE: &str = "docker.io/rayproject/ray-llm:2.49.0-py311-cu128";
        let application = format!(
            "applications:\n  - name: llm\n    import_path: ray.serve.llm:build_openai_app\n    route_prefix: /\n    args:\n      llm_configs:\n        - model_loading_config: {{model_id: {}, model_source: {}}}\n          engine_kwargs: {{safetensors_load_strategy: eager}}\n",
            self.class.name,
            self.path()
        );
        let worker = self.pod(&self.container(IMAGE, &[]));
        let mut head = worker.clone();
        head["containers"][0].as_object_mut().into_iter().for_each(|container| drop(container.remove("resources")));
        json!({
            "apiVersion": "ray.io/v1",
            "kind": "RayService",
            "metadata": {"name": format!("{}-ray", self.class.name), "namespace": self.namespace()},
            "spec": {
                "serveConfigV2": application,
                "rayClusterConfig": {
                    "headGroupSpec": {"rayStartParams": {"num-cpus": "0"}, "template": {"spec": head}},
                    "workerGroupSpecs": [{
                        "groupName": "gpu",
                        "replicas": 1,
                        "minReplicas": 1,
                        "maxReplicas": 4,
                        "rayStartParams": {},
                        "template": {"spec": worker},
                    }],
                },
            },
        })
    }
}
