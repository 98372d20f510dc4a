{#- s3boot template: context 1. -#}
#!/bin/sh
# s3boot, class {{ class.name }}, in the pod: puts the units on the host, whose systemd does all the work. Generated: change the manifest.
{# Only namespaces of the host, so that nothing but sh and nsenter has to be in the image. What runs by this stays in the
   cgroup of the pod, and ends with it: it may tell systemd what to start, and start nothing itself. #}
host() { nsenter -t 1 -m -u -i -n -- "$@"; }
copy() { host /bin/bash -c "cat >/run/s3boot.$1" </s3boot/"$1"; }
on_host() { host /bin/bash -s "$@" </s3boot/host.sh; }
{% if needs_api %}
{# The API is asked by the host's Python: the token, the certificates and the program come as open files. #}
api() { S=/var/run/secrets/kubernetes.io/serviceaccount; host /usr/bin/python3 -I /dev/fd/3 "$@" 3</s3boot/api.py 4<$S/ca.crt 5<$S/token; }
{% endif %}
{% if on_delete %}
could_ask=
ask() { api deleted {{ namespace }} {{ name }}; }
{# Who deletes all at once, or the namespace, takes the ServiceAccount before the pod has ended. So a refusal is a deletion
   too, but only of what could ask before, and for 20 s: an API server that starts refuses what it will allow. #}
gone() {
for _ in 1 2 3 4 5 6 7; do
ask; case $? in
0) return 0;;
4) [ -n "$could_ask" ] || return 1;;
*) return 1;;
esac
sleep 3
done
}
ended() { if gone; then on_host remove; else echo "s3boot: the mounts stay"; fi; exit 0; }
{% else %}
ended() { echo "s3boot: the mounts stay"; exit 0; }
{% endif %}
trap ended TERM INT
nap() { sleep "$1" & wait $!; }
until copy node.sh && copy mounts && on_host apply; do nap 10; done
{% if on_delete %}
{# Before the mounts are waited for: who deletes what never worked wants it gone, gate and all. #}
until ask; [ $? = 3 ]; do nap 10; done
could_ask=yes
{% endif %}
{% if lift_key is string %}
until host /usr/local/bin/s3boot-status >/dev/null 2>&1 && api lift "$NODE_NAME" {{ lift_key }}; do nap 3; done
{% endif %}
while :; do nap 3600; done
