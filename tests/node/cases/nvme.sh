# The cache is on the instance store, which is set up before it is used, and by nobody else at the same time
# user-data: spark-jars spark-jars
# node: nvme raid0
set_up_once() { [ "$(cat /var/log/setup-local-disks)" = "set up" ]; }
boot1() {
  good_boot jars
  expect 0 "the cache is on it" test -d /mnt/k8s-disks/0/s3boot/jars/mountpoint-cache
  expect 0 "it was set up once, by one" set_up_once
}
early2() { rm /var/log/setup-local-disks; }
boot2() {
  good_boot jars
  expect 0 "the cache is on the new disks" test -d /mnt/k8s-disks/0/s3boot/jars/mountpoint-cache
  expect 0 "they were set up once, by one" set_up_once
}
