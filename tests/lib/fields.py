#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""fields.py PORT PASSWORD-FILE EVERY: each member of each object that /ws/openapi.json says is taken, with every kind of
wrong value, and at its limits.  EVERY: one of so many cases.  Prints TAP: one line for each path.

A path that takes an object is in BASES, with a request that is right, or in ELSEWHERE with the reason."""
import base64
import concurrent.futures
import http.client
import itertools
import json
import os
import re
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
from answers import JSON, Document, Watch  # noqa: E402: it is no package

port, password_file, every = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with open(password_file, encoding="utf-8") as f:
    login = "root:" + f.read().strip()
with open(os.environ["JQM_OPENAPI"], encoding="utf-8") as f:
    document = Document(json.load(f))
watch = Watch()
numbers = itertools.count(1)

# "@" in a text: another number each time, so that no refusal is about a name that is taken.
BASES = {
    "/ws/client/ji": {"applicationName": "Shell", "startState": "HOLDED"},
    "/ws/client/ji/bulk/requests": {"applicationName": "Shell", "startState": "HOLDED"},
    "/ws/client/ji/query": {"queryLiveInstances": True, "pageSize": 1},
    "/ws/client/ji/query/ids": {"queryLiveInstances": True, "pageSize": 1},
    "/ws/client/ji/files": {"id": 1},
    "/ws/client/ji/killed": {"user": "nobody"},
    "/ws/client/ji/paused": {"user": "nobody"},
    "/ws/client/ji/resumed": {"user": "nobody"},
    "/ws/client/ji/bulk": {"user": "nobody"},
    "/ws/client/q/{id}/bulk": {"user": "nobody"},
    "/ws/client/q/{id}/jobs": {"user": "nobody"},
    "/ws/admin/q": {"name": "q@", "description": "d"},
    "/ws/admin/node": {"name": "n@", "dns": "h", "port": 1, "outputDirectory": "/o", "jobRepoDirectory": "/j",
                       "tmpDirectory": "/t", "rootLogLevel": "INFO"},
    "/ws/admin/qmapping": {"nodeId": 1, "queueId": 2, "nbThread": 1, "pollingInterval": 1000},
    "/ws/admin/jndi": {"name": "r@", "type": "t", "factory": "f"},
    "/ws/admin/prm": {"key": "k@", "value": "v"},
    "/ws/admin/jd": {"applicationName": "D@", "javaClassName": "c", "queueId": 1, "pathType": "FS", "jarPath": "x",
                     "description": "d"},
    "/ws/admin/schedule": {"jobDefId": 1, "cronExpression": "* * * * *"},
    "/ws/admin/cl": {"name": "c@"},
    "/ws/admin/concurrency": {"key": "k@", "maxRunning": 1},
    "/ws/admin/user": {"login": "u@", "roles": []},
    "/ws/admin/role": {"name": "r@", "description": "d", "permissions": []},
    "/ws/admin/webhook": {"name": "w@", "url": "http://127.0.0.1:1/", "newSecret": "whsec_" + "A" * 43 + "="},
    "/ws/admin/certmapping": {"accountId": 1, "form": "SAN", "issuer": "CN=x@", "value": "DNS:y@.example.org"},
}
ELSEWHERE = {
    "/ws/session": "whoever guesses waits: http/51-other-doors.sh",
    "/ws/account/password": "whoever guesses waits: http/51-other-doors.sh",
    "/ws/account/totp": "whoever guesses waits: http/51-other-doors.sh",
    "/ws/account/totp/confirm": "whoever guesses waits: http/51-other-doors.sh",
    "/ws/account/totp/disable": "whoever guesses waits: http/51-other-doors.sh",
    "/ws/admin/user/{id}/certificate": "makes keys, which costs: http/90-certificates.sh",
}

VALUES = {
    "null": None, "empty": "", "blank": "   ", "long": "x" * 5000, "very long": "x" * 300000, "true": True,
    "number": 5, "negative": -1, "lowest": -(2**63), "highest": 2**63 - 1, "fraction": 1.5, "array": [], "array of null": [None],
    "array of array": [[]], "array of object": [{}], "object": {}, "NUL": "a\0b", "control": "a\1\x1fb", "line": "a\nb",
    "U+FFFF": "\uffff", "emoji": "\U0001f600" * 10, "percent": "%",
}
LITERALS = {"1e999": "1e999", "20 digits": "99999999999999999999", "minus 0": "-0", "1E2": "1E2", "half a pair": '"\\ud800"',
            "no UTF-8": b'"\xff\xfe"', "cut UTF-8": b'"\xc3"', "a quote that is open": '"'}
NO_JSON = {"half a pair", "no UTF-8", "cut UTF-8", "a quote that is open", "NUL", "twice"}
# What a refusal may be about instead of the member: bytes that are no JSON, what is not there, all of them together.
REASONS = re.compile(r'not JSON|UTF-8|NUL|there is no [a-z ]+ ("|-?[0-9])|the filter is empty|is built in|cannot be the default queue')
NESTED = re.compile(r'field "[A-Za-z]+" is missing')
WRONG = {
    "integer": {"blank", "long", "true", "fraction", "array", "object", "array of null", "line", "emoji", "percent", "control",
                "1e999", "20 digits"},
    "boolean": {"blank", "long", "fraction", "array", "object", "array of null", "line", "emoji", "percent", "control", "1e999"},
    "string": {"array", "object", "array of null", "array of array", "array of object"},
    "object": {"long", "true", "number", "fraction", "percent", "array of array"},
    "array": {"array of array"},
}


def kind_of(schema):
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind != "null":
            return kind
    return "object" if "properties" in schema else None


def objects_of(schema):
    """The object a body is, or has an array of: its schema, and whether it stands in an array."""
    schema = document.follow(schema)
    for inner in schema.get("oneOf", schema.get("anyOf", [])):
        found = objects_of(inner)
        if found:
            return found
    if "properties" in schema:
        return schema, False
    if kind_of(schema) == "array":
        found = objects_of(schema["items"])
        return found and (found[0], True)
    return None


def fresh(value):
    if isinstance(value, dict):
        return {k: fresh(v) for k, v in value.items()}
    return value.replace("@", str(next(numbers))) if isinstance(value, str) else value


class Path:
    def __init__(self, name, method, schema, in_array):
        self.name, self.method, self.in_array = name, method.upper(), in_array
        self.properties = {k: document.follow(v) for k, v in schema["properties"].items()}
        self.target = name.replace("{id}", "1") + ("?dryRun=true" if name.endswith(("bulk", "killed", "paused", "resumed", "jobs")) else "")
        self.accept = "*/*" if name.endswith("/files") else JSON
        self.connection = None
        self.cases = 0
        self.first = True  # that takes this object: the next ones are asked less
        self.wrong = []

    def send(self, body):
        if self.cases % 500 == 0:
            self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cases += 1
        body = b"[" + body + b"]" if self.in_array else body
        self.connection.request(self.method, self.target, body, {
            "Authorization": "Basic " + base64.b64encode(login.encode()).decode(), "Content-Type": JSON, "Accept": self.accept})
        answer = self.connection.getresponse()
        text = answer.read()
        watch.see(self.method, self.target, answer, text)
        made = answer.getheader("Location")
        if made and answer.status < 300:
            self.connection.request("DELETE", made, None, {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()})
            gone = self.connection.getresponse()
            gone.read()
            if gone.status >= 500:
                self.wrong.append(f"DELETE {made}: {gone.status}")
        return answer.status, text

    def refusal(self, status, text):
        """What it says; None when it was taken."""
        if status < 400:
            return None
        said = json.loads(text)
        assert "errorCode" in said
        return said["userReadableMessage"]

    def ask(self, member, case, literal, wanted):
        """wanted: "refused" with the member's name, "in range", or None: anything that is told."""
        base = {k: v for k, v in fresh(BASES[self.name]).items() if k != member}
        body = json.dumps(base).encode()[:-1]
        for one in literal if isinstance(literal, list) else [literal]:
            if one is not None:
                one = one if isinstance(one, bytes) else one.encode()
                body += (b", " if len(body) > 1 else b"") + json.dumps(member).encode() + b":" + one
        status, text = self.send(body + b"}")
        try:
            said = self.refusal(status, text)
        except (ValueError, KeyError, AssertionError):
            self.wrong.append(f"{member}, {case}: {status} without the object of an error: {text[:100]}")
            return
        if status >= 500:
            self.wrong.append(f"{member}, {case}: {status} {said}")
        elif wanted == "refused" and said is None:
            self.wrong.append(f"{member}, {case}: taken, {status}")
        elif wanted == "in range" and said is not None and re.search(r"outside|at most|characters", said):
            self.wrong.append(f"{member}, {case}: {said}")
        elif said is not None and not self.names(member, case, said):
            self.wrong.append(f"{member}, {case}: {status} does not say what it is about: {said}")

    def names(self, member, case, said):
        return member.lower() in said.lower() or REASONS.search(said) or (case == "array of object" and NESTED.search(said))

    def cases_of(self, member, schema):
        kind = kind_of(schema)
        wrong = WRONG.get(kind, set()) | NO_JSON
        yield "missing", None, None
        yield "twice", ["1", "1"], "refused"
        for case, value in VALUES.items():
            yield case, json.dumps(value), "refused" if case in wrong and not (case == "control" and kind == "string") else None
        for case, literal in LITERALS.items():
            yield case, literal, "refused" if case in wrong else None
        if kind == "string" and "maxLength" in schema and "enum" not in schema:
            for case, length, wanted in ("at the limit", schema["maxLength"], "in range"), ("over", schema["maxLength"] + 1, "refused"):
                text = (str(next(numbers)) + "é" * length)[:length]
                yield case, json.dumps(text), wanted
        for limit, step in ("maximum", 1), ("minimum", -1):
            if limit in schema:
                yield "at the " + limit, str(schema[limit]), "in range"
                yield "beyond the " + limit, str(schema[limit] + step), "refused"

    def run(self):
        step = every * (1 if self.first else 8)
        status, text = self.send(json.dumps(fresh(BASES[self.name])).encode())
        if status >= 400 and status != 404:
            self.wrong.append(f"the base: {status} {text[:200]}")
        for member, schema in self.properties.items():
            if schema.get("readOnly"):
                continue
            for number, (case, literal, wanted) in enumerate(self.cases_of(member, schema)):
                if (number + len(member)) % step == 0:
                    self.ask(member, case, literal, wanted)
        return self


def paths():
    seen = set()
    for name, operations in document.document["paths"].items():
        for method in "post", "put":
            content = operations.get(method, {}).get("requestBody", {}).get("content", {})
            found = JSON in content and objects_of(content[JSON]["schema"])
            if found and (method == "post" or "post" not in operations) and not (method == "put" and name.endswith("/{id}")):
                path = Path(name, method, *found)
                path.first = frozenset(path.properties) not in seen
                if name in BASES:
                    seen.add(frozenset(path.properties))
                yield path


def main():
    taken = list(paths())
    lines = [("a path that takes an object is in BASES or ELSEWHERE, and none else",
              sorted({p.name for p in taken} ^ (set(BASES) | set(ELSEWHERE))))]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for path in pool.map(Path.run, [p for p in taken if p.name in BASES]):
            lines.append((f"{path.method} {path.name}: {path.cases} bodies with a member that is wrong, or just right", path.wrong))
    lines.append(("every answer was as openapi.json describes it", watch.problems()))
    failed = 0
    for number, (what, wrong) in enumerate(lines, 1):
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for line in wrong[:20]:
            print(f"# {line}")
    return 1 if failed else 0


sys.exit(main())
