"""The network of the node: S3 (https, 443) and the package repository (http, 80), both on 127.0.0.1. A case sets how they
behave by a word in /run/bench/s3 and /run/bench/repo: ok, refuse, 503, hang, missing (404), denied (403)."""
import http.server, os, ssl, threading, time, urllib.parse

ROOT = "/srv/repo"


def mode(which):
    try:
        with open(f"/run/bench/{which}") as file:
            return file.read().strip() or "ok"
    except FileNotFoundError:
        return "ok"


class Handler(http.server.BaseHTTPRequestHandler):
    which = ""

    def do_GET(self):
        while mode(self.which) == "hang":
            time.sleep(0.2)
        code = {"503": 503, "missing": 404, "denied": 403}.get(mode(self.which), 200)
        body = self.body() if code == 200 else b""
        if body is None:
            code, body = 404, b""
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class S3(Handler):
    which = "s3"

    def body(self):
        if self.path.startswith("/mountpoint-s3-release/"):
            return published(self.path)
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        prefix = query.get("prefix", [""])[0]
        keys = "".join(f"<Contents><Key>{prefix}{name}</Key></Contents>" for name in ("hello.txt", "etl-1.4.2.jar"))
        return f"<ListBucketResult>{keys}</ListBucketResult>".encode()


class Repository(Handler):
    which = "repo"

    def body(self):
        return published(self.path)


def published(url):
    path = os.path.normpath(ROOT + urllib.parse.unquote(urllib.parse.urlparse(url).path))
    if not path.startswith(ROOT) or not os.path.isfile(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def serve(handler, port, context=None):
    """Listens while the mode is not `refuse`: then a connection is refused, as from a host that is not there."""
    while True:
        while mode(handler.which) == "refuse":
            time.sleep(0.1)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        server.daemon_threads = True
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
        thread.start()
        while mode(handler.which) != "refuse":
            time.sleep(0.1)
        server.shutdown()
        server.server_close()
        thread.join()


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain("/usr/lib/bench/s3.pem")
threading.Thread(target=serve, args=(Repository, 80)).start()
serve(S3, 443, tls)
