# Amazon Linux 2, an AMI of one's own: yum, the release, words that an old systemd knows, and bootstrap.sh after the mounts
# user-data: al2 old
early1() {
  ubuntu; release /srv/repo/one/mount-s3-1.23.0-1.x86_64.rpm; trusted
  expect 0 "nothing that systemd 219 does not know" not grep -qE 'StartLimitIntervalSec|=infinity|--collect|--no-block --|show -P|^Restart=on-failure' /var/lib/cloud/seed/nocloud/user-data
}
boot1() {
  good_boot events
  expect 1 "it joins the right cluster" test "$(head -n 1 /var/log/bootstrap)" = bench
  rm /var/log/bootstrap
}
boot2() {
  good_boot events
  expect 1 "it joins once only" test ! -e /var/log/bootstrap
}
