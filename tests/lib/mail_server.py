#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""mail_server.py PORT DIR: a real SMTP server (aiosmtpd) on 127.0.0.1 for tests, until it is killed.

Each mail it accepts becomes DIR/N.eml, whole, with the envelope's recipient in X-RcptTo.  What it does
instead of accepting is the word in DIR/mode, read anew for each mail:
    accept    451 (each recipient's first try)    550    554-text (refuses the text)    553-sender
    hang      takes the text and never answers    auth   wants a login: user "jqm", password "s3cret"
    tls       offers STARTTLS with DIR/cert.pem, DIR/key.pem; X-Tls tells whether that was taken
DIR/seen has one line "COMMAND ARGUMENT" for each recipient and text it was told, whatever became of it.
DIR/pid is there when it listens.
"""
import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

port, directory = int(sys.argv[1]), sys.argv[2]
tried = set()
count = 0


def mode():
    try:
        with open(os.path.join(directory, "mode"), encoding="utf-8") as f:
            return f.read().strip()
    except FileNotFoundError:
        return "accept"


def seen(line):
    with open(os.path.join(directory, "seen"), "a", encoding="utf-8") as f:
        f.write(line + "\n")


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if mode() == "553-sender":
            return "553 5.7.1 who are you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        seen("RCPT " + address)
        if mode() == "550":
            return "550-5.1.1 no such user\r\n550 5.1.1 here \x1b[1m"
        if mode() == "451" and address not in tried:
            tried.add(address)
            return "451 4.7.1 greylisted, try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global count
        text = envelope.original_content
        for line in text.split(b"\r\n"):
            if line.lower().startswith(b"message-id:"):
                seen("DATA " + line.decode("ascii"))
        if mode() == "554-text":
            return "554 5.6.0 not in this tone"
        if mode() == "hang":
            await asyncio.sleep(3600)
        count += 1
        path = os.path.join(directory, "%d.eml" % count)
        with open(path + ".new", "wb") as f:
            f.write(b"X-RcptTo: " + ",".join(envelope.rcpt_tos).encode() + b"\r\n")
            f.write(b"X-Tls: " + (b"no" if session.ssl is None else b"yes") + b"\r\n" + text)
        os.rename(path + ".new", path)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"jqm" and data.password == b"s3cret"
    return AuthResult(success=good, handled=good)


def session():
    wants = mode() == "auth"
    context = None
    if mode() == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem"))
    return SMTP(Handler(), hostname="mail.test", timeout=600, tls_context=context, auth_required=wants,
                auth_require_tls=False, authenticator=authenticate if wants else None)


async def main():
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", port)
    with open(os.path.join(directory, "pid.new"), "w", encoding="utf-8") as f:
        f.write(str(os.getpid()))
    os.rename(os.path.join(directory, "pid.new"), os.path.join(directory, "pid"))
    await server.serve_forever()


asyncio.run(main())
