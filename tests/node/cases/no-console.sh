# The console takes nothing that is written to it: the mounts come all the same
# user-data: minimal datasets
early1() { mount --bind /proc/version /dev/console; }
boot1() { good_boot sales; }
