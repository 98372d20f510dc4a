# There is no instance store, and the manifest allows a smaller cache on root
# user-data: directory-bucket shuffle-free
# node: raid0
boot1() {
  good_boot features scratch
  expect 0 "the cache is on root" test -d /var/cache/s3boot/features/mountpoint-cache
}
