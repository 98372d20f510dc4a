# No name is found for 20 s
# user-data: minimal datasets
early1() {
  cp /etc/hosts /run/bench/hosts; echo "127.0.0.1 localhost" >/etc/hosts
  later 20 cp /run/bench/hosts /etc/hosts
}
boot1() {
  never 15 "kubelet waits" kubelet_runs
  good_boot sales
}
