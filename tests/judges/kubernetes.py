"""kubernetes.py FILE...: each document of each file by the strict schemas of a Kubernetes version. Says what they refuse."""
import sys

import kubernetes_validate
import yaml

VERSION = "1.34"
refused = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        for document in yaml.safe_load_all(file):
            try:
                kubernetes_validate.validate(document, VERSION, strict=True)
            except kubernetes_validate.ValidationError as error:
                refused += 1
                print(f"{path}: {document['kind']}: {'.'.join(str(part) for part in error.path)}: {error.message}")
sys.exit(1 if refused else 0)
