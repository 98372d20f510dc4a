# mount-s3 comes from a mirror, and its signature is right: that of a key which stands here for the one of AWS
# user-data: mirror mirrored
early1() { mirror; sed -i "s/8AEFE705EBE329C0948C75A66F1C3B3AEF4B030B/$fingerprint/" /var/lib/cloud/seed/nocloud/user-data; }
boot1() {
  good_boot events
}
