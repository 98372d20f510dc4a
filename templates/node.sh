{#- s3boot template: context 1. -#}
#!/bin/bash
# s3boot, class {{ class.name }}: kubelet starts once all buckets are mounted. Generated: change the manifest.
{# Comments like this one are not rendered: a script has 12,288 bytes, and one changed byte rolls every node.
   No `set -e`: a step that fails must not stop the ones that keep the node closed. #}
umask 022
D=/etc/systemd/system
mkdir -p $D/{{ kubelet }}.d /etc/s3boot
{# The gate comes first. With this drop-in loaded kubelet cannot start without it, whatever becomes of this script: a gate
   whose program does not exist yet fails closed. #}
cat >$D/{{ kubelet }}.d/10-s3boot.conf <<'X'
[Unit]
Requires=s3boot-gate.service
After=s3boot-gate.service
X
{# Only the gate is ordered against kubelet, so that a mount's trouble never restarts it. It is enabled, and pulls in the
   mounts: they start early in every boot, not only when kubelet asks for its gate. #}
cat >$D/s3boot-gate.service <<'X'
[Unit]
Description=s3boot: kubelet waits for mounts
Wants={% for name in names %}s3boot@{{ name }}.service {% endfor %}s3boot-watch.service
[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec={{ forever }}
StandardOutput=journal+console
ExecStart=/etc/s3boot/run gate
[Install]
WantedBy=multi-user.target
X
{# systemd would unmount them at a power-off while pods still run, and show them empty directories: so at the very end, when
   no process is left. Drop-ins, since it makes the units itself. #}
for u in $(systemd-escape -p --suffix=mount{% for path in paths %} {{ path }}{% endfor %}); do
mkdir -p "$D/$u.d"
printf '[Unit]\nDefaultDependencies=no\n' >"$D/$u.d/10-s3boot.conf"
done
{# Wants=, never Requires=: a job that failed by dependency is not tried again. No PrivateTmp or Protect…: the host would
   not see the mount. TimeoutStopSec: a power-off with open files waits for it. #}
cat >$D/s3boot@.service <<'X'
[Unit]
Description=s3boot: mount %i
Wants=network-online.target{% if instance_store is string %} s3boot-disks.service{% endif %}

After=network-online.target{% if instance_store is string %} s3boot-disks.service{% endif %}

{% if not old_systemd %}
StartLimitIntervalSec=0
{% endif %}
[Service]
{% if old_systemd %}
StartLimitInterval=0
{% endif %}
Type=forking
ExecStartPre=/etc/s3boot/run install
ExecStartPre=/etc/s3boot/run pre %i
ExecStart=/etc/s3boot/run mount %i
ExecStartPost=/etc/s3boot/run post %i
Restart=always
RestartSec=2
TimeoutStartSec={{ forever }}
TimeoutStopSec=5
OOMScoreAdjust=-900
X
{% if instance_store is string %}
{# nodeadm sets the disks up too, after user data and at every boot. The script of the AMI may run twice, but not twice at
   the same time: so before nodeadm. It exits with 0 where there are no disks. #}
cat >$D/s3boot-disks.service <<'X'
[Unit]
Description=s3boot: instance store
Before=nodeadm-run.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/setup-local-disks raid0
X
{% endif %}
cat >$D/s3boot-watch.service <<'X'
[Unit]
Description=s3boot: watch
[Service]
ExecStart=/etc/s3boot/run watch
Restart=always
X
{% if join is sequence %}
{# bootstrap.sh starts kubelet, and would wait for the gate inside snapd or cloud-init, which have patience of their own: so
   after the gate. Once: afterwards kubelet is enabled. #}
cat >$D/s3boot-join.service <<'X'
[Unit]
Description=s3boot: join the cluster
Requires=s3boot-gate.service
After=s3boot-gate.service
ConditionPathExists=!/etc/s3boot/joined
[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec={{ forever }}
StandardOutput=journal+console
ExecStart=/etc/s3boot/join
ExecStartPost=/bin/touch /etc/s3boot/joined
{% if not old_systemd %}
Restart=on-failure
RestartSec=5
{% endif %}
[Install]
WantedBy=multi-user.target
X
cat >/etc/s3boot/join <<'X'
#!/bin/bash
exec /etc/eks/bootstrap.sh {{ join }}
X
chmod 755 /etc/s3boot/join
{% endif %}
systemctl daemon-reload
{# bash reads a running script piece by piece: it is replaced by rename, never in place. #}
cat >/etc/s3boot/new <<'X'
#!/bin/bash
NAMES={{ names | join(" ") }}
load() {
STAGE=/run/s3boot/$1 DIR=/mnt/s3/$1 S3={{ endpoint }} DISK=''{% if falls_back %} LESS=''{% endif %}

case $1 in
{% for mount in mounts %}
{{ mount.name }}) {% if mount.path is string %}DIR={{ mount.path }} {% endif %}{% if mount.endpoint is string %}S3={{ mount.endpoint }} {% endif %}{% if mount.cache is mapping %}DISK={{ mount.cache.disk }} MIB={{ mount.cache.size_mib }} {% if mount.cache.fallback_mib is number %}LESS={{ mount.cache.fallback_mib }} {% endif %}{% endif %}ARGS=({{ mount.arguments }});;
{% endfor %}
esac
{% if falls_back %}
[ -z "$LESS" ] || mountpoint -q $DISK || DISK=/var/cache MIB=$LESS
{% endif %}
CACHE=$DISK/s3boot/$1
[ -z "$DISK" ] || ARGS=(--cache="$CACHE" --max-cache-size="$MIB" "${ARGS[@]}")
}
{# An empty file, as an interrupted install leaves it, "runs" with exit 0: so ask for output. #}
works() { V=$(mount-s3 --version 2>/dev/null); [[ $V == mount-s3\ * ]]; }
clear_() { while findmnt -rn -M "$1" >/dev/null; do umount -l "$1" || return; done; }
say() { echo "s3boot: $*"; }
{# A console that takes nothing is no reason to fail. #}
tell() { say "$@"; say "$@" >/dev/console || :; }
{# What the unit's programs said, without what systemd says of them. #}
log() { journalctl -qn 4 -o cat _SYSTEMD_UNIT="s3boot@$1.service"; }
{# statfs always goes to the daemon (stat may be answered from the kernel's cache) and never on to S3. SIGTERM does not
   end a blocked FUSE call: -k. #}
up() { [ "$(findmnt -rno SOURCE,FSTYPE -M "$DIR" | tail -n 1)" = 'mountpoint-s3 fuse' ] && timeout -k 1 "$1" stat -f "$DIR" >/dev/null 2>&1; }
ready() { for n in $NAMES; do load "$n"; up 5 || return; done; }
check() {
f=/run/s3boot.$1; load "$1"
{# Otherwise systemd is at it already. #}
if [ "$(systemctl is-active "s3boot@$1")" != active ] || up 10; then rm -f "$f"; return; fi
{# S3 itself may be what does not answer; then a restart would only take the mount away. -k: a wrong certificate is an
   answer too. #}
curl -sk -m 5 -o /dev/null "$S3" || { say "neither $1 nor S3 answers"; return; }
echo >>"$f"; [ "$(wc -l <"$f")" -ge 3 ] || return
rm "$f"; tell "$1 hangs and S3 does not: restarting it"
systemctl kill -s KILL "s3boot@$1"
}
[[ $0 != *-status ]] || set -- status
case $1 in
install)
{# One at a time. When it fails systemd tries again. #}
exec 9>/run/s3boot-lock; flock 9
works && exit
{% if install.from == "distribution" %}
P=mount-s3
{% else %}
A=arm64; [ "$(uname -m)" != x86_64 ] || A=x86_64
P=mount-s3-{{ install.version }}-$A.{{ install.extension }}
mkdir -p /run/s3boot-package && chmod 700 /run/s3boot-package && cd /run/s3boot-package || exit
{% if packages == "apt" %}
{# Where the AMI has the AWS CLI. #}
PATH=$PATH:/snap/bin
{% endif %}
{% if install.from == "release" %}
U={{ install.url }} V={{ install.version }}/$A
curl -fsS -m 120 -O $U$V/$P -O $U$V/$P.asc -O ${U}public_keys/KEYS || exit
{% else %}
for f in "$P" "$P.asc" KEYS; do aws s3 cp --only-show-errors --region {{ install.region }} {{ install.url }}"$f" "$f" || exit; done
{% endif %}
{# The fingerprints are published in mountpoint-s3 doc/INSTALL.md; the first signs since 1.22.2. #}
export GNUPGHOME=$PWD
gpg -q --import KEYS
gpg --status-fd 1 --verify $P.asc $P | grep -qE ' VALIDSIG .*(8AEFE705EBE329C0948C75A66F1C3B3AEF4B030B|673FE4061506BB469A0EF857BE397A52B086DA5A)$' || { tell "the signature of $P is wrong"; exit 1; }
P=./$P
{% endif %}
{# An interrupted install leaves a package that is known, and does not work. #}
{% if packages == "apt" %}
export DEBIAN_FRONTEND=noninteractive
G='timeout 300 apt-get -qqy -o DPkg::Lock::Timeout=60'
{ dpkg --configure -a; $G update; $G install $P; } 9>&-
works || { dpkg -s mount-s3 >/dev/null 2>&1 && $G install --reinstall $P 9>&-; }
{% else %}
timeout 300 {{ packages }} -qy install $P 9>&-
works || { rpm -q mount-s3 >/dev/null && timeout 300 {{ packages }} -qy reinstall $P 9>&-; }
{% endif %}
if works; then tell "installed $V"; else mount-s3 --version; exit 1; fi;;
pre)
{# A dead mount on DIR is left alone, and a DIR without one is taken away (files in it stay): until the new mount is there,
   its users see an error, or nothing, but not an empty directory. #}
load "$2"; clear_ "$STAGE" && mkdir -p "$STAGE" || exit
rmdir "$DIR" 2>/dev/null
[ -n "$DISK" ] || exit 0
{% if instance_store is string %}
[[ $DISK != {{ instance_store }} ]] || mountpoint -q $DISK || { tell "$2 caches on an instance store, and there is none"; exit 1; }
{% endif %}
mkdir -p "$CACHE" && chmod 700 "$CACHE" || exit
{# mount-s3 deletes an old cache before it mounts, and gives up after 30 s: it is moved away, and deleted outside. #}
[ ! -e "$CACHE/mountpoint-cache" ] || mv "$CACHE/mountpoint-cache" "$CACHE/old.$$" || exit
set -- "$CACHE"/old.*; [ ! -e "$1" ] || systemd-run -q {% if old_systemd %}nice {% else %}--no-block --collect -p Nice=19 -p IOSchedulingClass=idle {% endif %}rm -rf -- "$@"
exit 0;;
mount) load "$2"; exec mount-s3 --allow-other {% if common %}{{ common }} {% endif %}"${ARGS[@]}" "$STAGE";;
place) umount -l "$2" && mv -T "$2" "$3";;
post) load "$2"
{# Shared, DIR would be its peer, and what is mounted over DIR would come over STAGE too. #}
mount --make-private "$STAGE"
{# Made and then mounted on, DIR would be empty for some milliseconds, and on a node whose pods run already somebody would
   see it. So it is mounted on under another name, and renamed: the kernel refuses that (EBUSY) where it is a mount point,
   and asks only the namespace that the caller is in. #}
findmnt -rn -M "$DIR" >/dev/null || [ -e "$DIR" ] || {
N=${DIR%/*}/.s3boot-$2
clear_ "$N"; mkdir -p "$N" && mount -c --bind "$STAGE" "$N" && unshare -m "$0" place "$N" "$DIR" || exit
}
{# After a crash a dead mount stays below the new one: with none left, pods would see an empty directory in between. The
   second mount over a new DIR is also how systemd learns of its name. #}
while [ "$(findmnt -rn -M "$DIR" | wc -l)" -gt 1 ]; do umount -l "$DIR"; done
mount -c --bind "$STAGE" "$DIR" && tell "$2 is mounted on $DIR";;
gate)
last=-10
until ready; do
{% if join_after > 0 %}
[ $SECONDS -lt {{ join_after }} ] || { say "$n is not mounted after $SECONDS s: kubelet starts WITHOUT it"; exit 0; }
{% endif %}
[ $((SECONDS - last)) -lt 15 ] || { last=$SECONDS; say "kubelet waits for $n ($SECONDS s)"; log "$n"; }
sleep 0.1
done
say "all mounted: $NAMES";;
watch) while sleep 10; do for n in $NAMES; do check "$n" & done; wait; done;;
status)
r=0
for n in $NAMES; do
load "$n"; s=mounted; up 5 || s=DOWN r=1
echo "$n on $DIR: $s; {% if old_systemd %}$(systemctl show -p ActiveState -p StateChangeTimestamp "s3boot@$n" | tr '\n' ' '){% else %}$(systemctl show -P ActiveState "s3boot@$n") since $(systemctl show -P StateChangeTimestamp "s3boot@$n"){% endif %}"
journalctl -qn 1 -p 4 -u "s3boot@$n"
[ $s = mounted ] || log "$n"
done
exit $r;;
esac
X
chmod 755 /etc/s3boot/new && mv /etc/s3boot/new /etc/s3boot/run
ln -sf /etc/s3boot/run /usr/local/bin/s3boot-status
systemctl enable -q --no-reload s3boot-gate{% if join is sequence %} s3boot-join{% endif %}

systemctl start --no-block s3boot-gate{% if join is sequence %} s3boot-join{% endif %}

exit 0
