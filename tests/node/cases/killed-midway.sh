# The user script is killed before its units are written: kubelet never starts
# user-data: minimal datasets
# killed-after: ^ln -sf .*$
boot1() { never 20 "kubelet does not start" kubelet_runs; }
