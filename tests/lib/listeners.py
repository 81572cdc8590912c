#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""listeners.py PORT LOGIN:PASSWORD N PID MEMORY_KB SQL...: N who listen to events, one who never reads, and a flood.

PID is that of jqm-events, which may take MEMORY_KB; SQL... is a command that runs one statement.  Prints TAP."""
import asyncio
import base64
import json
import os
import resource
import socket
import subprocess
import sys
import time

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
from answers import Watch  # noqa: E402: it is no package

PORT, LOGIN, N, PID, MEMORY_KB = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
SQL = sys.argv[6:]
WAIT_S = 60
FLOOD, PIECE, AT_ONCE = 15000, 500, 10500
n = 0
watch = Watch()


def tell(fine, words, *what):
    global n
    n += 1
    print(f"{'ok' if fine else 'not ok'} {n} - {words}")
    for line in what if not fine else []:
        print(f"# {line}")
    sys.stdout.flush()


def sql(statement):
    return subprocess.run([*SQL, statement], check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True).stdout.strip()


def memory_kb():
    """Resident; its share alone would take a look into the process, which it forbids."""
    with open(f"/proc/{PID}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def tell_memory(when):
    rss = memory_kb()
    print(f"# {when}: VmRSS {rss} kB")
    tell(rss < MEMORY_KB, f"{when} jqm-events takes less than {MEMORY_KB // 1024} MB", rss)


class Listener:
    def __init__(self, query):
        self.query = query
        self.events = []
        self.status = b""

    async def connect(self, receive_bytes=None):
        connection = socket.socket()
        if receive_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", int(PORT)))
        self.reader, self.writer = await asyncio.open_connection(sock=connection)
        login = base64.b64encode(LOGIN.encode()).decode()
        self.writer.write(f"GET /ws/client/events?{self.query} HTTP/1.0\r\nHost: localhost\r\nAuthorization: Basic {login}\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        watch.see_bytes("GET", f"/ws/client/events?{self.query}", head)
        self.status = head.partition(b"\r\n")[0]
        await self.reader.readuntil(b"event: hello")

    async def read(self):
        """Goes on for ever; behind hello.  HTTP/1.0: not in chunks."""
        event = ""
        while True:
            line = await self.reader.readline()
            if not line:
                self.events.append(("end", {}))
                return
            if line.startswith(b"event: "):
                event = line[7:].strip().decode()
            elif line.startswith(b"data: ") and event:
                self.events.append((event, json.loads(line[6:])))

    def has(self, kind):
        return any(event == kind for event, _ in self.events)


async def until(fine, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while not fine():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.05)
    return True


async def connect_all(listeners):
    gate = asyncio.Semaphore(50)

    async def one(listener):
        async with gate:
            await listener.connect()

    await asyncio.wait_for(asyncio.gather(*(one(listener) for listener in listeners)), WAIT_S)


async def answer():
    """How long a short request takes, and its status."""
    begin = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    login = base64.b64encode(LOGIN.encode()).decode()
    writer.write(f"GET /ws/client/ji/active HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Basic {login}\r\n\r\n".encode())
    status = await reader.readline()
    took = time.monotonic() - begin
    watch.see_bytes("GET", "/ws/client/ji/active", status + await reader.read())
    writer.close()
    return b" 200 " in status, took


def enqueue(many):
    sql(f"SELECT count(jqm.enqueue('Held', held => true, session_id => repeat('s', 255), user_name => repeat('u', 100), email => NULL)) FROM generate_series(1, {many})")


async def main():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    idle = [Listener("applicationName=Nothing") for _ in range(N)]
    await connect_all(idle)
    tell(all(b" 200 " in listener.status for listener in idle), f"{N} listen at the same time")
    tell_memory(f"with {N} idle listeners")
    answers = await asyncio.gather(*(answer() for _ in range(40)))
    tell(all(fine for fine, _ in answers), "the web API answers all the same")
    print(f"# the slowest of 40 at once: {max(took for _, took in answers) * 1000:.0f} ms")

    witnesses = [Listener("kinds=state") for _ in range(2)]
    slow = Listener("kinds=state")
    await connect_all(witnesses)
    await slow.connect(receive_bytes=4096)
    slow.writer.transport.pause_reading()
    readers = [asyncio.create_task(listener.read()) for listener in witnesses + idle]
    begin = time.monotonic()
    for _ in range(FLOOD // PIECE):
        await asyncio.to_thread(enqueue, PIECE)
    heard_all = await until(lambda: all(len(listener.events) >= FLOOD for listener in witnesses))
    print(f"# {FLOOD} events in {time.monotonic() - begin:.1f} s")
    tell(heard_all and not any(listener.has("gap") for listener in witnesses),
         "who reads hears of each event, however little another one reads", *(len(listener.events) for listener in witnesses))
    ids = [data["id"] for _, data in witnesses[0].events]
    tell(len(set(ids)) == len(ids), "and of none twice")
    tell(not any(listener.events for listener in idle), "who asked for something else of none")
    tell_memory("after the flood")

    slow.writer.transport.resume_reading()
    readers.append(asyncio.create_task(slow.read()))
    tell(await until(lambda: slow.has("gap")), "who did not read is told what that means", len(slow.events), slow.events[-1:])
    enqueue(1)
    last = int(sql("SELECT max(id) FROM jqm.job_instance"))
    tell(await until(lambda: any(data.get("id") == last for _, data in slow.events)), "and goes on with what comes next", slow.events[-1:])

    enqueue(AT_ONCE)
    tell(await until(lambda: all(listener.has("gap") for listener in idle + witnesses)), "more at once than can be told: all are told to read afresh")
    tell_memory("after that")
    tell(not any(listener.has("end") for listener in idle + witnesses), "nobody was cut off")
    for task in readers:
        task.cancel()
    tell(not watch.problems(), "every answer was as openapi.json describes it", *watch.problems())
    print(f"1..{n}")


asyncio.run(main())
