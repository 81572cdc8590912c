#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""texts_there_and_back.py FACTS: sends difficult texts as every member that an export of configuration carries, exports all and asks
what its import would change.  FACTS, JSON: port, password of root, queueId.  Prints TAP."""
import base64
import http.client
import json
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from answers import Watch  # noqa: E402: it is no package

with open(sys.argv[1], encoding="utf-8") as f:
    facts = json.load(f)

# What no XML file can hold.
IMPOSSIBLE = ["a\uffffb", "\ufffe", "\x01x", "\x1b[31m", "x\b", "a\x0bb", "x\x0c", "\x1f"]
TEXTS = IMPOSSIBLE + [
    " x ", "x\n", "x\r\n", "\r\nx", "a\r\nb", "a\rb", "x\r", "\tx\t", "a\tb", "   ", "\n", "\r", "", "<a>&amp;]]>\"'</a>",
    "<![CDATA[ x ]]>", "&#10;", "\u00a0x\u00a0", "a\u0085b\u0085", "\u2028x\u2028", "a\x7fb", "a\x9fb", "\ufffd", "\ufeffx", "\U0001f600",
    "\U0001ffff", "e\u0301", "\u202ex", "\u200b", "007", "true", "null", "********", "a, b ,c ", "%s%n"]

# A whole one of each kind, what names it, and the members that take a text.
KINDS = {
    "q": ({"description": "d"}, "name", ["description"]),
    "prm": ({"value": "v"}, "key", ["value"]),
    "jndi": ({"type": "t", "factory": "f"}, "name", ["auth", "type", "factory", "description", "template", "parameters.key",
                                                     "parameters.value"]),
    "cl": ({}, "name", ["hiddenClasses", "allowedRunners", "extraClasspathDirs", "excludedClassPrefixes"]),
    "jd": ({"queueId": facts["queueId"], "jarPath": "true", "pathType": "DEFAULTSHELLCOMMAND", "javaClassName": "none"},
           "applicationName",
           ["description", "javaClassName", "application", "module", "keyword1", "keyword2", "keyword3", "jarPath", "javaOpts",
            "workingDirectory", "concurrencyKey", "runAs", "parameters.key", "parameters.value", "parameterTypes.key",
            "parameterTypes.hint", "parameterTypes.choice"]),
    "node": ({"dns": "h", "port": 1, "outputDirectory": "/o", "jobRepoDirectory": "/r", "tmpDirectory": "/t"}, "name",
             ["dns", "outputDirectory", "jobRepoDirectory", "tmpDirectory"]),
}
PARTS = {
    "parameters.key": lambda text: {"key": text, "value": "v"},
    "parameters.value": lambda text: {"key": "k", "value": text},
    "parameterTypes.key": lambda text: {"key": text},
    "parameterTypes.hint": lambda text: {"key": "k", "hint": text},
    "parameterTypes.choice": lambda text: {"key": "c", "type": "CHOICE", "choices": [text]},
}
# Blanks around these mean nothing, whatever door they come through (docs/xml.md).
TRIMMED = {"javaClassName", "jarPath", "workingDirectory", "concurrencyKey", "runAs", "hiddenClasses", "allowedRunners",
           "extraClasspathDirs", "excludedClassPrefixes"}
watch = Watch()
connection = http.client.HTTPConnection("127.0.0.1", facts["port"], timeout=60)
authorization = "Basic " + base64.b64encode(f"root:{facts['password']}".encode()).decode()
results, taken, refused, changed, others = [], set(), set(), [], []


def call(method, path, body=None, kind="application/json"):
    headers = {"Authorization": authorization, "Accept": "*/*"}
    if body is not None:
        headers["Content-Type"] = kind
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    watch.see(method, path, answer, text)
    return answer.status, text, answer.getheader("Location")


def kept_otherwise(document, stored):
    for member, sent in document.items():
        if isinstance(sent, str) and stored[member] != (sent.strip(" \t\r\n") if member in TRIMMED else sent):
            yield member


def post(kind, members, text, name):
    """An object with that text in these members: was it taken?"""
    whole, name_member, _ = KINDS[kind]
    document = {**whole, name_member: name}
    for member in members:
        if member in PARTS:
            document.setdefault(member.split(".")[0], []).append(PARTS[member](text))
        else:
            document[member] = text
    status, answer, location = call("POST", f"/ws/admin/{kind}", json.dumps(document).encode())
    if status not in (204, 400):
        others.append((kind, members, text, status, answer))
    if status != 204:
        refused.update((f"{kind}.{member}", text) for member in members if len(members) == 1)
        return False
    stored = json.loads(call("GET", location)[1])
    # null and an empty text are the same for who sends it where a default is
    others.extend((kind, member, text, stored[member]) for member in kept_otherwise(document, stored) if document[member] != "")
    taken.update((f"{kind}.{member}", text) for member in members)
    return True


for number, text in enumerate(TEXTS):
    for kind, (_, name_member, members) in KINDS.items():
        if text in IMPOSSIBLE or not post(kind, members, text, f"{kind}-{number}"):
            for member in members:
                post(kind, [member], text, f"{kind}-{number}-{member}")
        post(kind, [name_member], text, text)

for kind in ("jd", "q", "jndi", "configuration"):
    path = f"/ws/admin/{kind}" + ("/all/xml" if kind != "configuration" else "/xml")
    status, xml, _ = call("GET", path)
    status, report, _ = call("POST", f"/ws/admin/{kind}/xml?dryRun=true", xml, "application/xml")
    report = json.loads(report)
    if status != 200:
        changed.append((kind, status, report))
        continue
    changed.extend((kind, one) for one in report["objects"] if one["result"] != "unchanged")
    results.append((f"{kind}: all that was taken is in the export", [] if len(report["objects"]) > len(TEXTS) / 2 else report["objects"]))

tried = len(taken) + len(refused)
results.append((f"of {tried} texts in members {len(taken)} are taken; export and import would change none of them", changed))
results.append(("what is taken is kept as it is, but for blanks around what stands on a line of its own", others))
members = [f"{kind}.{member}" for kind, (_, name, more) in KINDS.items() for member in [name, *more]]
results.append(("what no file can hold is taken nowhere", sorted(one for one in taken if one[1] in IMPOSSIBLE)))
results.append(("each of them was tried everywhere",
                sorted(set((m, t) for m in members for t in IMPOSSIBLE) - refused)))
easy = [m for m in members if m not in ("node.dns", "jd.runAs")]
results.append(("other difficult ones are taken", sorted(m for m in easy if (m, "<a>&amp;]]>\"'</a>") not in taken)))
results.append(("every answer was as openapi.json describes it", watch.problems()))
for number, (title, problems) in enumerate(results, 1):
    print(f"{'not ok' if problems else 'ok'} {number} - {title}")
    for problem in problems[:20]:
        print(f"# {ascii(problem)}")
    if len(problems) > 20:
        print(f"# and {len(problems) - 20} more")
print(f"1..{len(results)}")
