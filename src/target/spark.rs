//! `spark`: what a Spark job needs to land on the nodes of its class and to find its JARs there: for the Spark operator
//! (`sparkoperator.k8s.io/v1beta2`), for spark-submit, and for EMR on EKS.
//! Sources: spark-operator `internal/webhook/sparkpod_defaulter.go`; Spark, "Running on Kubernetes".

use super::pod::Side;
use super::{Context, Refusal, Target, object};
use crate::manifest::Preset;
use crate::output::Tree;
use crate::plan::Class;
use crate::yaml;
use serde::Serialize;
use serde_json::{Value, json};

/// Spark.
pub struct Spark;

impl Target for Spark {
    fn name(&self) -> &'static str {
        "spark"
    }

    fn about(&self) -> &'static str {
        "SparkApplication, pod templates and spark-defaults.conf for jobs of the class"
    }

    /// A class for models is for servers.
    fn serves(&self, class: &Class) -> bool {
        class.mounts.iter().all(|mount| mount.preset != Some(Preset::Models))
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let class = context.class;
        let job = Job { class, side: Side::of(class) };
        let mut tree = Tree::default();
        let documents = [
            ("application.yaml", job.application()),
            ("fragment.yaml", job.fragment()),
            ("driver.yaml", job.pod_template("spark-kubernetes-driver")),
            ("executor.yaml", job.pod_template("spark-kubernetes-executor")),
        ];
        for (file, document) in documents {
            let text = yaml::write(&document).map_err(|bug| vec![bug.into()])?;
            tree.add(format!("{}/spark/{file}", class.name), object::header(class) + &text);
        }
        tree.add(format!("{}/spark/spark-defaults.conf", class.name), object::header(class) + &job.defaults());
        if let Some(templates) = &class.pods.spark.emr_templates {
            let emr =
                serde_json::to_string_pretty(&job.emr(templates)).map_err(|error| vec![Refusal::Bug(error.into())])?;
            tree.add(format!("{}/spark/emr.json", class.name), emr + "\n");
        }
        Ok(tree)
    }
}

struct Job<'a> {
    class: &'a Class,
    side: Side,
}

fn value(object: &impl Serialize) -> Value {
    serde_json::to_value(object).expect("objects of Kubernetes are JSON")
}

impl Job<'_> {
    /// Where a JAR is in the pods.
    fn path(&self, jar: &str) -> String {
        format!("{}/{jar}", self.class.mounts[0].path.as_str())
    }

    /// Each by its name: Spark expands no pattern of `local://` files.
    fn jars(&self) -> Vec<String> {
        self.class.pods.jars.iter().map(|jar| format!("local://{}", self.path(jar))).collect()
    }

    fn class_path(&self) -> Option<String> {
        let paths: Vec<_> = self.class.pods.class_path.iter().map(|jar| self.path(jar)).collect();
        (!paths.is_empty()).then(|| paths.join(":"))
    }

    fn conf(&self) -> Vec<(&'static str, String)> {
        let keys = ["spark.driver.extraClassPath", "spark.executor.extraClassPath"];
        self.class_path().into_iter().flat_map(|path| keys.map(|key| (key, path.clone()))).collect()
    }

    /// What driver and executors both have. Fields of the role, not of a template: placeholders of `YuniKorn` only know those.
    fn role(&self) -> Value {
        let mut role = json!({
            "nodeSelector": self.side.node_selector,
            "tolerations": self.side.tolerations,
            "volumeMounts": self.side.mounts,
        });
        if let Some(wait) = self.side.wait(&self.class.pods.spark.image, &self.all_paths()) {
            role["initContainers"] = json!([wait]);
        }
        role
    }

    fn all_paths(&self) -> Vec<String> {
        self.class.pods.jars.iter().map(|jar| self.path(jar)).collect()
    }

    fn fragment(&self) -> Value {
        let mut spec = json!({"volumes": self.side.volumes, "driver": self.role(), "executor": self.role()});
        if !self.class.pods.jars.is_empty() {
            spec["deps"] = json!({"jars": self.jars()});
        }
        let conf: serde_json::Map<_, _> =
            self.conf().into_iter().map(|(key, path)| (key.to_owned(), json!(path))).collect();
        if !conf.is_empty() {
            spec["sparkConf"] = Value::Object(conf);
        }
        json!({"spec": spec})
    }

    /// A whole application: the fragment, and what it runs.
    fn application(&self) -> Value {
        let spark = &self.class.pods.spark;
        let account = self.class.pods.service_account.as_deref().unwrap_or("spark");
        let (main, file) = match (&spark.main_class, self.jars().into_iter().next()) {
            (Some(main), Some(jar)) => (main.clone(), jar),
            _ => (
                "org.apache.spark.examples.SparkPi".to_owned(),
                "local:///opt/spark/examples/jars/spark-examples.jar".to_owned(),
            ),
        };
        let mut spec = json!({
            "type": "Scala",
            "mode": "cluster",
            "image": spark.image,
            "sparkVersion": spark.version,
            "mainClass": main,
            "mainApplicationFile": file,
            "restartPolicy": {"type": "Never"},
        });
        let fragment = self.fragment();
        merge(&mut spec, &fragment["spec"]);
        merge(&mut spec["driver"], &json!({"cores": 1, "memory": "1g", "serviceAccount": account}));
        merge(&mut spec["executor"], &json!({"cores": 1, "instances": 2, "memory": "1g"}));
        // The JAR with the main class is loaded as it is.
        if let Some(jars) = spec["deps"]["jars"].as_array_mut() {
            jars.retain(|jar| *jar != file);
        }
        if spec["deps"]["jars"].as_array().is_none_or(Vec::is_empty) {
            spec.as_object_mut().expect("an object").remove("deps");
        }
        let namespace = self.class.pods.namespaces.first().map_or("default", String::as_str);
        json!({
            "apiVersion": "sparkoperator.k8s.io/v1beta2",
            "kind": "SparkApplication",
            "metadata": {"name": self.class.name.as_str(), "namespace": namespace},
            "spec": spec,
        })
    }

    /// For `spark.kubernetes.{driver,executor}.podTemplateFile`: no configuration sets tolerations or propagation. EMR knows
    /// the container by its name.
    fn pod_template(&self, container: &str) -> Value {
        let mut spec = json!({
            "nodeSelector": self.side.node_selector,
            "tolerations": self.side.tolerations,
            "volumes": self.side.volumes,
            "containers": [{"name": container, "volumeMounts": self.side.mounts}],
        });
        if let Some(wait) = self.side.wait(&self.class.pods.spark.image, &self.all_paths()) {
            spec["initContainers"] = json!([wait]);
        }
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.class.name.as_str()}, "spec": value(&spec)})
    }

    fn defaults(&self) -> String {
        let mut lines = vec![
            ("spark.kubernetes.driver.podTemplateFile".to_owned(), "driver.yaml".to_owned()),
            ("spark.kubernetes.executor.podTemplateFile".to_owned(), "executor.yaml".to_owned()),
        ];
        if !self.class.pods.jars.is_empty() {
            lines.push(("spark.jars".to_owned(), self.jars().join(",")));
        }
        lines.extend(self.conf().into_iter().map(|(key, path)| (key.to_owned(), path)));
        lines.into_iter().map(|(key, text)| format!("{key} {text}\n")).collect()
    }

    /// `configurationOverrides` of `StartJobRun`. EMR reads the templates from S3, with the execution role of the job. They
    /// say nothing of the pod that submits the job, which has a classification of its own (EMR on EKS, "Using job submitter
    /// classification").
    fn emr(&self, templates: &str) -> Value {
        let template = |role: &str| format!("{templates}{role}.yaml");
        let mut properties = json!({
            "spark.kubernetes.driver.podTemplateFile": template("driver"),
            "spark.kubernetes.executor.podTemplateFile": template("executor"),
        });
        if !self.class.pods.jars.is_empty() {
            properties["spark.jars"] = json!(self.jars().join(","));
        }
        for (key, path) in self.conf() {
            properties[key] = json!(path);
        }
        json!({"applicationConfiguration": [
            {"classification": "spark-defaults", "properties": properties},
            {"classification": "emr-job-submitter", "properties": self.submitter()},
        ]})
    }

    /// An empty value tolerates every value of the key.
    fn submitter(&self) -> Value {
        let mut properties = json!({});
        for (key, value) in &self.side.node_selector {
            properties[format!("jobsubmitter.node.selector.{key}")] = json!(value);
        }
        for toleration in &self.side.tolerations {
            let key = toleration.key.as_deref().unwrap_or_default();
            properties[format!("jobsubmitter.node.toleration.{key}")] =
                json!(toleration.value.as_deref().unwrap_or_default());
            properties[format!("jobsubmitter.node.toleration.{key}.effect")] = json!(toleration.effect);
        }
        properties
    }
}

/// Puts the entries of one mapping into another.
fn merge(into: &mut Value, from: &Value) {
    for (key, value) in from.as_object().into_iter().flatten() {
        into[key] = value.clone();
    }
}
