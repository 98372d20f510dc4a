# The cache is on the instance store, which is set up before it is used, and once
# user-data: spark-jars spark-jars
# node: nvme raid0
boot1() {
  good_boot jars
  expect 0 "the cache is on it" test -d /mnt/k8s-disks/0/s3boot/jars/mountpoint-cache
  expect 0 "it was set up once" test "$(wc -l </var/log/setup-local-disks)" = 1
}
