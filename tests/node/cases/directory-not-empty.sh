# Files lie in the mount point before the first mount
# user-data: minimal datasets
early1() { mkdir -p /mnt/s3/sales /run/s3boot/sales; touch /mnt/s3/sales/left-over; }
boot1() { good_boot sales; }
