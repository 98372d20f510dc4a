# No name is found for 20 s
# user-data: guide jars
# node: whole-mnt
early1() { cp /etc/hosts /run/bench/hosts; echo "127.0.0.1 localhost" >/etc/hosts; later 20 cp /run/bench/hosts /etc/hosts; }
boot1() { expect 90 "kubelet starts" kubelet_runs; expect 0 "kubelet finds the bucket at its start" at_start s3=files; }
