# A reboot: the mounts come back before kubelet starts again
# user-data: two-teams team-fraud
boot1() { good_boot jars results; }
boot2() { good_boot jars results; }
