# on-failure: join: kubelet starts after its wait without the mount, and finds it when it comes
# user-data: join impatient
# console: events is not mounted after 3\d s: kubelet starts WITHOUT it
early1() { s3 missing; later 50 s3 ok; }
early2() { s3 missing; later 40 s3 ok; }
boot1() {
  never 25 "kubelet waits" kubelet_runs
  expect 20 "kubelet starts" kubelet_runs
  expect 60 "kubelet sees the mount when it comes" kubelet_sees events=files
  expect 5 "so does a pod" pod_sees events=files
  expect 0 "kubelet was not touched" kubelet_started_once
}
boot2() {
  expect 40 "kubelet starts" kubelet_runs
  expect 60 "kubelet sees the mount when it comes" kubelet_sees events=files
  expect 5 "so does a pod" pod_sees events=files
  expect 0 "no pod saw an empty directory" not pod_saw events=empty
}
