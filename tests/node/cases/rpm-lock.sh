# Another rpm holds the lock for 15 s, as the SSM agent does when it updates itself
# user-data: minimal datasets
early1() { python3 -c 'import fcntl, time; f = open("/var/lib/rpm/.rpm.lock", "w"); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(15)' & }
boot1() {
  never 12 "kubelet waits" kubelet_runs
  good_boot sales
}
