# A clean boot: kubelet starts with the bucket
# user-data: guide jars
# node: whole-mnt
boot1() { expect 60 "kubelet starts" kubelet_runs; expect 0 "kubelet finds the bucket at its start" at_start s3=files; }
