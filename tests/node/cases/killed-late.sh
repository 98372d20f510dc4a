# The user script is killed before it starts anything: kubelet asks for its gate, and that for the mounts
# user-data: two-teams team-fraud
# killed-after: ^chmod 755 .*$
boot1() {
  expect 60 "kubelet starts" kubelet_runs
  expect 1 "kubelet finds both at its start" at_start jars=files results=files
  expect 1 "kubelet started once" kubelet_started_once
}
boot2() { good_boot jars results; }
