# What mount-s3 refuses, with its exit codes: 2 for arguments, 1 at run time; in the background it returns when mounted
# user-data: minimal datasets
exits() { local code=$1 said; shift; said=$("$@" 2>&1); [ $? = "$code" ] || { echo "$said"; return 1; }; }
boot1() {
  good_boot sales
  local ok=(--region=us-west-2 acme-sales) d=/run/bench/d
  mkdir -p $d /run/bench/full; touch /run/bench/full/file
  expect 0 "an unknown flag" exits 2 mount-s3 --nonsense "${ok[@]}" $d
  expect 0 "a flag twice" exits 2 mount-s3 --read-only --read-only "${ok[@]}" $d
  expect 0 "a conflict" exits 2 mount-s3 --allow-other --allow-root "${ok[@]}" $d
  expect 0 "a flag without the one it needs" exits 2 mount-s3 --max-cache-size=1 "${ok[@]}" $d
  expect 0 "no directory" exits 2 mount-s3 "${ok[@]}"
  expect 0 "a directory that is not there" exits 1 mount-s3 "${ok[@]}" /run/bench/none
  expect 0 "a directory that is not empty" exits 1 mount-s3 "${ok[@]}" /run/bench/full
  expect 0 "a directory that is mounted" exits 1 mount-s3 "${ok[@]}" /mnt/s3/sales
  expect 0 "a cache without its parent" exits 1 mount-s3 --cache=/run/bench/none/cache "${ok[@]}" $d
  expect 0 "it returns" exits 0 mount-s3 "${ok[@]}" $d
  expect 0 "and is mounted then" test "$(findmnt -rno SOURCE,FSTYPE -M $d)" = "mountpoint-s3 fuse"
  expect 0 "and can be read" test -s $d/hello.txt
}
