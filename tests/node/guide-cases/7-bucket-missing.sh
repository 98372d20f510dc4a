# The bucket does not exist: no pod is let onto the node
# user-data: guide jars
# node: whole-mnt
early1() { :; }
boot1() { expect 20 "user data is at work" test -e /var/lib/cloud/instance/scripts/part-001; s3 missing; never 30 "kubelet does not start" kubelet_runs; }
