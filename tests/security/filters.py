#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""filters.py FACTS: every text a caller can give is a value.  FACTS, JSON: port, password (of root and of the accounts
"limit 0", "limit 1", ... which have no role yet), other (a job nobody asks for).  Prints TAP."""
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

TEXTS = ["' OR '1'='1", "' OR 1=1 --", "'; DROP TABLE jqm.history; --", "\\'; SELECT pg_sleep(9); --", '" OR ""="', "$1",
         "$$; DROP SCHEMA jqm CASCADE; $$", '{evil,"x"}', "{", "}", ",", '","', "'", "\\", "\\\\", '\\"', "%s%s%n", "%", "%%", "_",
         "x' UNION SELECT password_hash FROM jqm.account --", "evil;id", "$(id)", "`id`", "*", "?", "(", "NULL", "null", "true",
         "-1", "0x1", "../../x", "<x>&", "\u00ff", "\U0001f600", "Plain' AND '1'='1", "Plain\\"]
CONTROL = ["a\tb", "a\x1b[2J", "a\nb"]
MEMBERS = ["applicationName", "user", "sessionId", "jobDefKeyword1", "jobDefKeyword2", "jobDefKeyword3", "jobDefModule",
           "jobDefApplication", "instanceKeyword1", "instanceKeyword2", "instanceKeyword3", "instanceModule",
           "instanceApplication", "queueName", "nodeName"]
watch = Watch()
connection = http.client.HTTPConnection("127.0.0.1", facts["port"], timeout=30)
results = []


def call(method, path, document=None, login="root", form=None, accept="application/json, */*;q=0.1"):
    """Status, and the answer: parsed when it is JSON."""
    headers = {"Authorization": "Basic " + base64.b64encode(f"{login}:{facts['password']}".encode()).decode(), "Accept": accept}
    body = None
    if document is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(document)
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = form
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    watch.see(method, path, answer, text)
    kind = answer.getheader("Content-Type") or ""
    return answer.status, json.loads(text) if kind.startswith("application/json") else text


def report(what, wrong):
    results.append((what, wrong))


def searches():
    known = call("GET", "/ws/client/ji/query")[1]
    used = [m for m in MEMBERS if m in known]
    report("the query has the members this asks for", [m for m in MEMBERS if m not in known])
    wrong = []
    for text in TEXTS + CONTROL:
        for member in used:
            query = {"queryLiveInstances": True, "queryHistoryInstances": True,
                     member: [text] if member == "applicationName" else text}
            status, answer = call("POST", "/ws/client/ji/query", query)
            found = len(answer.get("instances", [])) if status == 200 else None
            # a text of wildcards means anything that is there
            if found != 0 and not (text in ("%", "%%") and found is not None):
                wrong.append((member, text, status, answer))
        for query in ({"statuses": [text]}, {"sortby": [{"col": text, "order": text}]}):
            status, answer = call("POST", "/ws/client/ji/query", query)
            if status != 400:
                wrong.append((query, status))
    report("a search finds what is named so, which is nothing; a state or column that is none is refused", wrong)


PATHS = ["client/user/{}/ji", "client/jd/{}", "client/jd/name/{}", "client/node/{}/log", "admin/node/{}/log", "simple/file?id={}",
         "simple/status?id={}", "simple/stdout?id={}", "client/ji/{}", "client/ji?newest={}", "client/ji?parent={}",
         "client/ji/files/{}", "client/ji/OTHER/inputs/{}", "client/schedule/{}", "client/cron?expression={}&timeZone={}",
         "simple/link?token={}", "admin/q/{}", "admin/prm/{}", "admin/user/{}", "admin/stats/history?hours={}",
         "client/q/{}/status"]


def paths():
    wrong = []
    for text in TEXTS + CONTROL:
        for path in PATHS:
            url = "/ws/" + path.replace("OTHER", str(facts["other"])).replace("{}", quote(text, safe=""))
            status, answer = call("GET", url)
            empty_list = path.startswith(("client/user", "client/jd/{}")) and (answer == [] or "%" in text)
            if status not in (400, 404) and not (status == 200 and empty_list):
                wrong.append((url, status, answer))
    report("a path or parameter is a value: it names nothing", wrong)


def pairs(parameters):
    """JQM's two forms of a map."""
    if isinstance(parameters, dict):
        return parameters
    return {p["key"]: p["value"] for p in parameters}


def stored():
    wrong = []
    for text in TEXTS:
        request = {"applicationName": "Plain", "user": text, "keyword1": text, "module": text, "sessionID": text,
                   "startState": "HOLDED", "parameters": {"p": text}}
        status, job = call("POST", "/ws/client/ji", request)
        if status != 200:
            wrong.append((text, status, job))
            continue
        back = call("GET", f"/ws/client/ji/{job['id']}")[1]
        if not (back["user"] == back["keyword1"] == back["module"] == back["sessionID"] == pairs(back["parameters"])["p"] == text):
            wrong.append((text, back))
        query = {"jobInstanceId": job["id"], "queryLiveInstances": True, "instanceKeyword1": text, "user": text}
        found = call("POST", "/ws/client/ji/query", query)[1]
        if [j["id"] for j in found["instances"]] != [job["id"]]:
            wrong.append((text, "is not found", found))
    report("what is stored comes back as it was, and is found by itself", wrong)


def limits():
    wrong = []
    for n, text in enumerate(TEXTS[::2]):
        permissions = [f"job_instance:read@queue={text}", f"job_instance:create@definition={text}", f"logs:read@definition={text}"]
        status, answer = call("POST", "/ws/admin/role", {"name": f"limit {n}", "description": "x", "permissions": permissions})
        role = [r for r in call("GET", "/ws/admin/role")[1] if r["name"] == f"limit {n}"]
        if not role:
            wrong.append((text, status, answer))
            continue
        user = [u for u in call("GET", "/ws/admin/user")[1] if u["login"] == f"limit {n}"][0]
        call("PUT", f"/ws/admin/user/{user['id']}", {"login": f"limit {n}", "roles": [role[0]["id"]]})
        me = f"limit {n}"
        search = call("POST", "/ws/client/ji/query", {"queryLiveInstances": True}, login=me)[1]
        got = [call("GET", "/ws/client/ji", login=me), (search.get("resultSize"), search.get("instances")),
               call("GET", f"/ws/client/ji/{facts['other']}", login=me)[0],
               call("GET", f"/ws/client/ji/{facts['other']}/stdout", login=me)[0],
               call("POST", "/ws/simple/ji", form="applicationname=Plain", login=me)[0]]
        if got != [(200, []), (0, []), 404, 404, 400]:
            wrong.append((text, got))
    report("a limit by such a name covers nothing else", wrong)


searches()
paths()
stored()
limits()
report("every answer was as openapi.json describes it", watch.problems())
for number, (title, problems) in enumerate(results, 1):
    print("not ok" if problems else "ok", number, "-", title)
    for problem in problems[:10]:
        print("#", repr(problem)[:400])
