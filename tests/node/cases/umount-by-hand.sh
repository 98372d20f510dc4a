# Somebody unmounts it lazily: the watch brings it back
# user-data: two-teams team-fraud
boot1() {
  good_boot jars results
  while umount -l /mnt/s3/jars; do :; done
  expect 5 "kubelet loses it" not kubelet_sees jars=files
  expect 90 "kubelet sees jars again" kubelet_sees jars=files
  expect 5 "so does a pod" pod_sees jars=files
  expect 0 "kubelet was not touched" kubelet_started_once
}
