# mount-s3 hangs: the bucket comes back
# user-data: guide jars
# node: whole-mnt
boot1() {
  expect 60 "kubelet starts" kubelet_runs
  expect 5 "a pod sees the bucket" pod_sees s3=files
  pkill -STOP -f '[/ ]mount-s3 .*acme-spark-jars'
  expect 10 "it hangs" pod_sees s3=hang
  expect 120 "it sees the bucket again" pod_sees s3=files
}
