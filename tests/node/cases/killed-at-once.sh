# The user script is killed right after the gate: kubelet never starts, also after a reboot
# user-data: minimal datasets
# killed-after: ^systemctl daemon-reload$
boot1() { never 20 "kubelet does not start" kubelet_runs; }
boot2() { never 20 "kubelet does not start" kubelet_runs; }
