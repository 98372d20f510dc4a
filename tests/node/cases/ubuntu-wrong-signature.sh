# Ubuntu: the release is signed by a stranger, and is not installed
# user-data: ubuntu call
# console: the signature of mount-s3-1.23.0-x86_64.deb is wrong
early1() { ubuntu; release /srv/repo/mount-s3.deb; }
boot1() {
  never 25 "kubelet does not start" kubelet_runs
  expect 0 "nothing was installed" not command -v mount-s3
}
