# A power cut left the package known to rpm, and its program empty: it is installed again
# user-data: minimal datasets
boot1() {
  good_boot sales
  : >/usr/bin/mount-s3
}
boot2() { good_boot sales; }
