# A managed node group: the script in MIME, beside a NodeConfig, NVMe, and a reboot
# user-data: managed-node-group spark-jars
# node: nvme raid0
boot1() { good_boot jars; expect 1 "the cache is on NVMe" test -d /mnt/k8s-disks/0/s3boot/jars/mountpoint-cache; }
boot2() { good_boot jars; }
