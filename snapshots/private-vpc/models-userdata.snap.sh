#!/bin/bash
# s3boot, class models: kubelet starts once all buckets are mounted. Generated: change the manifest.
umask 022
D=/etc/systemd/system
mkdir -p $D/kubelet.service.d /etc/s3boot
cat >$D/kubelet.service.d/10-s3boot.conf <<'X'
[Unit]
Requires=s3boot-gate.service
After=s3boot-gate.service
X
cat >$D/s3boot-gate.service <<'X'
[Unit]
Description=s3boot: kubelet waits for mounts
Wants=s3boot@weights.service s3boot-watch.service
[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=infinity
StandardOutput=journal+console
ExecStart=/etc/s3boot/run gate
[Install]
WantedBy=multi-user.target
X
for u in $(systemd-escape -p --suffix=mount /mnt/s3/weights); do
mkdir -p "$D/$u.d"
printf '[Unit]\nDefaultDependencies=no\n' >"$D/$u.d/10-s3boot.conf"
done
cat >$D/s3boot@.service <<'X'
[Unit]
Description=s3boot: mount %i
Wants=network-online.target s3boot-disks.service
After=network-online.target s3boot-disks.service
StartLimitIntervalSec=0
[Service]
Type=forking
ExecStartPre=/etc/s3boot/run install
ExecStartPre=/etc/s3boot/run pre %i
ExecStart=/etc/s3boot/run mount %i
ExecStartPost=/etc/s3boot/run post %i
Restart=always
RestartSec=2
TimeoutStartSec=infinity
TimeoutStopSec=5
OOMScoreAdjust=-900
X
cat >$D/s3boot-disks.service <<'X'
[Unit]
Description=s3boot: instance store
Before=nodeadm-run.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/setup-local-disks raid0
X
cat >$D/s3boot-watch.service <<'X'
[Unit]
Description=s3boot: watch
[Service]
ExecStart=/etc/s3boot/run watch
Restart=always
X
systemctl daemon-reload
cat >/etc/s3boot/new <<'X'
#!/bin/bash
NAMES=weights
load() {
STAGE=/run/s3boot/$1 DIR=/mnt/s3/$1 S3=https://s3.us-gov-west-1.amazonaws.com/ DISK=''
case $1 in
weights) DISK=/mnt/k8s-disks/0 MIB=409600 ARGS=(arn:aws-us-gov:s3:us-gov-west-1:111122223333:accesspoint/weights);;
esac
CACHE=$DISK/s3boot/$1
[ -z "$DISK" ] || ARGS=(--cache="$CACHE" --max-cache-size="$MIB" "${ARGS[@]}")
}
works() { V=$(mount-s3 --version 2>/dev/null); [[ $V == mount-s3\ * ]]; }
clear_() { while findmnt -rn -M "$1" >/dev/null; do umount -l "$1" || return; done; }
say() { echo "s3boot: $*"; }
tell() { say "$@"; say "$@" >/dev/console || :; }
log() { journalctl -qn 4 -o cat _SYSTEMD_UNIT="s3boot@$1.service"; }
up() { [ "$(findmnt -rno SOURCE,FSTYPE -M "$DIR" | tail -n 1)" = 'mountpoint-s3 fuse' ] && timeout -k 1 "$1" stat -f "$DIR" >/dev/null 2>&1; }
ready() { for n in $NAMES; do load "$n"; up 5 || return; done; }
check() {
f=/run/s3boot.$1; load "$1"
if [ "$(systemctl is-active "s3boot@$1")" != active ] || up 10; then rm -f "$f"; return; fi
curl -sk -m 5 -o /dev/null "$S3" || { say "neither $1 nor S3 answers"; return; }
echo >>"$f"; [ "$(wc -l <"$f")" -ge 3 ] || return
rm "$f"; tell "$1 hangs and S3 does not: restarting it"
systemctl kill -s KILL "s3boot@$1"
}
[[ $0 != *-status ]] || set -- status
case $1 in
install)
exec 9>/run/s3boot-lock; flock 9
works && exit
A=arm64; [ "$(uname -m)" != x86_64 ] || A=x86_64
P=mount-s3-1.23.0-$A.rpm
mkdir -p /run/s3boot-package && chmod 700 /run/s3boot-package && cd /run/s3boot-package || exit
for f in "$P" "$P.asc" KEYS; do aws s3 cp --only-show-errors --region us-gov-west-1 s3://vault-mirror/mount-s3/1.23.0/"$f" "$f" || exit; done
export GNUPGHOME=$PWD
gpg -q --import KEYS
gpg --status-fd 1 --verify $P.asc $P | grep -qE ' VALIDSIG .*(8AEFE705EBE329C0948C75A66F1C3B3AEF4B030B|673FE4061506BB469A0EF857BE397A52B086DA5A)$' || { tell "the signature of $P is wrong"; exit 1; }
P=./$P
timeout 300 dnf -qy install $P 9>&-
works || { rpm -q mount-s3 >/dev/null && timeout 300 dnf -qy reinstall $P 9>&-; }
if works; then tell "installed $V"; else mount-s3 --version; exit 1; fi;;
pre)
load "$2"; clear_ "$STAGE" && mkdir -p "$STAGE" || exit
rmdir "$DIR" 2>/dev/null
[ -n "$DISK" ] || exit 0
[[ $DISK != /mnt/k8s-disks/0 ]] || mountpoint -q $DISK || { tell "$2 caches on an instance store, and there is none"; exit 1; }
mkdir -p "$CACHE" && chmod 700 "$CACHE" || exit
[ ! -e "$CACHE/mountpoint-cache" ] || mv "$CACHE/mountpoint-cache" "$CACHE/old.$$" || exit
set -- "$CACHE"/old.*; [ ! -e "$1" ] || systemd-run -q --no-block --collect -p Nice=19 -p IOSchedulingClass=idle rm -rf -- "$@"
exit 0;;
mount) load "$2"; exec mount-s3 --allow-other --region=us-gov-west-1 --read-only --prefix=llama/2026-11/ --metadata-ttl=indefinite --negative-metadata-ttl=60 "${ARGS[@]}" "$STAGE";;
place) umount -l "$2" && mv -T "$2" "$3";;
post) load "$2"
mount --make-private "$STAGE"
findmnt -rn -M "$DIR" >/dev/null || [ -e "$DIR" ] || {
N=${DIR%/*}/.s3boot-$2
clear_ "$N"; mkdir -p "$N" && mount -c --bind "$STAGE" "$N" && unshare -m "$0" place "$N" "$DIR" || exit
}
while [ "$(findmnt -rn -M "$DIR" | wc -l)" -gt 1 ]; do umount -l "$DIR"; done
mount -c --bind "$STAGE" "$DIR" && tell "$2 is mounted on $DIR";;
gate)
last=-10
until ready; do
[ $((SECONDS - last)) -lt 15 ] || { last=$SECONDS; say "kubelet waits for $n ($SECONDS s)"; log "$n"; }
sleep 0.1
done
say "all mounted: $NAMES";;
watch) while sleep 10; do for n in $NAMES; do check "$n" & done; wait; done;;
status)
r=0
for n in $NAMES; do
load "$n"; s=mounted; up 5 || s=DOWN r=1
echo "$n on $DIR: $s; $(systemctl show -P ActiveState "s3boot@$n") since $(systemctl show -P StateChangeTimestamp "s3boot@$n")"
journalctl -qn 1 -p 4 -u "s3boot@$n"
[ $s = mounted ] || log "$n"
done
exit $r;;
esac
X
chmod 755 /etc/s3boot/new && mv /etc/s3boot/new /etc/s3boot/run
ln -sf /etc/s3boot/run /usr/local/bin/s3boot-status
systemctl enable -q --no-reload s3boot-gate
systemctl start --no-block s3boot-gate
exit 0
