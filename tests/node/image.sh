#!/bin/bash
# image.sh DIR: builds DIR/rootfs, the node that the cases boot: Debian 12 (systemd 252, cloud-init 22.4, dnf, FUSE) dressed
# as an EKS AL2023 node. Takes what is in DIR of an earlier time where it is still right.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"; cd "$1"; out=$PWD
packages=systemd,systemd-sysv,dbus,udev,kmod,init,cloud-init,fuse3,python3-fusepy,rpm,dnf,curl,gnupg,iproute2,python3,wget,util-linux,procps,ca-certificates,libnss-systemd,netbase,busybox-static
mount_s3=${S3BOOT_MOUNT_S3:-$here/mount-s3}
stamp=$(sha256sum "$mount_s3"; cd "$here" && find image image.sh units.py mount-s3 mount-s3-flags.json -type f -print0 | sort -z | xargs -0 sha256sum)
[ "$(cat stamp 2>/dev/null)" != "$stamp" ] || exit 0
rm -f stamp
sources=/etc/apt/sources.list.d/debian.sources; [ -e $sources ] || sources=/etc/apt/sources.list
[ "$(cat base 2>/dev/null)" = "$packages" ] || { mmdebstrap --quiet --variant=minbase --mode=root --include=$packages bookworm base.tmp.tar $sources && mv base.tmp.tar base.tar && echo "$packages" >base; }

# The package of mount-s3, and of what AL2023 has besides, in a repository.
rm -rf rpm repo; mkdir -p rpm/{SPECS,SOURCES} repo
cp "$mount_s3" rpm/SOURCES/mount-s3; cp "$here/mount-s3-flags.json" rpm/SOURCES/flags.json
cat >rpm/SPECS/mount-s3.spec <<'S'
Name: mount-s3
Version: 1.23.0
Release: %{release_}
Summary: Mountpoint for Amazon S3, or what stands in for it
License: Apache-2.0
AutoReqProv: no
%description
For the bench.
%install
install -D -m 755 %{_sourcedir}/mount-s3 %{buildroot}/usr/bin/mount-s3
mkdir -p %{buildroot}/opt/aws/mountpoint-s3/bin; ln -s /usr/bin/mount-s3 %{buildroot}/opt/aws/mountpoint-s3/bin/mount-s3
install -D -m 644 %{_sourcedir}/flags.json %{buildroot}/usr/lib/mount-s3-stand-in/flags.json
%files
/usr/bin/mount-s3
/opt/aws/mountpoint-s3/bin/mount-s3
/usr/lib/mount-s3-stand-in/flags.json
S
cat >rpm/SPECS/system-release.spec <<'S'
Name: system-release
Version: 2023.8.20250818
Release: 0.amzn2023
Summary: What dnf finds the release of the system by
License: MIT
Provides: system-release(releasever) = 2023.8.20250818
%description
For the bench.
%files
S
for spec in mount-s3:1 mount-s3:2 system-release:0; do
  rpmbuild -bb --quiet --define "_topdir $out/rpm" --define "_dbpath $out/rpm/db" --define "release_ ${spec#*:}" \
    --define "_build_id_links none" "rpm/SPECS/${spec%:*}.spec" >rpm/log 2>&1 || { cat rpm/log; exit 1; }
done
mkdir -p repo/one repo/two; find rpm/RPMS -name 'mount-s3-1.23.0-1*' -exec cp {} repo/one \;
find rpm/RPMS -name 'mount-s3-1.23.0-[12]*' -exec cp {} repo/two \;
for each in one two; do createrepo_c -q repo/$each; done
mkdir -p repo/mountpoint-s3-release/latest/x86_64; cp repo/one/mount-s3-*.rpm repo/mountpoint-s3-release/latest/x86_64/mount-s3.rpm
# The same for Debian's kind.
rm -rf deb; mkdir -p deb/DEBIAN deb/usr/bin deb/usr/lib/mount-s3-stand-in
cp "$mount_s3" deb/usr/bin/mount-s3; cp "$here/mount-s3-flags.json" deb/usr/lib/mount-s3-stand-in/flags.json; chmod 755 deb/usr/bin/mount-s3
printf 'Package: mount-s3\nVersion: 1.23.0\nArchitecture: amd64\nMaintainer: nobody\nDescription: for the bench\n' >deb/DEBIAN/control
dpkg-deb --root-owner-group --build deb repo/mount-s3.deb >/dev/null

R=$out/rootfs; rm -rf --one-file-system "$R"; mkdir "$R"; tar -C "$R" -xpf base.tar --exclude='./dev/*'
cp -r "$here/image/." "$R/"; chmod 755 "$R"/usr/bin/{kubelet,containerd,nodeadm,setup-local-disks} "$R"/usr/lib/bench/{driver,pod}
mkdir -p "$R/srv" "$R/etc/bench" "$R/bench-results"; cp -r repo "$R/srv/repo"
"$here/units.py" "$R/etc/systemd/system"
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=bench -addext "subjectAltName=DNS:s3.amazonaws.com,DNS:s3.us-west-2.amazonaws.com,IP:127.0.0.1" -keyout key.pem -out cert.pem 2>/dev/null
cat key.pem cert.pem >"$R/usr/lib/bench/s3.pem"
cp cert.pem "$R/usr/local/share/ca-certificates/bench.crt"; chroot "$R" update-ca-certificates >/dev/null 2>&1
ln -sf dnf "$R/usr/bin/yum"
# AL2023's rpm takes a package without --force-debian, keeps its database elsewhere, and asks a repository.
mv "$R/usr/bin/rpm" "$R/usr/bin/rpm.debian"
cat >"$R/usr/bin/rpm" <<'S'
#!/bin/sh
case " $* " in *" -q"*|*" --query "*|*" --eval "*|*" --version "*|*" --import "*) exec /usr/bin/rpm.debian "$@";; esac
exec /usr/bin/rpm.debian --force-debian "$@"
S
chmod 755 "$R/usr/bin/rpm"; mkdir -p "$R/var/lib/rpm" "$R/etc/rpm" "$R/etc/yum.repos.d"; echo '%_dbpath /var/lib/rpm' >"$R/etc/rpm/macros"
printf '[amazonlinux]\nname=bench\nbaseurl=http://repo.bench/one/\ngpgcheck=0\nretries=1\ntimeout=10\n' >"$R/etc/yum.repos.d/amazonlinux.repo"
printf '[main]\ngpgcheck=1\nbest=True\nskip_if_unavailable=False\nmetadata_expire=0\n' >"$R/etc/dnf/dnf.conf"
find rpm/RPMS -name 'system-release*' -exec cp {} "$R/tmp/" \;; chroot "$R" sh -c 'rpm -i --nodeps /tmp/system-release*.rpm && rm /tmp/*.rpm'
rm -f "$R/etc/os-release"; printf 'NAME="Amazon Linux"\nVERSION="2023"\nID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n' >"$R/etc/os-release"
cat >"$R/etc/cloud/cloud.cfg" <<'S'
disable_root: true
network: {config: disabled}
datasource_list: [NoCloud]
cloud_init_modules: [bootcmd]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts-per-once, scripts-per-boot, scripts-per-instance, scripts-user, final-message]
system_info:
  distro: amazon
  default_user: {name: ec2-user, lock_passwd: true, shell: /bin/bash}
  paths: {cloud_dir: /var/lib/cloud/, templates_dir: /etc/cloud/templates/}
S
C="chroot $R"; $C groupadd -f wheel
$C systemctl enable -q nodeadm-boot-hook nodeadm-config nodeadm-run bench-early bench-net bench-main cloud-init-local cloud-init cloud-config cloud-final 2>/dev/null
for unit in getty@tty1.service console-getty.service systemd-networkd-wait-online.service systemd-firstboot.service systemd-timesyncd.service e2scrub_reap.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer dnf-makecache.timer systemd-tmpfiles-clean.timer cloud-init-hotplugd.socket; do
  $C systemctl mask -q $unit
done
$C systemctl set-default -q multi-user.target
printf '127.0.0.1 localhost repo.bench s3.amazonaws.com\n' >"$R/etc/hosts"
for region in us-west-2 us-east-1 us-east-2 eu-central-1; do echo "127.0.0.1 s3.$region.amazonaws.com" >>"$R/etc/hosts"; done
rm -f "$R/etc/resolv.conf" "$R/etc/machine-id"; echo 'nameserver 127.0.0.1' >"$R/etc/resolv.conf"; : >"$R/etc/machine-id"; : >"$R/etc/fstab"
mkdir -p "$R/var/log/journal"; rm -rf "$R"/var/lib/apt/lists/* "$R"/usr/share/doc "$R"/usr/share/locale
echo 1 >"$R/etc/bench/boot"
echo "$stamp" >stamp
