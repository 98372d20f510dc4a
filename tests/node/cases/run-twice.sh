# The user script runs a second time on a node that works
# user-data: two-teams team-fraud
boot1() {
  good_boot jars results
  local pid; pid=$(systemctl show -P MainPID s3boot@jars)
  expect 0 "it says nothing is wrong" bash /var/lib/cloud/instance/scripts/part-001
  stays 5 jars results
  expect 0 "the mounts were not touched" test "$pid" = "$(systemctl show -P MainPID s3boot@jars)"
  expect 5 "no unit failed" no_failed_unit
}
