"""An API server on 127.0.0.1:6443 with one node and perhaps a DaemonSet: what the pod of a DaemonSet asks for, and no more.
The node is /run/bench/api/node.json; the DaemonSet is there while /run/bench/api/daemonset is; each request is a line in
/run/bench/api/log. A patch whose test fails is refused, as by the real one; so is a token that is not the pod's, and every one while
/run/bench/api/refuse is there: its ServiceAccount is gone."""
import http.server, json, os, ssl

STATE = "/run/bench/api"
TAINTS = [{"key": "s3boot.dev/not-mounted", "effect": "NoSchedule"}, {"key": "s3boot.dev/class", "value": "reports", "effect": "NoSchedule"}]


def node():
    with open(f"{STATE}/node.json") as file:
        return json.load(file)


def keep(value):
    with open(f"{STATE}/node.json.new", "w") as file:
        json.dump(value, file)
    os.rename(f"{STATE}/node.json.new", f"{STATE}/node.json")


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, code, body):
        with open(f"{STATE}/log", "a") as log:
            print(self.command, self.path, code, file=log)
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        if self.headers["Authorization"] != "Bearer the-token" or os.path.exists(f"{STATE}/refuse"):
            return self.answer(401, {})
        if self.path == "/api/v1/nodes/ip-10-0-2-15":
            return self.answer(200, node())
        if self.path == "/apis/apps/v1/namespaces/s3boot/daemonsets/s3boot-reports" and os.path.exists(f"{STATE}/daemonset"):
            return self.answer(200, {"metadata": {"name": "s3boot-reports"}})
        self.answer(404, {})

    def do_PATCH(self):
        patch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = node()
        if self.headers["Content-Type"] != "application/json-patch+json" or self.headers["Authorization"] != "Bearer the-token":
            return self.answer(415, {})
        if os.path.exists(f"{STATE}/busy"):  # another was quicker, once
            os.remove(f"{STATE}/busy")
            known["spec"]["taints"].append({"key": "example.com/other", "effect": "NoExecute"})
            keep(known)
        for change in patch:
            if change["path"] != "/spec/taints" or change["op"] == "test" and known["spec"]["taints"] != change["value"]:
                return self.answer(422, {})
            if change["op"] == "replace":
                known["spec"]["taints"] = change["value"]
        keep(known)
        self.answer(200, known)

    def log_message(self, *_):
        pass


os.makedirs(STATE, exist_ok=True)
keep({"metadata": {"name": "ip-10-0-2-15"}, "spec": {"taints": TAINTS}})
open(f"{STATE}/daemonset", "w").close()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 6443), Handler)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain("/usr/lib/bench/s3.pem")
server.socket = tls.wrap_socket(server.socket, server_side=True)
server.serve_forever()
