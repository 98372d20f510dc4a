# Ubuntu: the release for Debian's kind, its signature checked; kubelet is a snap, and joins once all is mounted
# user-data: ubuntu align
early1() { ubuntu; release /srv/repo/mount-s3.deb; trusted; s3 503; later 20 s3 ok; }
boot1() {
  never 15 "the node does not join while nothing is mounted" test -e /var/log/bootstrap
  good_boot reference
  expect 1 "it joins the right cluster" test "$(head -n 1 /var/log/bootstrap)" = genomics
  expect 1 "it registers with the taint" grep -q -- '--register-with-taints=karpenter.sh/unregistered:NoExecute,s3boot.dev/class=align:NoSchedule' /var/log/bootstrap
  rm /var/log/bootstrap
}
boot2() {
  good_boot reference
  expect 1 "it joins once only" test ! -e /var/log/bootstrap
}
