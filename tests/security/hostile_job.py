# SPDX-License-Identifier: Apache-2.0
"""What a hostile program of JQM's own account tries; each line of the answer is "attempt: what came of it".

	hostile_job.py keeper SOCKET | fcgi SOCKET | look PID...
"""
import ctypes
import os
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)


def outcome(attempt):
    try:
        return attempt()
    except OSError as e:
        return "refused (%s)" % os.strerror(e.errno)


def keeper(path):
    """HELLO, and what the keeper says to it: its first bytes are of WELCOME (type 101)."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(20)
    s.connect(path)
    try:
        s.send(struct.pack("=IHH", 8, 1, int(os.environ["WIRE_VERSION"])))
        answer = s.recv(65536)
    except (BrokenPipeError, ConnectionResetError):
        answer = b""
    return "answered with %d" % struct.unpack("=IH", answer[:6])[1] if answer else "refused (closed)"


def fcgi(path):
    """As if nginx had seen a certificate."""
    params = {"REQUEST_METHOD": "GET", "REQUEST_URI": "/ws/admin/me", "REMOTE_ADDR": "127.0.0.1", "HTTPS": "on",
              "REQUEST_ID": "0" * 32, "SSL_CLIENT_VERIFY": "SUCCESS", "SSL_CLIENT_CERT": "x"}
    body = b"".join(struct.pack(">BI", len(k), len(v) | 1 << 31) + k.encode() + v.encode() for k, v in params.items())

    def record(kind, data):
        return struct.pack(">BBHHBB", 1, kind, 1, len(data), 0, 0) + data

    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(path)
    try:
        s.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, body) + record(4, b"") + record(5, b""))
        answer = s.recv(65536)
    except (BrokenPipeError, ConnectionResetError):
        answer = b""
    return "answered" if answer else "refused (closed)"


def trace(pid):
    if libc.ptrace(16, int(pid), None, None) == -1:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "")
    os.waitpid(int(pid), 0x40000000)  # __WALL
    libc.ptrace(17, int(pid), None, None)
    return "traced"


def read(name):
    with open(name, "rb") as f:
        f.read(1)
    return "read"


def write(name):
    os.close(os.open(name, os.O_RDWR))
    return "opened to be written"


def copy(pid):
    """process_vm_readv of an address that is not there: EFAULT means that we might."""
    buffer = ctypes.create_string_buffer(8)
    there = (ctypes.c_size_t * 2)(8, 8)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)
    if libc.process_vm_readv(int(pid), here, 1, there, 1, 0) == -1 and ctypes.get_errno() != 14:
        raise OSError(ctypes.get_errno(), "")
    return "copied"


def look(*pids):
    for pid in pids:
        p = "/proc/" + pid
        print("trace:", outcome(lambda: trace(pid)))
        print("copy:", outcome(lambda: copy(pid)))
        print("mem:", outcome(lambda: write(p + "/mem")))
        for name in "environ", "maps", "stack", "syscall", "auxv":
            print(name + ":", outcome(lambda: read(p + "/" + name)))
        print("fd:", outcome(lambda: os.listdir(p + "/fd") and "listed"))
        print("exe:", outcome(lambda: os.readlink(p + "/exe") and "told"))


if sys.argv[1] == "look":
    look(*sys.argv[2:])
else:
    print(outcome(lambda: globals()[sys.argv[1]](sys.argv[2])))
