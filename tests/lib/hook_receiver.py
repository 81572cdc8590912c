#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""hook_receiver.py PORT DIR [CERT KEY]: a receiver of webhooks on 127.0.0.1 (and ::1 if there is one), until it is killed;
with HOOK_HOSTS=all in its environment on all addresses of this machine: 127.0.0.0/8 are hosts enough.

Each request becomes a line of DIR/requests: {"path", "headers" (names in lower case), "body", "open" (how many others are
answered at that moment)}.  What it answers is the first word of the path:
    ok           200                           status-N   N
    tired        200 after 1.5 s
    slow         never                         trickle    200, then a byte now and then, without end
    close        nothing, closes               reset      nothing, closes with a reset
    short        promises 1,000 bytes, sends 10    more   promises 2 bytes, sends 1,000
    huge         200 and 1 GB                  heads      headers without end
    redirect     302 to /ok/redirected         later      503, Retry-After: 1800
    flaky        500 the first time it sees a webhook-id, then 200
    nonsense     bytes that are no HTTP        old        HTTP/0.9: a body and no head
    terminal     500 and a text full of control characters, NULs and broken UTF-8
DIR/pid is there when it listens.
"""
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

port, directory = int(sys.argv[1]), sys.argv[2]
context = None
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
lock = threading.Lock()
seen = set()
is_open = 0


def read_request(conn):
    data = b""
    while b"\r\n\r\n" not in data:
        more = conn.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    while len(body) < int(headers.get("content-length", 0)):
        more = conn.recv(65536)
        if not more:
            return None
        body += more
    return lines[0].split(" ")[1], headers, body.decode("utf-8", "replace")


def forever(conn, data, pause):
    while True:
        conn.sendall(data)
        time.sleep(pause)


def answer(conn, path, headers):
    word = path.split("/")[1].split("?")[0]
    reply = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n%s"
    if word == "tired":
        time.sleep(1.5)
        conn.sendall(reply % (200, 2, b"", b"ok"))
    elif word == "slow":
        conn.recv(1)  # until the other side gives up
    elif word == "trickle":
        conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        forever(conn, b".", 0.2)
    elif word == "reset":
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif word == "short":
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789")
    elif word == "more":
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + b"y" * 1000)
    elif word == "huge":
        conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        for _ in range(1024):
            conn.sendall(b"z" * 1048576)
    elif word == "heads":
        conn.sendall(b"HTTP/1.1 200 OK\r\n")
        forever(conn, b"X-Head: " + b"h" * 1000 + b"\r\n", 0)
    elif word == "redirect":
        conn.sendall(reply % (302, 0, b"Location: /ok/redirected\r\n", b""))
    elif word == "later":
        conn.sendall(reply % (503, 0, b"Retry-After: 1800\r\n", b""))
    elif word == "flaky":
        with lock:
            first = headers.get("webhook-id") not in seen
            seen.add(headers.get("webhook-id"))
        conn.sendall(reply % (500 if first else 200, 5, b"", b"flaky"))
    elif word == "nonsense":
        conn.sendall(b"\x16\x03\x01 what? \r\n\r\n")
    elif word == "old":
        conn.sendall(b"<html>hello</html>")
    elif word == "terminal":
        text = b"a\0b\x1b[31mc\xff\xfe\r\nd" + "é".encode() + b"e"
        conn.sendall(reply % (500, len(text), b"", text))
    elif word.startswith("status-"):
        conn.sendall(reply % (int(word[7:]), 6, b"", b"answer"))
    elif word != "close":
        conn.sendall(reply % (200, 2, b"", b"ok"))


def serve(conn):
    global is_open
    try:
        conn.settimeout(300)
        if context is not None:
            conn = context.wrap_socket(conn, server_side=True)
        request = read_request(conn)
        if request is not None:
            with lock:
                with open(os.path.join(directory, "requests"), "a", encoding="utf-8") as f:
                    f.write(json.dumps({"path": request[0], "headers": request[1], "body": request[2], "open": is_open}) + "\n")
                is_open += 1
            try:
                answer(conn, request[0], request[1])
            finally:
                with lock:
                    is_open -= 1
    except OSError:
        pass
    finally:
        conn.close()


def listen(family, address):
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind((address, port))
    listener.listen(1024)
    return listener


def accept(listener):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()


main = listen(socket.AF_INET, "0.0.0.0" if os.environ.get("HOOK_HOSTS") == "all" else "127.0.0.1")
try:
    threading.Thread(target=accept, args=(listen(socket.AF_INET6, "::1"),), daemon=True).start()
except OSError:
    pass
with open(os.path.join(directory, "pid.new"), "w", encoding="utf-8") as out:
    out.write(str(os.getpid()))
os.rename(os.path.join(directory, "pid.new"), os.path.join(directory, "pid"))
accept(main)
