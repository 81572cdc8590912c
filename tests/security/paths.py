#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""paths.py DOCUMENT FACTS: each path of the OpenAPI document, but a little different.  FACTS, JSON: port, password (of
root), job (a held one).  Prints TAP."""
import base64
import http.client
import json
import re
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    paths = json.load(f)["paths"]
with open(sys.argv[2], encoding="utf-8") as f:
    facts = json.load(f)

REFUSED = (400, 401, 403, 404, 405)
REFUSED_VERB = (400, 404, 405)
# What stands behind a path; the last is one segment more.
BEHIND = ["%2F", "/%2e%2e/", "/%2e", ";a=b", "/;a=b", "%00", "%0a", "%ff", "%zz", ".json", "/more"]
VERBS = ["PATCH", "FOO", "TRACE", "PROPFIND", "get"]
# Whose {name} may be any text: what is behind it, or in it, belongs to the name.
FREE_NAMES = [
    ("POST", "/ws/client/ji/{id}/files/{name}"),  # a file; it makes those that the next one finds
    ("GET", "/ws/client/ji/{id}/inputs/{name}"),
    ("GET", "/ws/client/jd/{name}"),  # of an application, which need not have definitions
    ("GET", "/ws/client/user/{name}/ji"),  # nor a user jobs
]
LISTENS = {"/ws/client/events"}  # its answer has no end
HEADERS = {"Authorization": "Basic " + base64.b64encode(f"root:{facts['password']}".encode()).decode()}
connection = http.client.HTTPConnection("127.0.0.1", facts["port"], timeout=30)
results = []
asked = 0


def call(method, path):
    """Status, and the answer."""
    global asked
    asked += 1
    connection.request(method, path, headers=HEADERS)
    answer = connection.getresponse()
    return answer.status, answer.read()


def is_error(path, answer):
    """Ours has an error object; beside /ws/ there are files, and what nginx says of those."""
    if not path.startswith("/ws/") or path.startswith("/ws/%2e%2e/"):
        return True
    try:
        error = json.loads(answer)
        return len(error["userReadableMessage"]) > 5 and "errorCode" in error
    except (ValueError, KeyError, TypeError):
        return False


def filled(path):
    """With what there is: most things have one of number 1."""
    return re.sub(r"\{[^}]*\}", "1", path.replace("/ji/{id}", f"/ji/{facts['job']}").replace("/jd/name/{name}", "/jd/name/Plain"))


def fits(sent, path):
    """Is that the path, whatever stands in the place of its names?"""
    return re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", path), sent.rstrip("/"))


def methods(path):
    return [m.upper() for m in paths[path] if m in ("get", "post", "put", "delete")]


def report(what, wrong):
    results.append((what, wrong))


def look(method, path, sent, wrong, refused=REFUSED):
    status, answer = call(method, sent)
    if status == 200 and any(method == m and fits(sent, p) for m, p in FREE_NAMES):
        return
    if status not in refused or not is_error(sent, answer):
        wrong.append((method, path, sent, status, answer[:200]))


def the_paths_themselves():
    """Else what is refused below might have been refused anyway."""
    readable = [p for p in paths if "get" in paths[p] and p not in LISTENS]
    right = [p for p in readable if call("GET", filled(p))[0] not in REFUSED]
    report("most paths answer as they are", [] if len(right) * 2 > len(readable) else [set(readable) - set(right)])
    print("#", len(right), "of", len(readable), "paths can be read; not:", " ".join(sorted(set(readable) - set(right))))


def something_behind():
    wrong = []
    for path in paths:
        for method in methods(path):
            for text in BEHIND:
                look(method, path, filled(path) + text, wrong)
    report("no path is another one with something behind it", wrong)


def something_within():
    wrong = []
    for path in paths:
        first, _, last = filled(path).rpartition("/")
        for between in ("/%2e%2e/", "/%2e/", "/./", "%2F", "/%00/", ";a=b/"):
            look(methods(path)[0], path, first + between + last, wrong)
    report("nor with something in it", wrong)


def verbs():
    wrong = []
    for path in paths:
        for verb in VERBS + [m for m in ("POST", "PUT", "DELETE") if m not in methods(path)]:
            look(verb, path, filled(path), wrong, REFUSED_VERB)
    report("a verb that a path has not is refused", wrong)


the_paths_themselves()
something_behind()
something_within()
verbs()
print("#", asked, "requests")
for number, (title, problems) in enumerate(results, 1):
    print("not ok" if problems else "ok", number, "-", title)
    for problem in problems[:40]:
        print("#", repr(problem)[:400])
