# mount-s3 answers nothing because S3 does not: no mount is killed for it
# user-data: minimal datasets
boot1() {
  good_boot sales
  s3 hang
  local pid; pid=$(systemctl show -P MainPID s3boot@sales)
  systemctl kill -s STOP s3boot@sales
  never 75 "the mount is not killed" not kill -0 "$pid"
  s3 ok
  systemctl kill -s CONT s3boot@sales
  stays 10 sales
  expect 0 "it is the same process" test "$pid" = "$(systemctl show -P MainPID s3boot@sales)"
}
