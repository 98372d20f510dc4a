# The init container of a pod: it waits for the mount, fails when it does not come in time, or when a file is not there
# user-data: spark-jars spark-jars
# node: nvme raid0
waits() { # SECONDS FILE: what the init container runs, in a pod that was there before the mount
  unshare -m --propagation slave sh -c 'mount --rbind /mnt/s3 /mnt/s3 && mount --make-rslave /mnt/s3 && exec sh /etc/bench/wait.sh "$@"' sh "$1" /mnt/s3/jars -- "/mnt/s3/jars/$2"
}
early1() { s3 503; mkdir -p /mnt/s3; }
boot1() {
  expect 0 "it fails when the mount does not come" not waits 3 etl-1.4.2.jar
  waits 60 etl-1.4.2.jar & local waiting=$!
  waits 60 missing.jar 2>/run/bench/said & local missing=$!
  sleep 3; s3 ok
  expect 60 "kubelet starts" kubelet_runs
  wait $waiting; expect 0 "it ends well when the mount comes" test $? = 0
  wait $missing; expect 0 "it fails when a file is not there" test $? = 1
  expect 0 "it says which" grep -q 'there is no /mnt/s3/jars/missing.jar' /run/bench/said
}
