# The release from AWS, its signature checked, on AL2023
# user-data: release released
early1() { release /srv/repo/one/mount-s3-1.23.0-1.x86_64.rpm; trusted; }
boot1() { good_boot events; }
