# The user script is killed before it starts anything: kubelet asks for its gate, and that for the mounts
# user-data: two-teams team-fraud
# killed-after: ^chmod 755 .*$
boot1() { good_boot jars results; }
boot2() { good_boot jars results; }
