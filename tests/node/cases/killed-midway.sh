# The user script is killed before its units are started: kubelet never starts
# user-data: minimal datasets
# killed-after: ^chmod 755 .*$
boot1() { never 20 "kubelet does not start" kubelet_runs; }
