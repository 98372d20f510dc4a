#!/usr/bin/env python3
"""units.py DIR: the units of an EKS AL2023 node's boot as stand-ins. Only their order is the AMI's
(amazon-eks-ami templates/al2023/runtime/rootfs/etc/systemd/system)."""
import pathlib, sys

CLOUD, NODE = "cloud-init.target", "multi-user.target"
EARLY = "cloud-init-local.service sysinit.target"
# Ubuntu and AL2 have none: bootstrap.sh starts kubelet, and nobody restarts it at the next boot.
NODEADM = dict(ConditionPathExists="!/etc/bench/no-nodeadm")
# name: ([Unit] keys, [Service] keys, wanted by)
UNITS = {
    "cloud-init-local": (
        dict(Wants="network-pre.target", After="systemd-remount-fs.service", Before="network-pre.target shutdown.target",
             RequiresMountsFor="/var/lib/cloud"), dict(ExecStart="/usr/bin/cloud-init init --local"), CLOUD),
    "cloud-init": (
        dict(DefaultDependencies="no", Wants="cloud-init-local.service", After="cloud-init-local.service",
             Before="network-online.target systemd-user-sessions.service"), dict(ExecStart="/usr/bin/cloud-init init"), CLOUD),
    "cloud-config": (
        dict(Wants="network-online.target cloud-config.target", After="network-online.target cloud-config.target"),
        dict(ExecStart="/usr/bin/cloud-init modules --mode=config"), CLOUD),
    "cloud-final": (
        dict(Wants="network-online.target cloud-config.service", After="network-online.target cloud-config.service"),
        dict(ExecStart="/usr/bin/cloud-init modules --mode=final", KillMode="process"), CLOUD),
    "nodeadm-boot-hook": (
        dict(Before="nodeadm-config.service", **NODEADM), dict(ExecStart="/usr/bin/true", RemainAfterExit="no"), NODE),
    "nodeadm-config": (
        dict(Before="cloud-init.service", **NODEADM), dict(ExecStart="/usr/bin/nodeadm init --skip run", RemainAfterExit="no"), NODE),
    "nodeadm-run": (
        dict(After="nodeadm-config.service cloud-final.service", Requires="nodeadm-config.service", **NODEADM),
        dict(ExecStart="/usr/bin/nodeadm init --skip config", RemainAfterExit="no"), NODE),
    "containerd": (
        dict(After="network.target local-fs.target"),
        dict(Type="simple", RemainAfterExit="no", Slice="runtime.slice", ExecStart="/usr/bin/containerd", Restart="always"), None),
    # Not enabled, as on the AMI: nodeadm-run starts it, at every boot.
    "kubelet": (
        dict(After="containerd.service", Wants="containerd.service"),
        dict(Type="simple", RemainAfterExit="no", Slice="runtime.slice", EnvironmentFile="/etc/eks/kubelet/environment",
             ExecStart="/usr/bin/kubelet $NODEADM_KUBELET_ARGS", Restart="on-failure", KillMode="process"), None),
    "bench-early": (
        dict(DefaultDependencies="no", After="local-fs.target", Before=EARLY), dict(ExecStart="/usr/lib/bench/driver early"), "sysinit.target"),
    "bench-net": (
        dict(DefaultDependencies="no", After="bench-early.service"),
        dict(Type="exec", RemainAfterExit="no", ExecStart="/usr/bin/python3 /usr/lib/bench/net.py", TimeoutStopSec="1"), "sysinit.target"),
    "bench-main": (
        dict(DefaultDependencies="no", After="bench-early.service dbus.socket"),
        dict(Type="exec", RemainAfterExit="no", ExecStart="/usr/lib/bench/driver main", KillMode="process", TimeoutStopSec="2"), NODE),
}

out = pathlib.Path(sys.argv[1])
for name, (unit, service, wanted_by) in UNITS.items():
    service = {"Type": "oneshot", "RemainAfterExit": "yes", "StandardOutput": "journal+console", **service}
    if service["Type"] == "oneshot":
        service["TimeoutSec"] = "0"
    lines = ["[Unit]", f"Description=bench: {name}", *(f"{key}={value}" for key, value in unit.items())]
    lines += ["[Service]", *(f"{key}={value}" for key, value in service.items())]
    lines += ["[Install]", f"WantedBy={wanted_by}"] if wanted_by else []
    (out / f"{name}.service").write_text("\n".join(lines) + "\n")
(out / "runtime.slice").write_text("[Unit]\nDescription=bench: runtime\nBefore=slices.target\n")
