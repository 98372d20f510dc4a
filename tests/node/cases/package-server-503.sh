# The package server answers 503 for 20 s: the install is repeated until it works
# user-data: minimal datasets
# console: s3boot: kubelet waits for sales
early1() { repo 503; later 20 repo ok; }
boot1() {
  never 15 "kubelet waits" kubelet_runs
  good_boot sales
}
