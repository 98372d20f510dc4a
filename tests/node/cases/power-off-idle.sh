# A power-off while no pod has a file open: it shows no pod an empty directory on the way either
# user-data: two-teams team-fraud
boot1() {
  good_boot jars results
  stares
}
boot2() {
  expect 0 "no pod saw an empty directory" not pod_saw_before '(jars|results)=empty'
  expect 0 "not even for a moment" not test -s /var/log/stare
  good_boot jars results
}
