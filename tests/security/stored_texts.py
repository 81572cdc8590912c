#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""stored_texts.py FACTS OUT: plants a hostile text into every member of every object that takes texts, as the description of the
web API names them.  FACTS, JSON: port, password of root, ids ("jobDefId", "queueId", "nodeId", "accountId").  OUT, JSON: what
holds which text, and the numbers of jobs.  Prints TAP."""
import base64
import http.client
import json
import os
import sys
from urllib.parse import quote

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from answers import Watch  # noqa: E402: it is no package

with open(sys.argv[1], encoding="utf-8") as f:
    facts = json.load(f)

SHORT = "<img src=x onerror=hit()>" # where fields are 50 characters long
MARKUP = "<img src=x onerror=hit()>\"'><script>hit()</script>"
DRIVES = MARKUP + "\x1b[31m\x1b]0;t\x07\x9b2J\u202e"
watch = Watch()
connection = http.client.HTTPConnection("127.0.0.1", facts["port"], timeout=30)
secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()

# Of each kind one that is whole; the rest of its members is found in the description.
KINDS = {
    "q": {"name": "n", "description": "d"},
    "prm": {"key": "k", "value": "v"},
    "jndi": {"name": "jdbc/x", "type": "t", "factory": "f", "description": "a"},
    "cl": {"name": "ctx"},
    "concurrency": {"key": "lic", "maxRunning": 2},
    "role": {"name": "ops", "description": "a", "permissions": ["queue:read"]},
    "jd": {"applicationName": "D1", "queueId": facts["queueId"], "jarPath": "true", "pathType": "DEFAULTSHELLCOMMAND",
           "javaClassName": "none", "description": "d"},
    "schedule": {"jobDefId": facts["jobDefId"], "cronExpression": "1 1 1 1 *"},
    "node": {"name": "n9", "dns": "n9.example.org", "port": 1789, "outputDirectory": "/o", "jobRepoDirectory": "/r",
             "tmpDirectory": "/t", "enabled": False},
    "user": {"login": "eve"},
    "certmapping": {"accountId": facts["accountId"], "form": "SAN", "value": "DNS:a.example.org"},
    "webhook": {"name": SHORT, "url": "http://127.0.0.1:9/", "newSecret": secret, "enabled": False},
}
planted, refused, results = {}, [], []


def call(method, path, document=None, body=None, kind="application/json"):
    headers = {"Authorization": "Basic " + base64.b64encode(f"root:{facts['password']}".encode()).decode(),
               "Accept": "application/json"}
    if document is not None:
        body = json.dumps(document).encode()
    if body is not None:
        headers["Content-Type"] = kind
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    watch.see(method, path, answer, text)
    is_json = (answer.getheader("Content-Type") or "").startswith("application/json")
    return answer.status, json.loads(text) if is_json else text


description = call("GET", "/ws/openapi.json")[1]


def resolve(schema):
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for part in schema.get("allOf", []) + schema.get("oneOf", []):
        part = resolve(part)
        if part.get("properties"):
            return part
    return schema


def members(path):
    """What of the document that is sent there can hold a text: name, and the text as that member has it."""
    schema = resolve(description["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"])
    for name, member in resolve(schema)["properties"].items():
        member = resolve(member)
        kind = member.get("type")
        if "enum" in member:
            continue
        if kind == "string" or (isinstance(kind, list) and "string" in kind):
            yield name, lambda text: text
        elif kind == "array" and resolve(member["items"]).get("type") == "string":
            yield name, lambda text: [text]
        elif name == "parameters":
            yield name, lambda text: [{"key": text, "value": text}]


def name_it(what, name, put):
    """Try the worst text first."""
    for text in (f"{DRIVES} {what}.{name}", f"{MARKUP} {what}.{name}", SHORT + "\x1b[31m", SHORT):
        if put(text):
            planted[f"{what}.{name}"] = text
            return
    refused.append(f"{what}.{name}")


def configuration(kind, whole):
    status, answer = call("POST", f"/ws/admin/{kind}", whole)
    ids = [one["id"] for one in call("GET", f"/ws/admin/{kind}")[1]]
    if status not in (200, 201, 204):
        results.append((f"one {kind} is made", [(status, answer)]))
        return
    path = f"/ws/admin/{kind}/{max(ids)}"
    document = call("GET", path)[1]
    for name, of_text in members(f"/ws/admin/{kind}"):
        if name in ("newPassword", "newSecret", "signature"):
            continue

        def put(text, name=name, of_text=of_text):
            tried = {**document, name: of_text(text)}
            if call("PUT", path, tried)[0] != 204:
                return False
            document.clear()
            document.update(call("GET", path)[1])
            return True
        name_it(kind, name, put)


for k, w in KINDS.items():
    configuration(k, w)

# One job with all of them, which waits; each order of it makes another one.
request, jobs = {"applicationName": "Plain", "startState": "HOLDED"}, []
for member, form in members("/ws/client/ji"):
    def enqueue(text, member=member, form=form):
        tried = {**request, member: form(text)}
        code, job = call("POST", "/ws/client/ji", tried)
        if code == 200 and "id" in job:
            jobs.append(job["id"])
            request.update(tried)
        return code == 200
    name_it("ji", member, enqueue)
name_it("ji", "message", lambda text: call("POST", f"/ws/client/ji/{jobs[-1]}/messages", body=b"text=" + quote(text).encode(),
                                           kind="application/x-www-form-urlencoded")[0] == 204)
name_it("ji", "inputFile", lambda text: call("POST", f"/ws/client/ji/{jobs[-1]}/files/{quote(text, safe='')}", body=b"x",
                                             kind="application/octet-stream")[0] == 200)

have = {name.split(".")[0] for name in planted}
results.append((f"texts of every kind of object take markup: {len(planted)} members do, {len(refused)} do not",
                sorted((set(KINDS) | {"ji"}) - have - {"schedule", "certmapping"})))
must = {"q.name", "q.description", "prm.value", "jd.description", "jd.applicationName", "jd.keyword1", "jd.jarPath", "jd.parameters",
        "node.name", "jndi.description", "cl.name", "concurrency.description", "role.name", "user.login", "user.freeText",
        "ji.user", "ji.keyword1", "ji.sessionID", "ji.parameters", "ji.message"}
results.append(("and those that people read before all", sorted(must - set(planted))))
with open(sys.argv[2], "w", encoding="utf-8") as f:
    json.dump({"planted": planted, "refused": refused, "jobs": jobs[-1:]}, f)
results.append(("every answer was as openapi.json describes it", watch.problems()))
for number, (title, problems) in enumerate(results, 1):
    print("not ok" if problems else "ok", number, "-", title)
    for problem in problems[:10]:
        print("#", repr(problem)[:400])
