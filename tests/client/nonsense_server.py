# SPDX-License-Identifier: Apache-2.0
"""A web server that talks nonsense: which, the login of the caller says.  Prints its port; ends with its standard input."""
import base64
import http.server
import json
import sys
import threading

JSON, BYTES = "application/json", "application/octet-stream"
FIXED = {  # login: status, headers, body
    "html": (200, {"Content-Type": "text/html"}, b"<html><body>It works!</body></html>"),
    "html-as-json": (200, {"Content-Type": JSON}, b"<html><body>It works!</body></html>"),
    "empty": (200, {"Content-Type": JSON}, b""),
    "object": (200, {"Content-Type": JSON}, b"{}"),
    "null": (200, {"Content-Type": JSON}, b"null"),
    "half": (200, {"Content-Type": JSON}, b'{"id": 1, "applicationName": "Gr'),
    "types": (200, {"Content-Type": JSON}, b'{"id": {"a": 1}, "state": "LOST", "instances": 7, "messages": {}}'),
    "state": (200, {"Content-Type": JSON}, b'{"id": 5, "state": "LOST", "instances": [{"id": 5, "state": "LOST"}]}'),
    "negative": (200, {"Content-Type": JSON}, b'{"id": -5}'),
    "deep": (200, {"Content-Type": JSON}, b"[" * 100000),
    "bytes": (200, {"Content-Type": BYTES}, bytes(range(256)) * 10),
    "302": (302, {"Location": "http://192.0.2.1/", "Content-Type": "text/html"}, b"<html>elsewhere</html>"),
    "500": (500, {"Content-Type": "text/html"}, b"<html>Request failed.</html>"),
    "error": (409, {"Content-Type": JSON}, json.dumps({"userReadableMessage": "x" * 5000}).encode()),
    "error-types": (409, {"Content-Type": JSON}, b'{"userReadableMessage": {"no": "text"}}'),
    "502": (502, {"Content-Type": "text/html"}, b"<html>Bad gateway.</html>"),
    "503": (503, {"Content-Type": "text/html"}, b"<html>Later.</html>"),
    "504": (504, {"Content-Type": JSON}, b'{"userReadableMessage": "the server did not answer in time", "errorCode": 9}'),
    "many": (200, {"Content-Type": JSON}, b"[4, 5, 6, 7]"),
    "range": (206, {"Content-Type": BYTES, "Content-Range": "bytes 5-9/3"}, b"abcde"),
    "no-range": (206, {"Content-Type": BYTES}, b"abcde"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def fixed(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def heads(self):
        """Headers without end."""
        self.send_response(200)
        self.flush_headers()
        try:
            while True:
                self.wfile.write(b"X-Head: " + b"h" * 1000 + b"\r\n")
        except OSError:
            pass
        self.close_connection = True

    def part(self, length, media_type, pieces, status=200):
        """A body that is announced to be longer than it is, or that nobody wants to the end."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        try:
            for piece in pieces:
                self.wfile.write(piece)
        except OSError:
            pass
        self.close_connection = True

    def answer(self):
        login = base64.b64decode(self.headers.get("Authorization", "Basic ")[6:]).decode().split(":")[0]
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if login in FIXED:
            self.fixed(*FIXED[login])
        elif login == "cut":
            self.part(1000, JSON, [b'{"id": 1, "state": "ENDED"'])
        elif login == "cut-file":
            self.part(1000, BYTES, [b"the first bytes"])
        elif login == "huge":
            self.part(1 << 30, JSON, (b" " * (1 << 20) for _ in range(1 << 10)))
        elif login == "huge-error":
            self.part(1 << 30, JSON, (b" " * (1 << 20) for _ in range(1 << 10)), status=500)
        elif login == "heads":
            self.heads()
        else:
            if login == "silent":
                self.connection.recv(1)  # until the caller has had enough
            elif login == "garbage":
                self.wfile.write(b"\0\1\2 hello, I am no web server\r\n\r\n")
            self.close_connection = True

    do_GET = do_POST = do_DELETE = answer


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
