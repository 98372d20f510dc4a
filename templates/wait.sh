end=$(($(date +%s) + $1)); shift
mounted() { grep -q "^mountpoint-s3 $1 fuse" /proc/mounts && ls "$1" >/dev/null; }
while [ $# -gt 0 ] && [ "$1" != -- ]; do
until mounted "$1"; do
[ "$(date +%s)" -lt "$end" ] || { echo "s3boot: nothing is mounted on $1 of this node" >&2; exit 1; }
sleep 2
done
shift
done
shift
for file; do [ -e "$file" ] || { echo "s3boot: there is no $file" >&2; exit 1; }; done
