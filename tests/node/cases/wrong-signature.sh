# The mirror has a package that AWS did not sign: it is not installed, and kubelet never starts
# user-data: mirror mirrored
# console: s3boot: the signature of mount-s3-1.23.0-.*rpm is wrong
early1() { mirror; }
boot1() {
  never 25 "kubelet does not start" kubelet_runs
  expect 0 "nothing was installed" not command -v mount-s3
}
