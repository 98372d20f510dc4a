# mount-s3 is killed: pods see their files again, kubelet is not touched
# user-data: two-teams team-fraud
boot1() {
  good_boot jars results
  systemctl kill -s KILL s3boot@jars
  expect 10 "a pod sees an error" pod_saw jars=error
  stays 30 jars results
}
