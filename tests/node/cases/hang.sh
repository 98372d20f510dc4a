# mount-s3 is stopped and answers nothing: the watch restarts it, S3 being fine
# user-data: two-teams team-fraud
# console: jars hangs and S3 does not: restarting it
boot1() {
  good_boot jars results
  systemctl kill -s STOP s3boot@jars
  expect 10 "a pod hangs" pod_sees jars=hang
  stays 120 jars results
}
