# mount-s3 crashes while S3 is down: pods see an error until it is back, never an empty directory
# user-data: minimal datasets
boot1() {
  good_boot sales
  s3 refuse; later 40 s3 ok
  systemctl kill -s KILL s3boot@sales
  expect 10 "a pod sees an error" pod_sees sales=error
  never 25 "and nothing else" not pod_sees sales=error
  stays 60 sales
}
