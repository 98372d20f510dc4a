{#- s3boot template: context 1. -#}
#!/bin/bash
# s3boot, class {{ class.name }}, on the host: brings it to what the DaemonSet has, or clears it away. Generated: change the manifest.
D=/etc/systemd/system
{# A mount that goes or moves: lazily, since pods may have files open in it. mount-s3 ends when the last is closed. #}
leave() {
while findmnt -rn -M "$1" >/dev/null; do umount -l "$1" || return; done
rmdir "$1" 2>/dev/null
rm -rf "$D/$(systemd-escape -p --suffix=mount "$1").d"
}
case $1 in
apply)
bash /run/s3boot.node.sh || exit
{# Lines of name, path and a digest of the settings. kubelet runs already, so its gate has opened and brings in nothing new. #}
touch /etc/s3boot/mounts
while read -r name path digest; do
{# In the new list as it was: it is let be. #}
grep -qxF "$name $path $digest" /run/s3boot.mounts && continue
if grep -q "^$name $path " /run/s3boot.mounts; then systemctl restart --no-block "s3boot@$name"; continue; fi
echo "s3boot: $name leaves $path"
systemctl stop "s3boot@$name"; leave "$path"; leave "/run/s3boot/$name"
rm -rf{% for cache in caches %} {{ cache }}/"${name:?}"{% endfor %}

done </etc/s3boot/mounts
mv /run/s3boot.mounts /etc/s3boot/mounts
while read -r name _; do systemctl start --no-block "s3boot@$name"; done </etc/s3boot/mounts
{# The program of the watch may be new. #}
systemctl restart --no-block s3boot-watch;;
remove)
{# kubelet requires its gate: stopping that stops kubelet, until systemd has forgotten the requirement. #}
rm -f $D/{{ kubelet }}.d/10-s3boot.conf; rmdir $D/{{ kubelet }}.d 2>/dev/null
systemctl disable -q --no-reload s3boot-gate; systemctl daemon-reload
systemctl stop s3boot-watch s3boot-gate
while read -r name path _; do
leave "$path"; leave "/run/s3boot/$name"; systemctl stop "s3boot@$name"
done </etc/s3boot/mounts
rm -f $D/s3boot-gate.service $D/s3boot@.service $D/s3boot-watch.service $D/s3boot-disks.service /usr/local/bin/s3boot-status
rm -rf /etc/s3boot /run/s3boot /run/s3boot-* /run/s3boot.* {{ caches }}; systemctl daemon-reload
echo "s3boot: the mounts are gone";;
esac
