# `unmount: on-delete`: everything is deleted at once, the ServiceAccount first, also what never mounted; refused for a moment only, the mounts stay
# daemonset: static-nodes reports
asked() { [ "$(grep -c 'daemonsets/s3boot-reports 200' /run/bench/api/log)" -ge "$1" ]; }
boot1() {
  api
  expect 60 "kubelet runs" kubelet_runs
  pod 1
  expect 60 "the pod is ready" pod_is_ready
  expect 20 "it could ask for its DaemonSet" asked 1
  touch /run/bench/api/refuse; later 9 rm /run/bench/api/refuse
  pod_ends
  expect 0 "it was refused, and asked until it was not" test "$(grep -c 'daemonsets/s3boot-reports 401' /run/bench/api/log)" -ge 2
  stays 5 jars archive
  pod 1
  expect 30 "the pod is ready again" pod_is_ready
  expect 20 "it could ask again" asked 3
  touch /run/bench/api/refuse
  pod_ends
  expect 20 "nothing is mounted" not findmnt -M /mnt/s3/jars
  expect 0 "no unit is left" test -z "$(systemctl list-units --all --plain --no-legend 's3boot*' | grep -v not-found)"
  expect 0 "kubelet was not touched" kubelet_started_once
  s3 denied; rm /run/bench/api/refuse
  pod 1
  expect 20 "it can ask while nothing is mounted" asked 4
  expect 0 "the pod is not ready" not pod_is_ready
  touch /run/bench/api/refuse
  pod_ends
  expect 5 "no gate is left, which would keep kubelet from its next start" test ! -e /etc/systemd/system/kubelet.service.d/10-s3boot.conf
}
