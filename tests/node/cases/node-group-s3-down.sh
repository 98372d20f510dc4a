# A managed node group while S3 answers 503: the node does not join, and does as soon as S3 is back
# user-data: custom-ami etl
# console: kubelet waits for jars
early1() { s3 503; }
boot1() {
  never 40 "kubelet does not start" kubelet_runs
  s3 ok
  good_boot jars results
}
