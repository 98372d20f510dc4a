# A reboot while S3 is down: kubelet waits for it
# user-data: two-teams team-fraud
early2() { s3 refuse; later 35 s3 ok; }
boot1() { good_boot jars results; }
boot2() {
  never 30 "kubelet waits" kubelet_runs
  good_boot jars results
}
