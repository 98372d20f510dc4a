"""What somebody sees of the mounts: NAME=files, empty, error, hang or absent, for each directory below /mnt/s3.
Says it on stdout whenever it changes: the seconds since boot, and the states."""
import os, subprocess, sys, time

ROOT = sys.argv[1]


def state(path):
    try:
        said = subprocess.run(["ls", "-A", path], capture_output=True, timeout=2)
    except subprocess.TimeoutExpired:
        return "hang"
    if said.returncode:
        return "error" if os.path.lexists(path) or b"not connected" in said.stderr else "absent"
    return "files" if said.stdout.strip() else "empty"


def look():
    try:
        names = sorted(os.listdir(ROOT))
    except OSError:
        return "nothing"
    return " ".join(f"{name}={state(os.path.join(ROOT, name))}" for name in names) or "nothing"


def uptime():
    now, zero = (float(open(path).read().split()[0]) for path in ("/proc/uptime", "/run/bench/t0"))
    return now - zero


before = None
while True:
    now = look()
    if now != before:
        print(f"{uptime():.2f} {'START' if before is None else 'SEES'} {now}", flush=True)
        before = now
    time.sleep(0.2)
