# A clean boot: kubelet starts once, with both buckets
# user-data: two-teams team-fraud
# console: s3boot: installed mount-s3
# console: s3boot: jars is mounted on /mnt/s3/jars
# console: s3boot: all mounted: jars results
boot1() {
  good_boot jars results
  expect 5 "s3boot-status is content" s3boot-status
  expect 0 "no package was updated" not grep -qi upgrad /var/log/dnf.log
}
