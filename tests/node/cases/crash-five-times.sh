# mount-s3 is killed five times in a row: systemd does not give up
# user-data: two-teams team-fraud
boot1() {
  local n
  good_boot jars results
  for n in 1 2 3 4 5; do
    systemctl kill -s KILL s3boot@jars
    expect 30 "a pod sees an error, time $n" pod_sees jars=error
    expect 30 "a pod sees jars again, time $n" pod_sees jars=files
  done
  stays 5 jars results
}
