//! Every code: the name of a fault, why it is one, and what is wrong and right. `s3boot explain` prints them, and
//! `docs/errors.md` lists them. `tests/errors/<name>.yaml` has each one's `wrong`; with `right` in its place it is fine.

use super::Severity;

/// The name of a fault, and what there is to know of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The name, as it is printed.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Why it is a fault.
    pub why: &'static str,
    /// An example that has it; empty where it takes more than a few lines to show.
    pub wrong: &'static str,
    /// The same, mended.
    pub right: &'static str,
}

/// Defines codes and the table of them.
macro_rules! codes {
    ($table:ident $doc:literal; $($constant:ident = $severity:ident $name:literal: $why:literal, $wrong:literal => $right:literal;)*) => {
        $(
            #[doc = $why]
            pub static $constant: $crate::diagnostic::Code = $crate::diagnostic::Code {
                name: $name,
                severity: $crate::diagnostic::Severity::$severity,
                why: $why,
                wrong: $wrong,
                right: $right,
            };
        )*
        #[doc = $doc]
        pub static $table: &[&$crate::diagnostic::Code] = &[$(&$constant),*];
    };
}
pub(crate) use codes;

codes! { CODES "Every code of manifests, from the shape of the document to the templates.";
    YAML_SYNTAX = Error "yaml-syntax":
        "The text is not YAML. Most often a tab, a quote or bracket that is not closed, or a line that is indented differently from its neighbours.",
        "    arch: [amd64, arm64\n"
        => "    arch: [amd64, arm64]\n";
    EMPTY_MANIFEST = Error "empty-manifest":
        "There is nothing in the file, or only comments.",
        "# classes:\n"
        => "cluster: {name: analytics, region: us-west-2, node-role: analytics-node, discovery: {karpenter.sh/discovery: analytics}}\nclasses: [{name: spark-jars, ami: al2023@v20260724, mounts: [{name: jars, bucket: acme-spark-jars}]}]\n";
    SEVERAL_DOCUMENTS = Error "several-documents":
        "A manifest is one document, so that its classes are checked against each other.",
        "---\nclasses: []\n"
        => "# the end\n";
    UNKNOWN_KEY = Error "unknown-key":
        "A key that s3boot does not know would be ignored, and its author would believe that it works.",
        "        prefx: releases/2026-11/\n"
        => "        prefix: releases/2026-11/\n";
    UNKNOWN_VALUE = Error "unknown-value":
        "The key takes one of a few values, and this is none of them.",
        "        preset: jar\n"
        => "        preset: jars\n";
    MISSING_KEY = Error "missing-key":
        "Some keys have no default that would be right for everyone. A cache without a size would fill the disk.",
        "        cache: {on: instance-store}\n"
        => "        cache: {on: instance-store, size: 20Gi}\n";
    DUPLICATE_KEY = Error "duplicate-key":
        "YAML readers differ in which of two values they take.",
        "    arch: [amd64]\n    arch: [amd64, arm64]\n"
        => "    arch: [amd64, arm64]\n";
    WRONG_TYPE = Error "wrong-type":
        "The value has another shape than the key takes: text where a list is expected, or nothing at all.",
        "    arch: amd64 arm64\n"
        => "    arch: [amd64, arm64]\n";
    TOO_DEEP = Error "too-deep":
        "The document nests hundreds of levels, or expands through aliases to far more than a manifest has. It is refused before it fills memory.",
        ""
        => "";
    CLUSTER_NAME = Error "cluster-name":
        "EKS names have at most 100 letters, digits, `-` and `_`.",
        "  name: my cluster\n"
        => "  name: my-cluster\n";
    REGION = Error "region":
        "The region is part of addresses, ARNs and mount options; with a wrong one nothing is found.",
        "  region: us-west-2a\n"
        => "  region: us-west-2\n";
    KUBERNETES_VERSION = Error "kubernetes-version":
        "EKS versions are `1.` and a number. Unquoted, YAML reads 1.30 as 1.3.",
        "  kubernetes: v1.34.2\n"
        => "  kubernetes: \"1.34\"\n";
    ACCOUNT = Error "account":
        "An account id has 12 digits. Unquoted, YAML drops zeros that it begins with.",
        "  account: 1111-2222-3333\n"
        => "  account: \"111122223333\"\n";
    ACCOUNT_MISSING = Error "account-missing":
        "The IAM policy for a directory bucket or an alias names the account in its ARNs.",
        "        bucket: jars-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias\n"
        => "        bucket: arn:aws:s3:us-west-2:111122223333:accesspoint/jars\n";
    ROLE_NAME = Error "role-name":
        "Karpenter compares the role to its instance profile literally. An ARN or a path never matches, and the profile is made anew for ever.",
        "  node-role: arn:aws:iam::111122223333:role/analytics-node\n"
        => "  node-role: analytics-node\n";
    CLUSTER_ENDPOINT = Error "cluster-endpoint":
        "The address goes into user data as it is; with a wrong one the node never registers.",
        "  endpoint: analytics.eks.amazonaws.com\n"
        => "  endpoint: https://0123456789ABCDEF0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com\n";
    CLUSTER_CA = Error "cluster-ca":
        "kubelet trusts the API server by this certificate. Without it the node never registers.",
        "  ca: certificate\n"
        => "  ca: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=\n";
    CLUSTER_CIDR = Error "cluster-cidr":
        "nodeadm computes the address of the cluster's DNS from it: pods of a node with a wrong one resolve no name.",
        "  cidr: 10.100.0.10\n"
        => "  cidr: 10.100.0.0/16\n";
    CLUSTER_JOIN = Error "cluster-join":
        "EKS adds nothing to the user data of a node group with an AMI of its own, nor Karpenter to that of its family `Custom`.",
        "    ami: {family: al2023, id: ami-0123456789abcdef0}\n"
        => "    ami: al2023@1.34.2-20260724\n";
    SELECTOR_MISSING = Error "selector-missing":
        "Without terms Karpenter finds no subnets and no security groups, and launches nothing.",
        "  subnets: [{tags: {Name: private}}]\n"
        => "  subnets: [{tags: {Name: private}}]\n  security-groups: [{tags: {Name: nodes}}]\n";
    SELECTOR_TAG = Error "selector-tag":
        "Karpenter refuses a tag with an empty key or value. `*` stands for any value.",
        "  discovery: {karpenter.sh/discovery: \"\"}\n"
        => "  discovery: {karpenter.sh/discovery: analytics}\n";
    SELECTOR_EXCLUSIVE = Error "selector-exclusive":
        "The API only refuses a list where every term is wrong, so one wrong term among right ones slips through, and the NodeClass is never ready.",
        "    - {id: subnet-0123456789abcdef0, tags: {Name: private}}\n"
        => "    - {id: subnet-0123456789abcdef0}\n    - {tags: {Name: private}}\n";
    SELECTOR_ID = Error "selector-id":
        "The patterns of the API are not anchored: it takes ids that AWS then does not know.",
        "    - {id: subnet-private}\n"
        => "    - {id: subnet-0123456789abcdef0}\n";
    INSTALL_VERSION = Error "install-version":
        "A version is pinned, so that two nodes of one class run the same mount-s3.",
        "install: {from: release, version: latest}\n"
        => "install: {from: release, version: 1.23.0}\n";
    INSTALL_MIRROR = Error "install-mirror":
        "A mirror is a bucket of yours and the path in it where the files of the release are.",
        "install: {from: mirror, mirror: \"https://mirror.example.com/mount-s3/\"}\n"
        => "install: {from: mirror, mirror: \"s3://acme-mirror/mount-s3/\"}\n";
    INSTALL_KEYS = Error "install-keys":
        "`mirror` is only read with `from: mirror`, which in turn needs it.",
        "install: {from: mirror}\n"
        => "install: {from: mirror, mirror: \"s3://acme-mirror/mount-s3/\"}\n";
    NO_CLASSES = Error "no-classes":
        "A manifest without classes renders nothing.",
        "classes: []\n"
        => "classes:\n  - name: spark-jars\n    ami: al2023@v20260724\n    mounts: [{name: jars, bucket: acme-spark-jars}]\n";
    CLASS_NAME = Error "class-name":
        "The name becomes the name of Kubernetes objects and the value of a label: a DNS label fits both.",
        "  - name: Spark_Jars\n"
        => "  - name: spark-jars\n";
    DUPLICATE_CLASS = Error "duplicate-class":
        "The name of a class is the value of its taint and label. Two of one name would let each other's pods in.",
        "  - name: spark-jars\n    ami: al2023@v20260724\n    mounts: [{name: other, bucket: acme-other}]\n"
        => "  - name: spark-other\n    ami: al2023@v20260724\n    mounts: [{name: other, bucket: acme-other}]\n";
    NO_EFFECT = Error "no-effect":
        "A key that this kind of class does not read would be ignored, and its author would believe that it works.",
        "    nodes: {types: [r6id.4xlarge], weight: 10}\n"
        => "    nodes: {types: [r6id.4xlarge]}\n";
    NODE_GROUP_TYPES = Error "node-group-types":
        "Karpenter chooses a size for the pods that wait; a node group cannot. Without types EKS takes t3.medium.",
        "    nodes: {families: [r6id]}\n"
        => "    nodes: {types: [r6id.4xlarge]}\n";
    NODE_GROUP_AMI = Error "node-group-ami":
        "A launch template has one AMI. What a name or tags find may be another one tomorrow, and roll every node.",
        "    ami: {family: al2023, name: \"acme-node-*\", owner: self}\n"
        => "    ami: {family: al2023, id: ami-0123456789abcdef0}\n";
    NODE_GROUP_CAPACITY = Error "node-group-capacity":
        "`reserved` is Karpenter's: capacity of reservations first. A node group of EKS is `ON_DEMAND` or `SPOT`.",
        "    nodes: {types: [r6id.4xlarge], capacity: [reserved]}\n"
        => "    nodes: {types: [r6id.4xlarge], capacity: [on-demand]}\n";
    NODE_GROUP_KEY = Error "node-group-key":
        "The API of node groups takes keys of labels and taints of at most 63 characters, domain included; Kubernetes takes more.",
        "pairing: {key: platform.engineering.analytics.emea.example.com/workload-class-of-buckets}\n"
        => "pairing: {key: analytics.example.com/workload-class}\n";
    NODE_GROUP_SIZE = Error "node-group-size":
        "A node group has at least `min`, at most `max`, and at first `desired` nodes.",
        "    nodes: {types: [r6id.4xlarge], size: {min: 4, max: 2}}\n"
        => "    nodes: {types: [r6id.4xlarge], size: {min: 2, max: 4}}\n";
    AMI_KUBERNETES = Error "ami-kubernetes":
        "The release of an EKS AMI begins with the version of Kubernetes that its kubelet has. EKS refuses one of another.",
        "    ami: al2023@1.33.5-20260724\n"
        => "    ami: al2023@1.34.2-20260724\n";
    TYPES_FAMILIES = Error "types-families":
        "A node has to be of one of the families and of one of the types. Where no type is of a family, there is no node.",
        "    nodes: {families: [c6id], types: [r6id.4xlarge]}\n"
        => "    nodes: {types: [r6id.4xlarge]}\n";
    DAEMONSET_MISSING = Error "daemonset-missing":
        "A DaemonSet needs an image. s3boot has no default, since every cluster has a registry that it trusts.",
        "    deliver: daemonset\n"
        => "    deliver: daemonset\n    daemonset: {image: \"public.ecr.aws/docker/library/busybox:1.37.0@sha256:9db7b59979c38555a39def84a31fb98b5296952f9e3afd4f6f11f05b07adfab0\"}\n";
    IMAGE_DIGEST = Error "image-digest":
        "The DaemonSet is root on every node of the class. A tag can be moved to another image, a digest cannot.",
        "    daemonset: {image: \"busybox:latest\"}\n"
        => "    daemonset: {image: \"public.ecr.aws/docker/library/busybox:1.37.0@sha256:9db7b59979c38555a39def84a31fb98b5296952f9e3afd4f6f11f05b07adfab0\"}\n";
    CSI_NAMESPACES = Error "csi-namespaces":
        "A persistent volume is bound by one claim, and a claim is in one namespace: so each namespace needs its own.",
        "    pods: {jars: [etl-1.4.2.jar]}\n"
        => "    pods: {namespaces: [spark-team-a], jars: [etl-1.4.2.jar]}\n";
    CSI_CREDENTIALS = Error "csi-credentials":
        "With `credentials: pod` the driver reads with the role of the pod's service account, and needs to know which.",
        "    pods: {namespaces: [spark-team-a]}\n"
        => "    pods: {namespaces: [spark-team-a], service-account: spark}\n";
    CSI_OPTION = Error "csi-option":
        "The driver runs mount-s3 in a pod of its own. Some options have no sense there, and the driver refuses them when a pod starts, or ignores them.",
        "        options: {log-directory: /var/log/mount-s3}\n"
        => "        options: {debug: true}\n";
    CSI_VERSION = Error "csi-version":
        "s3boot writes volumes for version 2 of the driver. Version 1 mounted on the host, and took other attributes.",
        "csi: {version: 1.14.0}\n"
        => "csi: {version: v2.7.0-eksbuild.1}\n";
    SERVICE_ACCOUNT = Error "service-account":
        "A service account has the name of a Kubernetes object.",
        "    pods: {namespaces: [spark-team-a], service-account: Spark_Jobs}\n"
        => "    pods: {namespaces: [spark-team-a], service-account: spark-jobs}\n";
    CACHE_VOLUME = Error "cache-volume":
        "A cache on a volume is the CSI driver's: it asks a storage class for an ephemeral volume for each mount.",
        "        cache: {on: volume, size: 20Gi}\n"
        => "        cache: {on: volume, size: 20Gi, storage-class: gp3}\n";
    STORAGE_CLASS = Error "storage-class":
        "A storage class has the name of a Kubernetes object.",
        "        cache: {on: volume, size: 20Gi, storage-class: GP3}\n"
        => "        cache: {on: volume, size: 20Gi, storage-class: gp3}\n";
    INSTALL_DISTRIBUTION = Error "install-distribution":
        "Only Amazon Linux 2023 has mount-s3 in its repository. Elsewhere the release is installed, its signature checked.",
        "install: {from: distribution}\n"
        => "install: {from: release}\n";
    FAMILY_RETIRED = Warning "family-retired":
        "Amazon Linux 2 gets no more updates, and EKS has no AMI of it for Kubernetes 1.33 and later. An AMI of your own still works.",
        "    ami: {family: al2, id: ami-0123456789abcdef0}\n"
        => "    ami: al2023@v20260724\n";
    AMI_MISSING = Error "ami-missing":
        "Nodes need an AMI, and a default would be another one after every update of s3boot.",
        "    arch: [amd64, arm64]\n"
        => "    ami: al2023@v20260724\n    arch: [amd64, arm64]\n";
    AMI_SYNTAX = Error "ami-syntax":
        "An AMI is named by family and version, as Karpenter's alias is.",
        "    ami: al2023@20260724\n"
        => "    ami: al2023@v20260724\n";
    AMI_TERMS = Error "ami-terms":
        "An AMI of your own is found by exactly one of id, name and tags.",
        "    ami: {family: al2023, name: \"acme-node-*\", tags: {team: data}}\n"
        => "    ami: {family: al2023, name: \"acme-node-*\", owner: self}\n";
    AMI_UNPINNED = Warning "ami-unpinned":
        "With `@latest` every node is replaced when AWS publishes an AMI. Karpenter's own docs advise against it in production.",
        "    ami: al2023@latest\n"
        => "    ami: al2023@v20260724\n";
    UNKNOWN_FAMILY = Error "unknown-family":
        "s3boot knows what an AMI family can do, and has to know this one.",
        "    ami: al2032@v20260724\n"
        => "    ami: al2023@v20260724\n";
    FAMILY_REFUSED = Error "family-refused":
        "On this family mount-s3 cannot run on the host. s3boot refuses it instead of rendering nodes without their mount.",
        "    ami: bottlerocket@v1.50.0\n"
        => "    ami: al2023@v20260724\n";
    ARCH_AMI = Error "arch-ami":
        "An AMI is built for one architecture. A node of the other would not boot.",
        "    ami: {family: al2023, id: ami-0123456789abcdef0}\n"
        => "    ami: {family: al2023, name: \"acme-node-*\", owner: self}\n";
    ARCH_FAMILIES = Error "arch-families":
        "A family has one architecture. One that the class does not run on is never launched, and an architecture without a family is never found.",
        "    nodes: {families: [r6id, m7i], capacity: [spot, on-demand]}\n"
        => "    nodes: {families: [r6id, m7gd], capacity: [spot, on-demand]}\n";
    DUPLICATE_ARCH = Error "duplicate-arch":
        "Each architecture is listed once.",
        "    arch: [amd64, arm64, amd64]\n"
        => "    arch: [amd64, arm64]\n";
    EMPTY_LIST = Error "empty-list":
        "An empty list of zones, types or families fits no node. Leaving the key out means any.",
        "    nodes: {families: [r6id, m7gd], capacity: []}\n"
        => "    nodes: {families: [r6id, m7gd]}\n";
    JOIN_AFTER = Error "join-after":
        "`join-after` bounds the wait of `on-failure: join`. Karpenter deletes a node that has not registered after 15 minutes.",
        "    join-after: 20m\n"
        => "    join-after: 5m\n";
    NAMESPACE = Error "namespace":
        "A namespace is a DNS label.",
        "    pods: {namespaces: [spark_team_a]}\n"
        => "    pods: {namespaces: [spark-team-a]}\n";
    JAR_GLOB = Error "jar-glob":
        "Spark does not expand patterns of `local://` files: it warns and loads nothing, and the job fails much later with ClassNotFoundException.",
        "    pods: {namespaces: [spark-team-a], jars: [\"*.jar\"]}\n"
        => "    pods: {namespaces: [spark-team-a], jars: [etl-1.4.2.jar]}\n";
    JAR_PATH = Error "jar-path":
        "JARs are named by their path below the class's first mount.",
        "    pods: {namespaces: [spark-team-a], jars: [\"s3a://acme-spark-jars/etl-1.4.2.jar\"]}\n"
        => "    pods: {namespaces: [spark-team-a], jars: [etl-1.4.2.jar]}\n";
    JAR_TWICE = Error "jar-twice":
        "A JAR that is listed twice is copied twice by every executor.",
        "    pods: {namespaces: [spark-team-a], jars: [etl-1.4.2.jar, etl-1.4.2.jar]}\n"
        => "    pods: {namespaces: [spark-team-a], jars: [etl-1.4.2.jar]}\n";
    CLASS_PATH = Error "class-path":
        "A JAR on the class path of the JVM is one of `jars`, which says where it is; so is the one with the class to run.",
        "    pods: {namespaces: [spark-team-a], jars: [etl-1.4.2.jar], class-path: [hadoop-aws-3.4.1.jar]}\n"
        => "    pods: {namespaces: [spark-team-a], jars: [etl-1.4.2.jar, hadoop-aws-3.4.1.jar], class-path: [hadoop-aws-3.4.1.jar]}\n";
    SPARK_VALUE = Error "spark-value":
        "Image, version and class of a Spark application are one word each.",
        "    pods: {jars: [etl-1.4.2.jar], spark: {main-class: com example Etl}}\n"
        => "    pods: {jars: [etl-1.4.2.jar], spark: {main-class: com.example.Etl}}\n";
    NO_MOUNTS = Error "no-mounts":
        "A class without mounts has nothing that its pods would need its nodes for.",
        "    mounts: []\n"
        => "    mounts: [{name: jars, bucket: acme-spark-jars}]\n";
    MOUNT_NAME = Error "mount-name":
        "The name becomes a directory, a file and a systemd instance: a DNS label needs no escaping in any of them.",
        "      - name: my jars\n"
        => "      - name: my-jars\n";
    DUPLICATE_MOUNT = Error "duplicate-mount":
        "The name of a mount is its systemd unit.",
        "      - name: jars\n        bucket: acme-more-jars\n"
        => "      - name: more-jars\n        bucket: acme-more-jars\n";
    MOUNT_PATH = Error "mount-path":
        "A mount point is an absolute path of plain characters, so that shell, systemd and kubelet read it alike.",
        "        path: mnt/s3/jars\n"
        => "        path: /mnt/s3/jars\n";
    MOUNT_PATH_SYSTEM = Error "mount-path-system":
        "A mount there would hide files that the node needs, or be hidden by them.",
        "        path: /usr/share/jars\n"
        => "        path: /opt/s3/jars\n";
    MOUNT_PATH_TOP = Error "mount-path-top":
        "Pods mount the parent of a mount point, so that they see the mount come back after a crash. The parent of a directory below `/` is the whole node.",
        "        path: /jars\n"
        => "        path: /mnt/jars\n";
    MOUNT_PATH_OVERLAP = Error "mount-path-overlap":
        "A mount point in another mount is a directory in a bucket, which mount-s3 cannot keep.",
        "        path: /mnt/s3/jars/more\n"
        => "        path: /mnt/s3/more\n";
    BUCKET_NAME = Error "bucket-name":
        "Buckets are named by S3's rules: 3 to 63 of a-z, 0-9, `.` and `-`. mount-s3 takes more, and fails at boot.",
        "        bucket: Acme_Spark_Jars\n"
        => "        bucket: acme-spark-jars\n";
    BUCKET_RESERVED = Error "bucket-reserved":
        "S3 keeps some beginnings and ends of names: no bucket of yours can have them.",
        "        bucket: xn--acme-jars\n"
        => "        bucket: acme-spark-jars\n";
    BUCKET_URL = Error "bucket-url":
        "The bucket and the prefix are two keys, so that each is checked, and the policy is made from both.",
        "        bucket: s3://acme-spark-jars/releases/2026-11/\n"
        => "        bucket: acme-spark-jars\n        prefix: releases/2026-11/\n";
    BUCKET_ARN = Error "bucket-arn":
        "Only access points are named by ARN; a bucket is named by its name.",
        "        bucket: arn:aws:s3:::acme-spark-jars\n"
        => "        bucket: acme-spark-jars\n";
    BUCKET_PARTITION = Error "bucket-partition":
        "Credentials are valid in one partition of AWS only.",
        "        bucket: arn:aws-cn:s3:cn-north-1:111122223333:accesspoint/jars\n"
        => "        bucket: arn:aws:s3:us-west-2:111122223333:accesspoint/jars\n";
    BUCKET_REGION = Error "bucket-region":
        "mount-s3 does not follow a redirect when its region is given: it ends with \"Wrong region\".",
        "        bucket: arn:aws:s3:eu-west-1:111122223333:accesspoint/jars\n"
        => "        bucket: arn:aws:s3:eu-west-1:111122223333:accesspoint/jars\n        region: eu-west-1\n";
    PREFIX_END = Error "prefix-end":
        "mount-s3 refuses a prefix that does not end in `/`.",
        "        prefix: releases/2026-11\n"
        => "        prefix: releases/2026-11/\n";
    PREFIX_START = Error "prefix-start":
        "Keys in S3 do not begin with `/`. mount-s3 accepts it, and shows an empty directory.",
        "        prefix: /releases/2026-11/\n"
        => "        prefix: releases/2026-11/\n";
    PREFIX_PARTS = Error "prefix-parts":
        "Such a prefix is accepted and finds nothing: the mount works, and is empty.",
        "        prefix: releases//2026-11/\n"
        => "        prefix: releases/2026-11/\n";
    PREFIX_WILDCARD = Error "prefix-wildcard":
        "`*` and `?` are wildcards in the policy and `${…}` is a variable there: the node could read more than the mount shows.",
        "        prefix: releases/*/\n"
        => "        prefix: releases/\n";
    KMS_KEY = Error "kms-key":
        "A policy names a KMS key by its ARN: permissions on an alias do not give access to its key.",
        "        kms-key: alias/spark\n"
        => "        kms-key: arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab\n";
    QUANTITY = Error "quantity":
        "Kubernetes writes `Gi`, not `GB` and not `GiB`.",
        "        cache: {on: instance-store, size: 20GB}\n"
        => "        cache: {on: instance-store, size: 20Gi}\n";
    CACHE_SIZE = Error "cache-size":
        "mount-s3 counts its cache in MiB and keeps blocks of 1 MiB.",
        "        cache: {on: instance-store, size: 1Mi}\n"
        => "        cache: {on: instance-store, size: 1Gi}\n";
    CACHE_NO_NVME = Error "cache-no-nvme":
        "Without an instance store the cache would go to the root volume and fill it: kubelet then evicts pods.",
        "    nodes: {families: [r6i]}\n"
        => "    nodes: {families: [r6id]}\n";
    CACHE_FILLS_ROOT = Error "cache-fills-root":
        "kubelet evicts pods from a root volume that is 90 % full. The system and images take about 10 GiB of it.",
        "        cache: {on: root, size: 50Gi}\n"
        => "        cache: {on: root, size: 4Gi}\n";
    CACHE_ON_OUTPUT = Error "cache-on-output":
        "mount-s3 does not put what it writes into the cache.",
        "        cache: {on: root, size: 4Gi}\n"
        => "        # no cache\n";
    FALLBACK_ON_ROOT = Error "fallback-on-root":
        "`root-fallback` is for caches whose disk may be missing.",
        "        cache: {on: root, size: 4Gi, root-fallback: 2Gi}\n"
        => "        cache: {on: root, size: 4Gi}\n";
    UNKNOWN_OPTION = Error "unknown-option":
        "mount-s3 ends with exit code 2 on an option that it does not know, and the node never joins.",
        "        options: {negative-ttl: 30}\n"
        => "        options: {negative-metadata-ttl: 30}\n";
    OPTION_MANAGED = Error "option-managed":
        "The option has a key of its own in the manifest, where more is checked, or s3boot's units depend on it.",
        "        options: {read-only: true}\n"
        => "        mode: read-only\n";
    OPTION_VALUE = Error "option-value":
        "mount-s3 ends with exit code 2 on a value that it does not take.",
        "        options: {file-mode: \"0888\"}\n"
        => "        options: {file-mode: \"0444\"}\n";
    OPTION_CONFLICT = Error "option-conflict":
        "mount-s3 does not take these two together.",
        "        options: {part-size: 8388608, read-part-size: 16777216}\n"
        => "        options: {read-part-size: 16777216}\n";
    OPTION_REQUIRES = Error "option-requires":
        "mount-s3 does not take this option alone.",
        "        options: {otlp-export-interval: 30}\n"
        => "        options: {otlp-export-interval: 30, otlp-endpoint: \"http://localhost:4318\"}\n";
    OPTION_SINCE = Error "option-since":
        "The version that nodes get does not know the option: it would end with exit code 2.",
        "        options: {ca-bundle: /etc/pki/acme.pem}\n"
        => "        options: {profile: acme}\n";
    WRITE_OPTION_READ_ONLY = Error "write-option-read-only":
        "mount-s3 accepts options for writers on a read-only mount silently, and they do nothing.",
        "        options: {allow-delete: true}\n"
        => "        mode: read-write\n        options: {allow-delete: true}\n";
    OPTION_BUCKET = Error "option-bucket":
        "The option does not fit this kind of bucket. mount-s3 accepts some of these silently: appending to a general purpose bucket truncates the file.",
        "        options: {incremental-upload: true}\n"
        => "        options: {allow-overwrite: true}\n";
    SSE_KEY = Error "sse-key":
        "With AES256 S3 has the key; mount-s3 refuses another at boot.",
        "        options: {sse: AES256, sse-kms-key-id: \"arn:aws:kms:us-west-2:111122223333:key/1234abcd\"}\n"
        => "        options: {sse: \"aws:kms\", sse-kms-key-id: \"arn:aws:kms:us-west-2:111122223333:key/1234abcd\"}\n";
    STALE_NAMES = Warning "stale-names":
        "How long it is kept that a file does NOT exist follows `metadata-ttl`. With `indefinite`, a job that looks too early never sees its file.",
        "        options: {metadata-ttl: indefinite}\n"
        => "        options: {metadata-ttl: indefinite, negative-metadata-ttl: 60}\n";
    INSTANCE_FAMILY = Error "instance-family":
        "Karpenter finds no instance of a family that does not exist, and launches nothing.",
        "    nodes: {families: [r6id.4xlarge]}\n"
        => "    nodes: {types: [r6id.4xlarge]}\n";
    INSTANCE_TYPE = Error "instance-type":
        "Karpenter finds no instance of a type that does not exist, and launches nothing.",
        "    nodes: {types: [r6id-4xlarge]}\n"
        => "    nodes: {types: [r6id.4xlarge]}\n";
    ZONE = Error "zone":
        "Zones belong to the region: a subnet is in one of them.",
        "    nodes: {families: [r6id, m7gd], zones: [eu-west-1a]}\n"
        => "    nodes: {families: [r6id, m7gd], zones: [us-west-2a]}\n";
    DIRECTORY_BUCKET_FAR = Warning "directory-bucket-far":
        "A directory bucket is in one zone. Nodes in another read it slowly, and pay for the traffic.",
        "        bucket: acme-hot--usw2-az1--x-s3\n"
        => "        bucket: acme-hot\n";
    ROOT_VOLUME = Error "root-volume":
        "The API takes whole GiB. The volume has to hold the AMI's snapshot.",
        "    nodes: {families: [r6id, m7gd], root-volume: 1500Mi}\n"
        => "    nodes: {families: [r6id, m7gd], root-volume: 50Gi}\n";
    DURATION = Error "duration":
        "Karpenter reads durations as Go writes them: hours, minutes, seconds. There are no days.",
        "    nodes: {families: [r6id, m7gd], expire-after: 30d}\n"
        => "    nodes: {families: [r6id, m7gd], expire-after: 720h}\n";
    WEIGHT = Error "weight":
        "A NodePool's weight is 1 to 100; none is 0.",
        "    nodes: {families: [r6id, m7gd], weight: 0}\n"
        => "    nodes: {families: [r6id, m7gd], weight: 10}\n";
    LIMIT = Error "limit":
        "A limit is a Kubernetes quantity.",
        "    nodes: {families: [r6id, m7gd], limits: {cpu: many}}\n"
        => "    nodes: {families: [r6id, m7gd], limits: {cpu: 1000}}\n";
    LABEL_KEY = Error "label-key":
        "The API server takes any key here. Karpenter then finds it wrong, and ignores the whole NodePool.",
        "    nodes: {families: [r6id, m7gd], labels: {\"team name\": data}}\n"
        => "    nodes: {families: [r6id, m7gd], labels: {team-name: data}}\n";
    LABEL_VALUE = Error "label-value":
        "A label's value has at most 63 of A-Z, a-z, 0-9, `-`, `_` and `.`. An empty one has to be left out.",
        "    nodes: {families: [r6id, m7gd], labels: {team: \"data & ai\"}}\n"
        => "    nodes: {families: [r6id, m7gd], labels: {team: data-ai}}\n";
    RESTRICTED_LABEL = Error "restricted-label":
        "Karpenter sets these labels itself. A NodePool that sets one is never ready, without an error at apply.",
        "    nodes: {families: [r6id, m7gd], labels: {karpenter.sh/nodepool: jars}}\n"
        => "    nodes: {families: [r6id, m7gd], labels: {example.com/pool: jars}}\n";
    PAIRING_SHADOWED = Error "pairing-shadowed":
        "The key of the pairing says which class a node belongs to. A second one would say something else.",
        "    nodes: {families: [r6id, m7gd], labels: {s3boot.dev/class: other}}\n"
        => "    nodes: {families: [r6id, m7gd], labels: {example.com/class: other}}\n";
    DUPLICATE_TAINT = Error "duplicate-taint":
        "Karpenter keeps `taints` and `startup-taints` in one map by key and effect. A second entry makes the NodePool never ready.",
        "    nodes: {families: [r6id, m7gd], taints: [{key: gpu, effect: NoSchedule}, {key: gpu, value: a, effect: NoSchedule}]}\n"
        => "    nodes: {families: [r6id, m7gd], taints: [{key: gpu, effect: NoSchedule}, {key: gpu, value: a, effect: NoExecute}]}\n";
    REQUIREMENT_VALUES = Error "requirement-values":
        "The API server does not check the values; Karpenter does, later, and ignores the NodePool.",
        "    nodes: {families: [r6id, m7gd], requirements: [{key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: [4, 8]}]}\n"
        => "    nodes: {families: [r6id, m7gd], requirements: [{key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: [4]}]}\n";
    TAG = Error "tag":
        "Karpenter and EKS find their instances by these tags.",
        "    nodes: {families: [r6id, m7gd], tags: {\"kubernetes.io/cluster/analytics\": owned}}\n"
        => "    nodes: {families: [r6id, m7gd], tags: {team: data}}\n";
    PATCH_TARGET = Error "patch-target":
        "A patch changes a document that s3boot generates. This one it does not.",
        "    patch: {karpenter: {Nodepool: {spec: {weight: 10}}}}\n"
        => "    patch: {karpenter: {NodePool: {spec: {weight: 10}}}}\n";
    PATCH_SHAPE = Error "patch-shape":
        "A patch is merged over a mapping, so it is one (RFC 7396).",
        "    patch: {karpenter: {NodePool: [spec]}}\n"
        => "    patch: {karpenter: {NodePool: {spec: {weight: 10}}}}\n";
    PATCH_IDENTITY = Error "patch-identity":
        "Other objects refer to these fields, or the manifest has a key that is checked.",
        "    patch: {karpenter: {NodePool: {metadata: {name: other}}}}\n"
        => "    patch: {karpenter: {NodePool: {metadata: {annotations: {team: data}}}}}\n";
    PATCH_PAIRING = Error "patch-pairing":
        "Without its taint and its label a node takes pods that are not of its class, or none at all. A list in a patch replaces the whole list.",
        "    patch: {karpenter: {NodePool: {spec: {template: {spec: {taints: [{key: gpu, effect: NoSchedule}]}}}}}}\n"
        => "    nodes: {families: [r6id, m7gd], taints: [{key: gpu, effect: NoSchedule}]}\n";
    USERDATA_TOO_LARGE = Error "userdata-too-large":
        "EC2 takes 16,384 bytes of user data, and Karpenter adds its own part of up to 4 KiB to it.",
        ""
        => "";
    TEMPLATE_UNKNOWN = Error "template-unknown":
        "A file in the templates directory has a name that no template has: it would never be used.",
        ""
        => "";
    TEMPLATE_VERSION = Error "template-version":
        "A template was ejected from another version of s3boot: the values that it is given have changed since.",
        "{#- s3boot template: context 0. -#}\n"
        => "{#- s3boot template: context 1. -#}\n";
    TEMPLATE_SYNTAX = Error "template-syntax":
        "The template is not valid minijinja.",
        "echo {{ class.name\n"
        => "echo {{ class.name }}\n";
    TEMPLATE_UNDEFINED = Error "template-undefined":
        "The template uses a value that it is not given. An empty one in its place could mount the wrong bucket.",
        "echo {{ klass.name }}\n"
        => "echo {{ class.name }}\n";
    TEMPLATE_VALUE = Error "template-value":
        "A value of this type has no form in the language of the template: a mapping is no shell word.",
        "echo {{ class }}\n"
        => "echo {{ class.name }}\n";
}

/// Every code, of manifests, of pods and of accounts.
pub fn all() -> impl Iterator<Item = &'static Code> {
    CODES.iter().chain(crate::land::code::CODES).chain(crate::preflight::code::CODES).copied()
}

/// The code of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    all().find(|code| code.name == name)
}
