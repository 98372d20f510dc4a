# Another rpm holds the lock for 15 s
# user-data: guide jars
# node: whole-mnt
early1() { python3 -c 'import fcntl, time; f = open("/var/lib/rpm/.rpm.lock", "w"); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(15)' & }
boot1() { expect 90 "kubelet starts" kubelet_runs; expect 0 "kubelet finds the bucket at its start" at_start s3=files; }
