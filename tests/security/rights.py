#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""rights.py ROUTES FACTS: each kind of credential x each route x own and other object, against what is written.

ROUTES is what jqm-fcgi --routes prints; of it only methods and paths are taken, to see that rights.txt, beside this
file, names each route and no other.  FACTS is what the scenario made, as JSON: port, password, job_token, and by the
name of an object ("own", "other") what stands for it.  Prints TAP: one line for each kind, which names what was
otherwise than written.

The expectation is computed from rights.txt, from ROLES below, and from nothing the server says.
"""
import base64
import http.client
import json
import os
import sys

ROUTES, FACTS = sys.argv[1:3]
with open(FACTS, encoding="utf-8") as f:
    facts = json.load(f)

# The predefined roles, and three with limits: the scenario gives each an account of that name.
ROLES = {
    "administrator": ["*:*"],
    "config admin": ["node:*", "queue:*", "qmapping:*", "jndi:*", "prm:*", "jd:*", "cl:*", "concurrency:*"],
    "config viewer": ["node:read", "queue:read", "qmapping:read", "jndi:read", "prm:read", "jd:read", "cl:read",
                      "concurrency:read"],
    "client": ["node:read", "queue:read", "job_instance:*", "jd:read"],
    "client power user": ["node:read", "queue:read", "job_instance:*", "jd:read", "logs:read",
                          "queue_position:create", "queue_position:update", "files:read"],
    "client read only": ["queue:read", "job_instance:read", "logs:read", "files:read"],
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


# Each kind of credential: its name, the headers, and as whom it counts: ("role", NAME), ("job",) or ("nobody",).
# A new kind of credential (a session, a certificate) is a line here, and what it needs a fact of the scenario.
# ("guesser",) is nobody from one address all the time: each guess costs a hash, until guessing has to wait (429).
def kinds():
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
        return {401}
    if who[0] in ("nobody", "guesser"):
        return {401} if who[0] == "nobody" else {401, 429}
    if who[0] == "job":
        if route.token == "-":
            return {403}
        if name == "other" and route.limited == "job":
            return {404}
        return {int(s) for s in route.token.split(",")}
    role = who[1]
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


TYPES = {"form": "application/x-www-form-urlencoded", "json": "application/json", "xml": "application/xml",
         "bytes": "application/octet-stream"}
calls = 0
address = 0
connection = None


def call(route, headers, name, fresh_address):
    """Status of one call."""
    global calls, address, connection
    if connection is None or fresh_address:
        address += 1
        if connection is not None:
            connection.close()
        connection = http.client.HTTPConnection("127.0.0.1", facts["port"], timeout=30,
                                                source_address=(f"127.{1 + address // 250}.9.{1 + address % 250}", 0))
    calls += 1
    objects = facts[name]
    headers = dict(headers)
    body = None
    if route.body != "-":
        kind, _, text = route.body.partition(":")
        headers["Content-Type"] = TYPES[kind]
        body = fill(text, objects)
    connection.request(route.method, fill(route.call, objects), body=body, headers=headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


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
    for kind, headers, who in kinds():
        problems = []
        for i, route in enumerate(table):
            for name in ("own", "other") if route.has_object() and who[0] in ("role", "job") else ("own",):
                want = expected(who, route, name)
                # Refused logins count for their address.
                got = call(route, headers, name, i == 0 or (who[0] == "nobody" and i % 5 == 0))
                if got not in want:
                    problems.append(f"{route.method} {fill(route.call, facts[name])} ({name}): {got}, not {sorted(want)}")
        results.append((f"{kind}: what is written, on every route", problems))
    for n, (what, problems) in enumerate(results, 1):
        print(("not ok" if problems else "ok"), n, "-", what)
        for problem in problems:
            print("#", problem)
    print(f"# {len(table)} routes x {len(results) - 2} kinds of credentials, own and other objects: {calls} calls")


main()
