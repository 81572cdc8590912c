#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""answers.py DOCUMENT DIRECTORY: is each answer in DIRECTORY as the OpenAPI document says: path, method, status, media
type, every member of its body?  Prints what is not, exit code 1 then; and how many answers there were of which kind.

In DIRECTORY are traces of curl (recorded/curl) and of programs with libcurl (NAME.program, preload/answers.c), and what
was said on a bare socket (NAME.sent, NAME.got: hostile.sh), and what a browser got (NAME.browser: browser.mjs).  XML is
looked at by the names of its elements.  What is no whole answer (the client was ended, or gave up) is passed over.  What answers no request, or one that is none by the rules
of HTTP, has to be a refusal with the object of an error.

Drivers in Python import Watch, and show it each answer they get."""

import base64
import collections
import hashlib
import json
import os
import re
import sys
import threading
import urllib.parse
import xml.etree.ElementTree as ElementTree

from jsonschema import Draft202012Validator, RefResolver

PROBLEMS_MAX = 20  # of one run: the rest looks alike
JSON = "application/json"
ERROR = {"$ref": "#/components/schemas/errorDto"}


class Exchange:
    """One request and its answer."""

    def __init__(self, head):
        self.head = head
        self.method, _, rest = head.partition(" ")
        self.target = rest.partition("\r\n")[0].rpartition(" ")[0]
        self.status = 0
        self.headers = {}
        self.data = []
        self.ended = False

    def see_header(self, line):
        words = line.split(" ", 2)
        if line.startswith("HTTP/"):
            self.status = int(words[1])
            self.headers = {}
            self.ended = False
        elif line.strip() == "":
            self.ended = self.status >= 200
        else:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()

    def body(self):
        """The bytes, or None when there are fewer than were announced."""
        data = bytes.fromhex("".join(self.data))
        if self.method == "HEAD":
            return b""
        if self.headers.get("transfer-encoding") == "chunked":
            return unchunked(data)[0]
        length = int(self.headers.get("content-length", len(data)))
        return data if len(data) == length else None


class Received(Exchange):
    """One that somebody else has read: the body is whole, whatever its headers say of the way it came."""

    def __init__(self, method, target, status, headers, body):
        super().__init__(f"{method} {target} HTTP/1.1\r\n")
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.whole = body

    def body(self):
        return self.whole if is_read(self) else None


def unchunked(data):
    """(body, what is behind it); no body when it is cut off."""
    whole = b""
    while True:
        line, _, data = data.partition(b"\r\n")
        try:
            size = int(line, 16)
        except ValueError:
            return None, b""
        if size == 0:
            return whole, data[2:]
        if len(data) < size:
            return None, b""
        whole += data[:size]
        data = data[size + 2 :]


def read_trace(path):
    """The exchanges of one curl, or of one call of libcurl."""
    found = []
    into = None
    pieces = []

    def end_block():
        text = bytes.fromhex("".join(pieces)).decode("utf-8", "replace") if into else ""
        if into == "request":
            found.append(Exchange(text))
        elif into == "header" and found:
            found[-1].see_header(text)
        pieces.clear()

    with open(path, encoding="ascii", errors="replace") as trace:
        for line in trace:
            if line[0] in "=<":
                end_block()
                into = None
                if line.startswith("=> Send header"):
                    into = "request"
                elif line.startswith("<= Recv header"):
                    into = "header"
                elif line.startswith("<= Recv data") and found and is_read(found[-1]):
                    into = "data"
            elif into is not None:
                at = line.index(":") + 2
                (found[-1].data if into == "data" else pieces).append(line[at : at + 48])
    end_block()
    return [exchange for exchange in found if exchange.ended]


def requests_of(sent):
    """(method, target) of each request on a connection, up to the first one that is none."""
    found = []
    while True:
        head, blank, sent = sent.partition(b"\r\n\r\n")
        line = re.match(rb"([A-Z]+) (/[!-~]*) HTTP/1\.[01]\r\n", head + b"\r\n")
        headers = [re.fullmatch(rb"([!-9;-~]+):([^\0]*)", header) for header in head.split(b"\r\n")[1:]]
        if not blank or not line or not all(headers):
            return found
        lengths, codings, hosts = (
            [h[2].strip() for h in headers if h[1].lower() == name] for name in (b"content-length", b"transfer-encoding", b"host")
        )
        if len(lengths) + len(codings) > 1 or len(hosts) != 1 or not all(re.fullmatch(rb"\d{1,18}", length) for length in lengths):
            return found
        if codings:
            body, sent = unchunked(sent)
            if codings != [b"chunked"] or body is None:
                return found
        found.append((line[1].decode(), line[2].decode()))
        sent = sent[int(lengths[0]) :] if lengths else sent


def answer_of(method, target, got):
    """(exchange, what is behind it), of bytes; no exchange when even its head is cut off."""
    status = 100
    while status < 200:
        head, blank, got = got.partition(b"\r\n\r\n")
        if not blank:
            return None, b""
        first, *lines = head.decode("utf-8", "replace").split("\r\n")
        status = int(first.split(" ")[1])
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    exchange = Received(method, target, status, headers, b"")
    if method == "HEAD" or status in (204, 304):
        return exchange, got
    if exchange.headers.get("transfer-encoding") == "chunked":
        exchange.whole, got = unchunked(got)
        return exchange, got
    length = int(exchange.headers.get("content-length", len(got)))
    exchange.whole = got[:length] if len(got) >= length else None
    return exchange, got[length:]


def read_bare(path):
    """The exchanges of a connection without a client: PATH.sent and PATH.got."""
    with open(path + ".sent", "rb") as file:
        requests = requests_of(file.read())
    with open(path + ".got", "rb") as file:
        got = file.read()
    found = []
    while got:
        exchange, got = answer_of(*(requests.pop(0) if requests else ("-", "/ws/-")), got)
        found.append(exchange)
    return [exchange for exchange in found if exchange]


def read_received(path):
    """The exchange of somebody who reads HTTP himself, JSON: method, target, status, headers, body (base64; null: he has none)."""
    with open(path, encoding="utf-8") as file:
        seen = json.load(file)
    body = seen["body"] and base64.b64decode(seen["body"])
    return Received(seen["method"], seen["target"], seen["status"], seen["headers"], body)


def media_type(exchange):
    return exchange.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_read(exchange):
    return media_type(exchange) in (JSON, "application/xml", "text/plain", "text/html", "")


class Document:
    """The OpenAPI document, and what it says of an answer."""

    def __init__(self, document):
        self.document = document
        self.resolver = RefResolver("", document)
        self.paths = [(segments(path), path) for path in document["paths"]]
        self.right = set()

    def follow(self, schema):
        while "$ref" in schema:
            target = self.document
            for word in schema["$ref"].split("/")[1:]:
                target = target[word]
            schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
        return schema

    def operation(self, exchange):
        """(path, operation): of the first path that fits and has the method."""
        path = exchange.target.partition("?")[0]
        asked = [urllib.parse.unquote(s) for s in path.split("/") if s]
        method = "get" if exchange.method == "HEAD" else exchange.method.lower()
        for wanted, name in self.paths:
            operation = self.document["paths"][name].get(method)
            if operation and fits(asked, wanted, operation):
                return name, operation
        return None, None

    def problem(self, exchange):
        """Why the answer is none that is described; None when it is."""
        name, operation = self.operation(exchange)
        body = exchange.body()
        if operation is None:
            if exchange.method == "OPTIONS" and exchange.status == 204:
                return None
            if exchange.status not in (400, 401, 403, 404, 405, 413, 414, 429, 500, 501, 502, 503, 504, 505):
                return "the path or its method is not described"
            return self.content_problem({"content": {JSON: {"schema": ERROR}}}, exchange, body)
        response = operation["responses"].get(str(exchange.status))
        if response is None:
            return f"{name}: the status is not described"
        problem = self.content_problem(self.follow(response), exchange, body)
        return problem and f"{name}: {problem}"

    def content_problem(self, response, exchange, body):
        kind = media_type(exchange)
        content = response.get("content", {})
        if not content:
            return f"it has a body of {len(body)} bytes" if body else None
        if kind not in content:
            return f'the media type "{kind}" is not described'
        if body is None or exchange.method == "HEAD":
            return None
        key = hashlib.sha256(repr((kind, content[kind])).encode() + body).digest()
        if key in self.right:
            return None
        problem = self.body_problem(content[kind]["schema"], kind, body)
        if problem is None:
            self.right.add(key)
        return problem

    def body_problem(self, schema, kind, body):
        if kind == "application/octet-stream" or schema == {}:
            return None
        if kind == "application/xml":
            return self.xml_problem(schema, body)
        try:
            text = body.decode("utf-8")
            if kind == JSON:
                value = json.loads(text)
            elif self.follow(schema).get("type") == "integer":
                value = int(text)
            else:
                value = text
        except ValueError as error:
            return f"the body cannot be read: {error}"
        for error in Draft202012Validator(schema, resolver=self.resolver).iter_errors(value):
            return f"{error.json_path}: {error.message[:500]}"
        return None

    def xml_problem(self, schema, body):
        try:
            root = ElementTree.fromstring(body)
        except ElementTree.ParseError as error:
            return f"the XML cannot be read: {error}"
        hints = self.follow(schema).get("xml", {})
        if root.tag not in (hints.get("name"), hints.get("x-other-name")):
            return f"the root element <{root.tag}> is not described"
        return self.element_problem(schema, root)

    def element_problem(self, schema, element):
        schema = self.follow(schema)
        if "anyOf" in schema:
            return self.element_problem(schema["anyOf"][0], element)
        if schema["type"] == "array":
            items = self.follow(schema["items"])
            children = {items["xml"]["name"]: items}
        else:
            children = {}
            for name, member in schema.get("properties", {}).items():
                member = self.follow(member)
                if member.get("type") == "array" and "xml" not in member:
                    member = self.follow(member["items"])
                    name = member["xml"]["name"]
                children[name] = member
        for child in element:
            if child.tag not in children:
                return f"the element <{child.tag}> in <{element.tag}> is not described"
            problem = self.element_problem(children[child.tag], child)
            if problem:
                return problem
        return None


class Problems:
    """What is not as described: each problem once, with the first answer that has it."""

    def __init__(self, document):
        self.document = document
        self.found = {}
        self.seen = collections.Counter()

    def look_at(self, exchange, kind=""):
        if not re.match(r"/+(ws|auth)(/|\?|$)", exchange.target):
            return  # a page of the web interface
        self.seen[kind] += 1
        problem = self.document.problem(exchange)
        if problem:
            self.found.setdefault(problem, f"{exchange.method} {exchange.target[:300]} -> {exchange.status}: {problem}")

    def lines(self):
        lines = list(self.found.values())[:PROBLEMS_MAX]
        if len(self.found) > PROBLEMS_MAX:
            lines.append(f"... and {len(self.found) - PROBLEMS_MAX} more")
        return lines


class Watch:
    """Of a driver in Python, of any of its threads: see() each answer; at the end problems() says what was not as the
    document of JQM_OPENAPI (stack.sh) describes it, or that there was nothing to see."""

    def __init__(self):
        with open(os.environ["JQM_OPENAPI"], encoding="utf-8") as file:
            self.found = Problems(Document(json.load(file)))
        self.lock = threading.Lock()

    def see(self, method, target, answer, body):
        """answer: of http.client, and the body that was read from it."""
        received = Received(method, target, answer.status, answer.getheaders(), body)
        with self.lock:
            self.found.look_at(received)

    def see_bytes(self, method, target, got):
        """What a bare socket got."""
        exchange, _ = answer_of(method, target, got)
        if exchange:
            with self.lock:
                self.found.look_at(exchange)

    def problems(self):
        return self.found.lines() if self.found.seen else ["no answer was seen"]


def segments(path):
    return [s for s in path.split("/") if s]


def fits(asked, wanted, operation):
    for i, word in enumerate(wanted):
        if i == len(asked):
            return False
        if not word.startswith("{"):
            if word != asked[i]:
                return False
        elif any(p["name"] == word[1:-1] and "x-segments" in p for p in operation["parameters"]):
            return True
    return len(asked) == len(wanted)


def exchanges_in(directory):
    """(kind, exchange) of all that is there."""
    for name in sorted(os.listdir(directory)):
        base, _, end = name.partition(".")
        path = os.path.join(directory, name)
        if end == "got":
            yield from (("bare sockets", exchange) for exchange in read_bare(os.path.join(directory, base)))
        elif end == "browser":
            yield end, read_received(path)
        elif end != "sent":
            yield from ((end or "curl", exchange) for exchange in read_trace(path))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        problems = Problems(Document(json.load(file)))
    for kind, exchange in exchanges_in(sys.argv[2]):
        problems.look_at(exchange, kind)
    for line in problems.lines():
        print(line)
    kinds = ", ".join(f"{kind} {seen}" for kind, seen in sorted(problems.seen.items()))
    print(f"{problems.seen.total()} answers ({kinds}), {len(problems.found)} not as described")
    return 1 if problems.found else 0


if __name__ == "__main__":
    sys.exit(main())
