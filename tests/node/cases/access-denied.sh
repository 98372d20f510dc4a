# The role may not read the bucket: kubelet never starts, and the console says why
# user-data: minimal datasets
# console: Forbidden: Access Denied
early1() { s3 denied; }
boot1() { never 40 "kubelet does not start" kubelet_runs; }
