# The mirror has a package that AWS did not sign: it is not installed, and kubelet never starts
# user-data: mirror mirrored
# console: s3boot: the signature of mount-s3-1.23.0-1?.*rpm is wrong
early1() {
  printf '#!/bin/sh\n# aws s3 cp FROM TO: a file of the repository; its signature and the keys are of somebody else\nfor last; do :; done\ncase $last in *.rpm) cp /srv/repo/one/mount-s3-1.23.0-1.*.rpm "$last";; *) cp /run/bench/mirror/"${last##*.}" "$last";; esac\n' >/usr/bin/aws
  chmod 755 /usr/bin/aws
  mkdir -p -m 700 /run/bench/mirror; cd /run/bench/mirror || return
  gpg -q --homedir /run/bench/mirror --batch --passphrase '' --quick-generate-key stranger@example.com
  gpg -q --homedir /run/bench/mirror --armor --export >KEYS
  gpg -q --homedir /run/bench/mirror --batch --armor --detach-sign -o asc /srv/repo/one/mount-s3-1.23.0-1.*.rpm
}
boot1() {
  never 25 "kubelet does not start" kubelet_runs
  expect 0 "nothing was installed" not command -v mount-s3
}
