# The package server answers 503 for 20 s
# user-data: guide jars
# node: whole-mnt
early1() { repo 503; later 20 repo ok; }
boot1() { expect 60 "kubelet starts" kubelet_runs; expect 0 "kubelet finds the bucket at its start" at_start s3=files; }
