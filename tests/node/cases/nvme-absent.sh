# There is no instance store for the cache: a clear failure, and root is not filled
# user-data: spark-jars spark-jars
# node: raid0
# console: s3boot: jars caches on an instance store, and there is none
boot1() {
  never 25 "kubelet does not start" kubelet_runs
  expect 0 "nothing is cached on root" not test -e /mnt/k8s-disks
}
