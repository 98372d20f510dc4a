# A pod writes while the mount is down: it cannot, and the mount comes back
# user-data: two-teams team-fraud
boot1() {
  good_boot jars results
  systemctl kill -s KILL s3boot@results
  expect 10 "there is a gap" pod_saw results=error
  expect 0 "the write fails" not touch /mnt/s3/results/lost
  stays 30 jars results
  expect 0 "pods can write again" touch /mnt/s3/results/kept
}
