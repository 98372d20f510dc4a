# S3 refuses connections for 45 s
# user-data: guide jars
# node: whole-mnt
early1() { later 50 s3 ok; }
boot1() { s3 refuse; expect 120 "kubelet starts" kubelet_runs; expect 0 "kubelet finds the bucket at its start" at_start s3=files; }
