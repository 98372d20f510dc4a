# systemd is reloaded and the package upgraded while it is mounted: nothing is touched
# user-data: two-teams team-fraud
boot1() {
  good_boot jars results
  local pid; pid=$(systemctl show -P MainPID s3boot@jars)
  systemctl daemon-reload
  sed -i 's|repo.bench/one|repo.bench/two|' /etc/yum.repos.d/amazonlinux.repo
  expect 30 "the package is upgraded" dnf -qy upgrade mount-s3
  expect 0 "it is the new one" test "$(rpm -q --qf '%{RELEASE}' mount-s3)" = 2
  stays 5 jars results
  expect 0 "the mount was not touched" test "$pid" = "$(systemctl show -P MainPID s3boot@jars)"
  systemctl kill -s KILL s3boot@jars
  stays 30 jars results
}
