# The bucket does not exist: kubelet never starts, and the console says why
# user-data: minimal datasets
# console: The bucket does not exist
# console: s3boot: kubelet waits for sales
early1() { s3 missing; }
boot1() {
  never 40 "kubelet does not start" kubelet_runs
  expect 0 "s3boot-status says so" not s3boot-status
  expect 0 "and why" grep -q "bucket does not exist" <(s3boot-status)
}
