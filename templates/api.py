"""Asks the API server, on the host. api.py lift NODE KEY; api.py deleted NAMESPACE DAEMONSET: exit code 0 where it is deleted,
3 where it is not, 4 where one may not ask, 1 where there is no answer. Comes with open files: 4 the certificates, 5 the token."""
import json
import os
import ssl
import sys
import urllib.error
import urllib.request

verb, scope, name = sys.argv[1:]
trust = ssl.create_default_context(cadata=open(4, encoding="ascii").read())
token = open(5, encoding="ascii").read().strip()
address = os.environ["KUBERNETES_SERVICE_HOST"]
server = "https://%s:%s" % ("[%s]" % address if ":" in address else address, os.environ["KUBERNETES_SERVICE_PORT"])


def call(path, body=None):
    headers = {"Authorization": "Bearer " + token}
    if body is not None:
        headers["Content-Type"] = "application/json-patch+json"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server + path, data, headers, method="GET" if body is None else "PATCH")
    with urllib.request.urlopen(request, timeout=10, context=trust) as answer:
        return json.load(answer)


def lift():
    path = "/api/v1/nodes/" + scope
    taints = call(path)["spec"].get("taints", [])
    kept = [taint for taint in taints if taint["key"] != name]
    if kept != taints:
        # Another may change the taints meanwhile: then the test fails, and the pod tries again.
        call(path, [{"op": "test", "path": "/spec/taints", "value": taints}, {"op": "replace", "path": "/spec/taints", "value": kept}])
        print("s3boot: lifted", name)


def deleted():
    try:
        found = call("/apis/apps/v1/namespaces/%s/daemonsets/%s" % (scope, name))
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 404):
            return 0 if error.code == 404 else 4
        raise
    return 0 if "deletionTimestamp" in found["metadata"] else 3


try:
    sys.exit(lift() if verb == "lift" else deleted())
except OSError as error:
    sys.exit("s3boot: the API server: %s" % error)
