# S3 answers 503 for 45 s, then is fine
# user-data: minimal datasets
# console: s3boot: kubelet waits for sales
early1() { s3 503; later 45 s3 ok; }
boot1() {
  never 40 "kubelet waits" kubelet_runs
  good_boot sales
}
