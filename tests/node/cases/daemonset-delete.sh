# `unmount: on-delete`: the DaemonSet is deleted, and with it all that it put on the node; kubelet goes on
# daemonset: static-nodes reports
boot1() {
  api
  expect 60 "kubelet runs" kubelet_runs
  pod 1
  expect 60 "the pod is ready" pod_is_ready
  rm /run/bench/api/daemonset
  pod_ends
  expect 20 "nothing is mounted" not findmnt -M /mnt/s3/jars
  expect 0 "no unit is left" test -z "$(systemctl list-units --all --plain --no-legend 's3boot*' | grep -v not-found)"
  expect 0 "no file is left" test -z "$(find /etc /usr/local/bin /run -name '*s3boot*' ! -path '/run/bench/*')"
  expect 0 "no process is left" not pgrep mount-s3
  expect 0 "kubelet was not touched" kubelet_started_once
  sleep 5
  expect 0 "kubelet runs" kubelet_runs
}
boot2() {
  expect 60 "kubelet starts without a gate" kubelet_runs
  expect 0 "nothing is mounted" not findmnt -M /mnt/s3/jars
}
