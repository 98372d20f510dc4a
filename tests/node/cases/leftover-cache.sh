# A crash leaves a large cache: it is moved away, and deleted in the background
# user-data: two-teams team-fraud
boot1() {
  good_boot jars results
  mkdir -p /var/cache/s3boot/jars/mountpoint-cache/x
  (cd /var/cache/s3boot/jars/mountpoint-cache/x && seq 3000 | xargs touch)
  systemctl kill -s KILL s3boot@jars
  expect 10 "a pod sees an error" pod_saw jars=error
  stays 20 jars results
  expect 30 "the old cache is deleted" not ls /var/cache/s3boot/jars/old.*
}
