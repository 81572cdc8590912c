#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rights.py ROUTES FACTS: each kind of credential x each route x own and other object, against what is written.

ROUTES is what jqm-fcgi --routes prints; of it only methods and paths are taken, to see that rights.txt, beside this
file, names each route and no other.  FACTS is what the scenario made, as JSON: port, password, job_token, and by the
name of an object ("own", "other") what stands for it; with tls (roots, certificates: a directory), what is said over
TLS is tried instead.  Prints TAP: one line for each kind, which names what was otherwise than written.

The expectation is computed from rights.txt, from ROLES below, and from nothing the server says.
"""
import base64
import concurrent.futures
import http.client
import itertools
import json
import os
import ssl
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from answers import Watch  # noqa: E402: it is no package

ROUTES, FACTS = sys.argv[1:3]
with open(FACTS, encoding="utf-8") as f:
    facts = json.load(f)

# The predefined roles, and three with limits: the scenario gives each an account of that name.
ROLES = {
    "administrator": ["*:*"],
    "config admin": ["node:*", "queue:*", "qmapping:*", "jndi:*", "prm:*", "jd:*", "cl:*", "concurrency:*",
                     "webhook:*"],
    "config viewer": ["node:read", "queue:read", "qmapping:read", "jndi:read", "prm:read", "jd:read", "cl:read",
                      "concurrency:read", "webhook:read"],
    "client": ["node:read", "queue:read", "job_instance:*", "jd:read"],
    "client power user": ["node:read", "queue:read", "job_instance:*", "jd:read", "logs:read",
                          "queue_position:create", "queue_position:update", "files:read"],
    "client read only": ["queue:read", "job_instance:read", "logs:read", "files:read"],
    "monitoring": ["metrics:read"],
    "nothing": [],
}
# name: (permissions, the kinds of objects of which the limit covers the own one)
LIMITED = {
    "queue only": (["*:*"], {"job", "queue", "definition"}),
    "definition only": (["job_instance:*", "logs:read", "files:read", "jd:read"], {"job", "definition"}),
    "own only": (["job_instance:create", "job_instance:read", "job_instance:update", "logs:read", "files:read"], {"job"}),
    "reads all": (["job_instance:update"], {"job"}),
}
UNLIMITED_OF_LIMITED = {"reads all": ["job_instance:read"]}


def basic(login, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def certificate(name):
    """What a connection needs to speak TLS, with the certificate of that name or (None) without one."""
    context = ssl.create_default_context(cafile=facts["tls"]["roots"])
    if name is not None:
        context.load_cert_chain(os.path.join(facts["tls"]["certificates"], name + ".pem"))
    return context


class Session:
    """A browser that has logged in as login, and does so again when a call of its own has ended that."""

    def __init__(self, login, live=True):
        self.login, self.live, self.cookie = login, live, None

    def headers(self):
        if self.cookie is None:
            self.cookie = log_in(self.login)
        return {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin"}

    def called(self, route):
        if self.live and route.path in ("/ws/session", "/ws/session/all", "/auth/logout"):
            self.cookie = None


class Headers:
    def __init__(self, headers):
        self.sent = headers

    def headers(self):
        return dict(self.sent)

    def called(self, _):
        pass


# Each kind of credential: its name, what it sends, the certificate, and as whom it counts: ("role", NAME), ("job",) or
# ("nobody",); ("session", NAME) is a role in a session.
# ("guesser",) is nobody from one address all the time: each guess costs a hash, until guessing has to wait (429).
def kinds():
    if "tls" in facts:
        yield from kinds_over_tls()
        return
    for name, headers, who in kinds_in_clear():
        yield name, Headers(headers), None, who


def kinds_over_tls():
    nothing = Headers({})
    good = Headers(basic("administrator", facts["password"]))
    for role in list(ROLES) + list(LIMITED):
        yield f"certificate, {role}", nothing, certificate(role), ("role", role)
    for role in list(ROLES) + list(LIMITED):
        yield f"session, {role}", Session(role), certificate(None), ("session", role)
    yield "Basic over TLS", good, certificate(None), ("role", "administrator")
    yield "certificate beside Basic of somebody else", good, certificate("nothing"), ("role", "nothing")
    yield "no credentials over TLS", nothing, certificate(None), ("nobody",)
    # Each stands beside a good password: a certificate that is none is not made good by it.
    for name in ("revoked", "expired certificate", "another authority's", "expired", "locked"):
        yield f"certificate, {name}", good, certificate(name), ("nobody",)
    yield "certificate, a node's", good, certificate("a node's"), ("node",)
    for name in ("logged out", "locked later", "expired later", "other roles"):
        yield f"session, {name}", Session(name, False), certificate(None), ("nobody",)


def kinds_in_clear():
    good = facts["password"]
    for role in list(ROLES) + list(LIMITED):
        yield f"Basic, {role}", basic(role, good), ("role", role)
    yield "no credentials", {}, ("nobody",)
    yield "Basic, wrong password", basic("administrator", "wrong"), ("guesser",)
    yield "Basic, unknown account", basic("stranger", good), ("guesser",)
    yield "Basic, expired account", basic("expired", good), ("guesser",)
    yield "Basic, locked account", basic("locked", good), ("guesser",)
    yield "Basic, account without password", basic("no password", good), ("guesser",)
    yield "a job's token", basic(facts["own"]["TOKEN_LOGIN"], facts["job_token"]), ("job",)
    yield "a job's token for another job", basic(facts["other"]["TOKEN_LOGIN"], facts["job_token"]), ("nobody",)
    yield "a job's wrong token", basic(facts["own"]["TOKEN_LOGIN"], facts["job_token"][:-1] + "x"), ("nobody",)
    yield "a header that claims a certificate", {"SSL-Client-Verify": "SUCCESS", "SSL_CLIENT_VERIFY": "SUCCESS",
          "X-Remote-User": "administrator", "Remote-User": "administrator", "Remote_User": "administrator"}, ("nobody",)


class Route:
    def __init__(self, method, path, permission, token, limited, call, body, status):
        self.method, self.path, self.permission, self.token, self.limited = method, path, permission, token, limited
        self.call = path if call == "=" else call
        self.body, self.status = body, int(status)

    def has_object(self):
        return any(word in self.call + self.body for word in ("JOB", "QUEUE", "DEFINITION", "FILE", "GUID"))


def configuration(path, kind, read_all, read):
    """The documents are none, the ids unknown: who may gets 400 or 404."""
    yield Route("GET", path, read_all, "-", "-", "=", "-", 200)
    yield Route("POST", path, kind + ":create", "-", "-", "=", "json:[]", 400)
    yield Route("PUT", path, kind + ":update", "-", "-", "=", "json:7", 400)
    yield Route("GET", path + "/{id}", read, "-", "-", path + "/99999999", "-", 404)
    yield Route("PUT", path + "/{id}", kind + ":update", "-", "-", path + "/99999999", "json:7", 400)
    yield Route("DELETE", path + "/{id}", kind + ":delete", "-", "-", path + "/99999999", "-", 404)


def written_table():
    with open(os.path.join(os.path.dirname(__file__), "rights.txt"), encoding="utf-8") as table:
        for line in table:
            if line.startswith("#") or not line.strip():
                continue
            cells = line.rstrip("\n").split("\t")
            if cells[0] == "CONFIGURATION":
                yield from configuration(*cells[1:])
            else:
                yield Route(*cells)


def holds(granted, wanted):
    return any(all(g in ("*", w) for g, w in zip(p.split(":"), wanted.split(":"))) for p in granted)


def expected(who, route, name):
    """The statuses that are right for an object named "own" or "other"."""
    if route.permission == "public":
        return {route.status}
    if route.permission == "node":
        return {route.status} if who[0] == "node" else {401}
    if who[0] in ("nobody", "guesser", "node"):
        return {401, 429} if who[0] == "guesser" else {401}
    if who[0] == "job":
        if route.token == "-":
            return {403}
        if name == "other" and route.limited == "job":
            return {404}
        return {int(s) for s in route.token.split(",")}
    role = who[1]
    if who[0] == "session" and (route.method, route.path) == ("DELETE", "/ws/session"):
        return {204}
    if route.permission == "account":
        return {route.status}
    alternatives = ["*:*"] if route.permission == "all" else route.permission.split("|")
    whole = ROLES.get(role, UNLIMITED_OF_LIMITED.get(role, []))
    if any(holds(whole, a) for a in alternatives) and not (route.permission == "all" and "*:*" not in whole):
        return {route.status}
    if role not in LIMITED or route.limited == "-":
        return {403}
    permissions, covers = LIMITED[role]
    if not any(holds(permissions, a) for a in alternatives):
        return {403}
    if route.limited == "list":
        return {route.status}
    # What one enqueues is one's own, whatever the definition.
    if role == "own only" and route.limited == "definition" and route.permission == "job_instance:create":
        return {route.status}
    if name == "own" and route.limited in covers:
        return {route.status}
    # What is enqueued outside is refused as an unknown definition is.
    if route.limited == "definition" and route.permission == "job_instance:create":
        return {400}
    return {404}


def fill(text, objects):
    for word in ("JOB", "QUEUE", "DEFINITION", "FILE", "GUID"):
        text = text.replace(word, str(objects[word]))
    return text


def documented(lines):
    """What is wrong with the table of docs/permissions.md, by what the server prints of its routes."""
    with open(os.path.join(os.path.dirname(__file__), "../../docs/permissions.md"), encoding="utf-8") as f:
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in f if line.startswith("| ")]
    told = {}
    for row in rows:
        if len(row) == 3:
            for route in row[2].split("<br>"):
                told[route] = row[0].replace("`", "").replace(" or ", "|")
    wrong = []
    for line in lines:
        method, path, permission, jobs, limits, _ = line.rstrip("\n").split("\t")
        route = f"`{method} {path}`" + (" J" if jobs == "jobs" else "") + (" L" if limits == "limits" else "")
        if told.pop(route, None) != permission:
            wrong.append(f"{route} is not in the row of {permission}")
    return wrong + [f"{route} is none" for route in told if route.startswith("`")]


watch = Watch()
TYPES = {"form": "application/x-www-form-urlencoded", "json": "application/json", "xml": "application/xml",
         "bytes": "application/octet-stream"}
addresses = itertools.count(1)


def connect(context):
    """From an address nobody has come from."""
    address = next(addresses)
    source = (f"127.{1 + address // 250}.9.{1 + address % 250}", 0)
    if context is None:
        return http.client.HTTPConnection("127.0.0.1", facts["port"], timeout=30, source_address=source)
    return http.client.HTTPSConnection("127.0.0.1", facts["port"], timeout=30, source_address=source, context=context)


def log_in(login):
    """The cookie of a new session; where the scenario has begun one and ended it, that one's."""
    kept = facts["tls"]["sessions"].get(login)
    if kept is not None:
        return kept
    there = connect(certificate(None))
    there.request("POST", "/ws/session", json.dumps({"login": login, "password": facts["password"]}),
                  {"Content-Type": TYPES["json"]})
    answer = there.getresponse()
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    there.close()
    return cookie


class Caller:
    """Somebody who keeps his connection."""

    def __init__(self, credential, context):
        self.credential, self.context = credential, context
        self.connection, self.calls = None, 0

    def ask(self, route, objects, body, headers):
        self.connection.request(route.method, fill(route.call, objects), body=body, headers=headers)
        return self.connection.getresponse()

    def call(self, route, name, fresh_address):
        """Status of one call."""
        reused = self.connection is not None and not fresh_address
        if not reused:
            if self.connection is not None:
                self.connection.close()
            self.connection = connect(self.context)
        self.calls += 1
        objects = facts[name]
        headers = self.credential.headers()
        body = None
        if route.body != "-":
            kind, _, text = route.body.partition(":")
            headers["Content-Type"] = TYPES[kind]
            body = fill(text, objects)
        try:
            answer = self.ask(route, objects, body, headers)
        except (ConnectionError, ssl.SSLEOFError):
            if not reused:
                raise
            # nginx closes idle connections when it reads its configuration anew, and has not seen the question.
            self.connection = connect(self.context)
            answer = self.ask(route, objects, body, headers)
        watch.see(route.method, fill(route.call, objects), answer, answer.read())
        self.credential.called(route)
        return answer.status


def try_kind(table, kind, credential, context, who):
    """What is otherwise than written, and the number of calls."""
    caller = Caller(credential, context)
    problems = []
    for i, route in enumerate(table):
        for name in ("own", "other") if route.has_object() and who[0] in ("role", "session", "job") else ("own",):
            want = expected(who, route, name)
            # Refused logins count for their address.
            got = caller.call(route, name, i == 0 or (who[0] == "nobody" and i % 5 == 0))
            if got not in want:
                problems.append(f"{route.method} {fill(route.call, facts[name])} ({name}): {got}, not {sorted(want)}")
    return (f"{kind}: what is written, on every route", problems), caller.calls


def main():
    table = list(written_table())
    with open(ROUTES, encoding="utf-8") as f:
        lines = f.readlines()
    there = {tuple(line.split("\t")[:2]) for line in lines}
    known = [(r.method, r.path) for r in table]
    problems = [f"{m} {p} is not in rights.txt" for m, p in sorted(there - set(known))]
    problems += [f"{m} {p} is no route" for m, p in sorted(set(known) - there)]
    problems += [f"{m} {p} is there twice" for m, p in known if known.count((m, p)) > 1]
    results = [("every route is in the written table, and nothing else", problems),
               ("docs/permissions.md has each route where it belongs", documented(lines))]
    with concurrent.futures.ThreadPoolExecutor(4) as several:
        tried = list(several.map(lambda kind: try_kind(table, *kind), kinds()))
    results += [result for result, _ in tried]
    results.append(("every answer was as openapi.json describes it", watch.problems()))
    calls = sum(n for _, n in tried)
    for n, (what, problems) in enumerate(results, 1):
        print(("not ok" if problems else "ok"), n, "-", what)
        for problem in problems:
            print("#", problem)
    print(f"# {len(table)} routes x {len(tried)} kinds of credentials, own and other objects: {calls} calls")


main()
