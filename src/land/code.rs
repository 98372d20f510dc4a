//! The codes of `s3boot land`: as those of the manifest, and `tests/land/<name>.yaml` has each one's `wrong`, where it is
//! the only fault; with `right` in its place there is none.

use crate::diagnostic::codes;

codes! { CODES "Every code of pods, from what the API refuses to what Spark makes of them.";
    POD_REFUSED = Error "pod-refused":
        "The API server refuses the pod, or with lenient validation drops the field: then the pod lands where it should not.",
        "        - {key: s3boot.dev/class, operator: equal, value: spark-jars, effect: NoSchedule}\n"
        => "        - {key: s3boot.dev/class, operator: Equal, value: spark-jars, effect: NoSchedule}\n";
    POD_ESCAPES = Error "pod-escapes":
        "A toleration only permits. Without a node selector that confines it, the pod may land where its bucket is not mounted, and read an empty directory there.",
        "      nodeSelector: {kubernetes.io/os: linux}\n"
        => "      nodeSelector: {s3boot.dev/class: spark-jars}\n";
    POD_STUCK = Error "pod-stuck":
        "No node of the class takes the pod: it waits for ever, and Karpenter makes no node for it.",
        "        - {key: s3boot.dev/class, operator: Equal, value: spark-jar, effect: NoSchedule}\n"
        => "        - {key: s3boot.dev/class, operator: Equal, value: spark-jars, effect: NoSchedule}\n";
    POD_INTRUDES = Error "pod-intrudes":
        "A pod of another kind tolerates the taint of the class, and takes the place and the network of those that the nodes are for.",
        "        - {operator: Exists}\n"
        => "        - {key: example.com/batch, operator: Exists}\n";
    POD_NODE_NAME = Error "pod-node-name":
        "`nodeName` goes around the scheduler: neither taints nor selectors keep the pod away from a node without its bucket.",
        "      nodeName: ip-10-0-0-1\n"
        => "      priority: 0\n";
    POD_SCHEDULER = Warning "pod-scheduler":
        "Another scheduler decides, and may have other rules. `YuniKorn`, for one, makes placeholders of what the application's fields say, not its template.",
        "      schedulerName: yunikorn\n"
        => "      schedulerName: default-scheduler\n";
    POD_GATED = Warning "pod-gated":
        "With a scheduling gate the pod waits until something removes it.",
        "      schedulingGates: [{name: example.com/wait}]\n"
        => "      schedulingGates: []\n";
    MOUNT_ONE_ROLE = Error "mount-one-role":
        "The driver and the executors are pods of their own: where only one of them mounts the bucket, the other finds no file.",
        "  executor: {cores: 1, volumeMounts: [], tolerations: [{key: s3boot.dev/class, operator: Equal, value: spark-jars, effect: NoSchedule}], nodeSelector: {s3boot.dev/class: spark-jars}}\n"
        => "  executor: {cores: 1, volumeMounts: [{name: s3, mountPath: /mnt/s3, mountPropagation: HostToContainer}], tolerations: [{key: s3boot.dev/class, operator: Equal, value: spark-jars, effect: NoSchedule}], nodeSelector: {s3boot.dev/class: spark-jars}}\n";
    MOUNT_WITHOUT_VOLUME = Error "mount-without-volume":
        "The Spark operator skips a mount whose volume it does not find, without a word. The API server refuses such a pod.",
        "            - {name: s4, mountPath: /mnt/s3, mountPropagation: HostToContainer}\n"
        => "            - {name: s3, mountPath: /mnt/s3, mountPropagation: HostToContainer}\n";
    MOUNT_PROPAGATION = Error "mount-propagation":
        "Without `HostToContainer` a pod that runs already sees neither the first mount nor one that came back after a crash.",
        "            - {name: s3, mountPath: /mnt/s3}\n"
        => "            - {name: s3, mountPath: /mnt/s3, mountPropagation: HostToContainer}\n";
    HOST_PATH_MOUNT_POINT = Error "host-path-mount-point":
        "A pod that has the mount point itself keeps the dead mount after a crash, with any propagation. The parent directory shows the new one.",
        "          hostPath: {path: /mnt/s3/jars, type: Directory}\n"
        => "          hostPath: {path: /mnt/s3, type: Directory}\n";
    HOST_PATH_CREATE = Error "host-path-create":
        "`DirectoryOrCreate` makes an empty directory on the root volume where the mount is missing: the pod starts, and finds nothing.",
        "          hostPath: {path: /mnt/s3, type: DirectoryOrCreate}\n"
        => "          hostPath: {path: /mnt/s3, type: Directory}\n";
    JAR_LOCAL_GLOB = Error "jar-local-glob":
        "Spark does not expand patterns of `local://` files: it warns and loads nothing.",
        "  deps: {jars: [\"local:///mnt/s3/jars/*.jar\"]}\n"
        => "  deps: {jars: [\"local:///mnt/s3/jars/etl-1.4.2.jar\"]}\n";
    JAR_FILE_SCHEME = Error "jar-file-scheme":
        "In cluster mode `file://` is resolved where spark-submit runs, in the operator: it fails, or finds nothing and says nothing.",
        "  deps: {jars: [\"file:///mnt/s3/jars/etl-1.4.2.jar\"]}\n"
        => "  deps: {jars: [\"local:///mnt/s3/jars/etl-1.4.2.jar\"]}\n";
    CLASS_PATH_RELATIVE = Error "class-path-relative":
        "A relative class path is looked for in Spark's work directory, and what is not there is left out without a word.",
        "  sparkConf: {spark.driver.extraClassPath: \"mnt/s3/jars/*\"}\n"
        => "  sparkConf: {spark.driver.extraClassPath: \"/mnt/s3/jars/*\"}\n";
    CLASS_PATH_PATTERN = Error "class-path-pattern":
        "Java expands `dir/*` to the JARs in it, and nothing else: `dir/*.jar` is empty, and `dir` is a directory of classes.",
        "  sparkConf: {spark.driver.extraClassPath: \"/mnt/s3/jars/*.jar\"}\n"
        => "  sparkConf: {spark.driver.extraClassPath: \"/mnt/s3/jars/*\"}\n";
    VOLUME_SPARK_LOCAL = Error "volume-spark-local":
        "Spark takes volumes named `spark-local-dir-…` for its scratch space: it would shuffle onto the bucket.",
        "  volumes: [{name: s3, hostPath: {path: /mnt/s3, type: Directory}}, {name: spark-local-dir-1, hostPath: {path: /mnt/s3, type: Directory}}]\n"
        => "  volumes: [{name: s3, hostPath: {path: /mnt/s3, type: Directory}}]\n";
    SELECTOR_TWICE = Error "selector-twice":
        "The operator refuses an application that has a node selector for itself and another for a role.",
        "  nodeSelector: {s3boot.dev/class: spark-jars}\n"
        => "  sparkVersion: 4.0.1\n";
    NAMESPACE_RESTRICTED = Error "namespace-restricted":
        "Pod security `baseline` and `restricted` forbid hostPath: the API server refuses the pod when it is made.",
        "    pod-security.kubernetes.io/enforce: restricted\n"
        => "    pod-security.kubernetes.io/enforce: privileged\n";
    NODE_UNPAIRED = Error "node-unpaired":
        "A node with the label of a class and without its taint takes every pod; nothing says that the bucket is mounted on it.",
        "  taints: []\n"
        => "  taints: [{key: s3boot.dev/class, value: spark-jars, effect: NoSchedule}]\n";
}
