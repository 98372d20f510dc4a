# A power-off with open files takes less than 20 s, and shows no pod an empty directory on the way
# user-data: two-teams team-fraud
boot1() {
  good_boot jars results
  (exec 8</mnt/s3/jars/hello.txt; exec sleep 1000) &
  (exec 8</mnt/s3/jars/hello.txt; cd /mnt/s3/results || exit; exec sleep 1000) &
  stares
}
boot2() {
  expect 0 "the power-off took less than 20 s" awk '{ exit $1 >= 20 }' /bench-results/poweroff
  expect 0 "no pod saw an empty directory" not pod_saw_before '(jars|results)=empty'
  expect 0 "not even for a moment" not test -s /var/log/stare
  good_boot jars results
}
