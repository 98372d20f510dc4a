"""The bench: an image of a node, a case, and a boot of one on the other."""
import os, pathlib, re, shutil, signal, subprocess, sys, threading, time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "node"
BOOT_SECONDS = 240
PROGRAMS = {"mmdebstrap": "mmdebstrap", "rpmbuild": "rpm", "createrepo_c": "createrepo-c", "systemd-nspawn": "systemd-container",
            "openssl": "openssl", "unshare": "util-linux"}


def missing():
    """What this machine lacks, in words."""
    lacks = [f"{program} (apt-get install {package})" for program, package in PROGRAMS.items() if not shutil.which(program)]
    lacks += [] if os.geteuid() == 0 else ["root"]
    lacks += [] if os.path.exists("/dev/fuse") else ["/dev/fuse"]
    lacks += [] if cgroup2() else ["a mounted cgroup2"]
    return lacks


def cgroup2():
    with open("/proc/mounts") as mounts:
        return next((line.split()[1] for line in mounts if line.split()[2] == "cgroup2"), None)


class Case:
    def __init__(self, path):
        self.path, self.name, self.text = path, path.stem, path.read_text()
        self.title = self.text.splitlines()[0].lstrip("# ")
        self.pods = [header.split() for header in self.header("daemonset")]
        self.example, self.klass = (self.header("user-data") or self.header("daemonset"))[0].split()
        self.node = " ".join(self.header("node")).split()
        self.console = self.header("console")

    def header(self, key):
        return re.findall(rf"^# {key}: (.*)$", self.text, re.M)


NODES = set()
ENDING = threading.Event()


def clear_away(number, _):
    """Ctrl-C and SIGTERM leave no node running and nothing mounted."""
    ENDING.set()
    for node in list(NODES):
        node.remove()
    os._exit(128 + number)


def prepare():
    """Builds the image, or ends where this machine cannot."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, clear_away)
    lacks = missing()
    if lacks:
        print("skipped: this machine lacks " + ", ".join(lacks))
        sys.exit(1 if os.environ.get("CI") == "true" else 0)
    subprocess.run([HERE / "image.sh", WORK], check=True)


def binary():
    return os.environ.get("S3BOOT", str(ROOT / "target" / "debug" / "s3boot"))


def render(example, klass, target):
    manifest = ROOT / "examples" / example / "s3boot.yaml"
    if not manifest.exists():
        manifest = HERE / "manifests" / f"{example}.yaml"
    command = [binary(), "render", "-f", str(manifest), "--nodeclass", klass, "--target", target]
    return subprocess.run(command, check=True, capture_output=True).stdout


def pod_files(example, klass):
    """The files of a DaemonSet's ConfigMap."""
    documents = yaml.safe_load_all(render(example, klass, "daemonset"))
    return next(document["data"] for document in documents if document["kind"] == "ConfigMap")


def user_data(case):
    if case.pods:  # the node exists already, and knows nothing of s3boot
        return b"#!/bin/bash\ntrue\n"
    script = render(case.example, case.klass, "userdata")
    for pattern in case.header("killed-after"):
        script = script[:re.search(pattern.encode(), script, re.M).end()] + b"\nkill -9 $$\n"
    return script


class Node:
    """A tree of its own over the image, and a cgroup to end it by."""

    def __init__(self, name, data, case_text, flags):
        if ENDING.is_set():  # the next case of the pool, after Ctrl-C
            raise InterruptedError(name)
        NODES.add(self)
        self.cgroup = pathlib.Path(cgroup2()) / f"s3boot-bench-{os.getpid()}-{name}"
        self.work = WORK / "run" / name
        subprocess.run(["umount", "-l", self.work / "root"], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.work, ignore_errors=True)
        for part in ("upper", "work", "root", "results"):
            (self.work / part).mkdir(parents=True)
        layers = f"lowerdir={WORK}/rootfs,upperdir={self.work}/upper,workdir={self.work}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, self.work / "root"], check=True)
        root = self.work / "root"
        (root / "etc/bench/case").write_text(case_text)
        shutil.copy(ROOT / "templates/wait.sh", root / "etc/bench/wait.sh")
        for flag in flags:
            (root / "etc/bench" / flag).touch()
        seed = root / "var/lib/cloud/seed/nocloud"
        seed.mkdir(parents=True)
        (seed / "user-data").write_bytes(data)
        (seed / "meta-data").write_text("instance-id: i-bench\nlocal-hostname: ip-10-0-2-15\n")

    def boot(self, number):
        """Boots until the case ends it. Returns its seconds, or None where it did not end."""
        results = self.work / "results"
        for file in ("done", "seconds"):
            (results / file).unlink(missing_ok=True)
        self.cgroup.mkdir(exist_ok=True)
        inner = ('mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p /run/systemd/nspawn && '
                 'mount -t tmpfs -o mode=700 tmpfs /run/systemd/nspawn || exit 1; "$@"; exit $?')
        nspawn = ["systemd-nspawn", "-q", "--register=no", "--keep-unit", "-D", str(self.work / "root"), "-M", "ip-10-0-2-15",
                  "--link-journal=no", "--resolv-conf=off", "--timezone=off", "--private-network", "--bind=/dev/fuse",
                  f"--bind={results}:/bench-results", "--console=read-only", "-b", "systemd.show_status=0", "systemd.log_color=0"]
        join = 'echo $$ >"$0/cgroup.procs" && exec unshare -m -C -p --fork --kill-child --mount-proc --propagation private sh -c "$@"'
        with open(self.work / "console", "ab") as console:
            process = subprocess.Popen(["sh", "-c", join, str(self.cgroup), inner, "sh", *nspawn], stdin=subprocess.DEVNULL,
                                       stdout=console, stderr=console)
        end = time.monotonic() + BOOT_SECONDS
        while not (results / "done").exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
        done = results / "done"
        if done.exists() and done.read_text().strip() == "yes":
            off = time.monotonic()
            try:
                process.wait(timeout=60)
                (results / "poweroff").write_text(f"{time.monotonic() - off:.1f}\n")
            except subprocess.TimeoutExpired:
                done = None
        self.kill()
        process.wait()
        ended = done is not None and done.exists()
        return float((results / "seconds").read_text()) if ended else None

    def kill(self):
        if self.cgroup.exists():
            (self.cgroup / "cgroup.kill").write_text("1")
            for _ in range(100):
                for directory, _, _ in os.walk(self.cgroup, topdown=False):
                    try:
                        os.rmdir(directory)
                    except OSError:
                        pass
                if not self.cgroup.exists():
                    return
                time.sleep(0.1)

    def remove(self):
        self.kill()
        subprocess.run(["umount", "-l", self.work / "root"], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.work / "upper", ignore_errors=True)
        shutil.rmtree(self.work / "work", ignore_errors=True)
        NODES.discard(self)


def run(case, data=None):
    """The case, how many of its expectations held, those that did not, and its seconds."""
    began = time.monotonic()
    boots = len(re.findall(r"^boot\d+\(\)", case.text, re.M))
    node = Node(case.name, data or user_data(case), case.text, case.node)
    for number, pod in enumerate(case.pods, 1):
        directory = node.work / "root/etc/bench/pod" / str(number)
        directory.mkdir(parents=True)
        for name, text in pod_files(*pod).items():
            (directory / name).write_text(text)
    try:
        failed = []
        for number in range(1, boots + 1):
            if node.boot(number) is None:
                failed.append(f"boot {number} did not end")
                break
        verdict = node.work / "results" / "verdict"
        lines = verdict.read_text().splitlines() if verdict.exists() else []
        failed += [line.split(" ", 2)[2] for line in lines if " FAILED " in line]
        console = (node.work / "console").read_text(errors="replace")
        failed += [f"the console does not say /{regex}/" for regex in case.console if not re.search(regex, console)]
        passed = sum(" ok " in line for line in lines) + len(case.console)
        if passed == 0:
            failed.append("nothing was expected")
    finally:
        node.remove()
    return case, passed, failed, time.monotonic() - began


def last_words(case):
    """What a failed case left to read, for those who have its output only."""
    results = WORK / "run" / case.name / "results"
    logs = [results / name for name in ("verdict", "kubelet", "pod", "journal")]
    return "\n".join(f"  {log.name}: {line}" for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines()[-60:])
