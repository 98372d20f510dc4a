"""stare.py ROOT: looks at the directories below ROOT as fast as it can, and says which it found empty, however shortly.
A name that begins with a dot is nobody's mount point."""
import os, sys

ROOT = sys.argv[1]
seen = set()
while True:
    for name in os.listdir(ROOT):
        try:
            empty = not name.startswith(".") and not os.listdir(os.path.join(ROOT, name))
        except OSError:
            continue
        if empty and name not in seen:
            seen.add(name)
            print(f"{name}=empty", flush=True)
