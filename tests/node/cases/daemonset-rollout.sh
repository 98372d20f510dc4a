# A rollout: a mount with new settings is started again, one that is gone leaves, a new one comes, and the other is let be
# daemonset: static-nodes reports
# daemonset: static-later reports
boot1() {
  api
  expect 60 "kubelet runs" kubelet_runs
  pod 1
  expect 60 "the pod is ready" pod_is_ready
  local kept changed; kept=$(mount_pid jars) changed=$(mount_pid archive)
  expect 5 "running pods see the files" pod_sees jars=files archive=files
  pod_ends
  pod 2
  expect 60 "the pod is ready" pod_is_ready
  expect 10 "the new mount is there" pod_sees extra=files jars=files archive=files
  expect 0 "what did not change was not touched" test "$kept" = "$(mount_pid jars)"
  expect 0 "what did was started again" not test "$changed" = "$(mount_pid archive)"
  pod_ends
  pod 1
  expect 60 "back again" pod_is_ready
  expect 20 "what is gone left its place" not findmnt -M /mnt/s3/extra
  expect 0 "and no process" not pgrep -f /run/s3boot/extra
  expect 0 "kubelet was not touched" kubelet_started_once
}
