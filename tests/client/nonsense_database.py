# SPDX-License-Identifier: Apache-2.0
"""Servers that are no PostgreSQL, each on a port of its own; prints "NAME PORT" for each, ends with its standard input.

    html     a web server            silent   takes everything and says nothing
    close    hangs up                garbage  random bytes, for as long as somebody reads
    endless  a refusal of 1 GB       half     lets everybody in, hangs up in the middle of its first answer
"""
import os
import socket
import struct
import sys
import threading

WELCOME = b"R" + struct.pack("!II", 8, 0) + b"S" + struct.pack("!I", 22) + b"server_version\0" + b"15\0" + b"Z" + struct.pack("!I", 5) + b"I"


def startup(conn):
    """No TLS; the packet that begins a session."""
    while True:
        length, code = struct.unpack("!II", conn.recv(8, socket.MSG_WAITALL))
        conn.recv(length - 8, socket.MSG_WAITALL)
        if code != 80877103:
            return
        conn.sendall(b"N")


def serve(name, conn):
    try:
        if name == "html":
            conn.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>What?</html>")
        elif name == "silent":
            while conn.recv(65536):
                pass
        elif name == "garbage":
            startup(conn)
            while True:
                conn.sendall(os.urandom(65536))
        elif name == "endless":
            startup(conn)
            conn.sendall(b"E" + struct.pack("!I", 1 << 30) + b"SERROR\0C53300\0M")
            for _ in range(1 << 10):
                conn.sendall(b"m" * (1 << 20))
        elif name == "half":
            startup(conn)
            conn.sendall(WELCOME)
            conn.recv(65536)
            conn.sendall(b"D" + struct.pack("!I", 1000) + b"half of it")
    except (OSError, struct.error):
        pass
    finally:
        conn.close()


def accept(name, listener):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(name, conn), daemon=True).start()


for each in ("html", "silent", "close", "garbage", "endless", "half"):
    sock = socket.create_server(("127.0.0.1", 0))
    print(each, sock.getsockname()[1])
    threading.Thread(target=accept, args=(each, sock), daemon=True).start()
print(flush=True)
sys.stdin.read()
