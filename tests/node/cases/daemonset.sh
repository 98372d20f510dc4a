# A DaemonSet on a node that runs: mounted, the last taint lifted; the pod dies, and the mounts stay, also over a reboot
# daemonset: static-nodes reports
early2() { :; }
boot1() {
  api; touch /run/bench/api/busy
  expect 60 "kubelet runs, and knows nothing of this" kubelet_runs
  s3 503; pod 1
  never 20 "the taint stays while nothing is mounted" not tainted s3boot.dev/not-mounted
  expect 0 "the pod is not ready" not pod_is_ready
  stares; s3 ok
  expect 60 "the pod is ready" pod_is_ready
  expect 5 "running pods see the files" pod_sees jars=files archive=files
  expect 0 "nothing was empty for a moment" saw_all_there
  expect 15 "the taint is lifted, although another was quicker once" not tainted s3boot.dev/not-mounted
  expect 0 "the taint of the class stays" tainted s3boot.dev/class
  expect 0 "the taint of the other stays" tainted example.com/other
  local pid; pid=$(mount_pid jars)
  expect 0 "mount-s3 is in the cgroup of its unit" grep -q 's3boot@jars.service' "/proc/$pid/cgroup"
  pod_dies
  stays 5 jars archive
  expect 0 "the mounts were not touched" test "$pid" = "$(mount_pid jars)"
  pod 1
  expect 20 "the pod is ready again" pod_is_ready
  pod_ends
  stays 5 jars archive
  expect 0 "nor by a rollout" test "$pid" = "$(mount_pid jars)"
  expect 0 "no unit failed" no_failed_unit
}
boot2() { good_boot jars archive; }
