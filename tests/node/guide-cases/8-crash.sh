# mount-s3 is killed: the bucket comes back to a running pod, which saw an error meanwhile
# user-data: guide jars
# node: whole-mnt
boot1() {
  expect 60 "kubelet starts" kubelet_runs
  expect 5 "a pod sees the bucket" pod_sees s3=files
  pkill -9 -f '[/ ]mount-s3 .*acme-spark-jars'
  expect 10 "it sees an error" pod_sees s3=error
  expect 30 "it sees the bucket again" pod_sees s3=files
}
