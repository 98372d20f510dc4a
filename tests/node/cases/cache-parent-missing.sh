# The directory of the cache is gone after a reboot
# user-data: two-teams team-fraud
early2() { rm -rf /var/cache/s3boot; }
boot1() { good_boot jars results; }
boot2() { good_boot jars results; }
