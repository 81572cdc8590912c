#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What callers without any right can do to others: make them wait, or give orders in their name.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

account() { # LOGIN: with root's password and role
	sql "INSERT INTO jqm.account (login, password_hash) SELECT '$1', password_hash FROM jqm.account WHERE login = 'root'" >/dev/null
	sql "INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account a, jqm.role r WHERE a.login = '$1' AND r.name = 'administrator'" >/dev/null
}
as() { # LOGIN:PASSWORD PATH
	curl -sS -m 30 -o /dev/null -w '%{http_code}' -u "$1" "$URL$2"
}

# Wrong tokens: more of them than an address may have wrong passwords, then eleven for one job.
define Wait 'echo "$JQM_API_LOGIN $JQM_API_PASSWORD"; exec tail -f /dev/null'
id=$(enqueue Wait)
ok "a job says its credentials" wait_for 10 sh -c "curl -sf -u '$AUTH' '$URL/ws/simple/stdout?id=$id' | grep -q ."
read -r login token <<<"$(api GET "/ws/simple/stdout?id=$id")"
seq 1000 1070 | xargs -I{} -P4 curl -sS -m 30 -o /dev/null -u 'job-{}:wrong' "$URL/ws/client/q"
for _ in 1 2 3 4 5 6 7 8 9 10 11; do as "$login:wrong" "/ws/client/ji/$id" >/dev/null; done
is "wrong tokens do not lock the job out" "$(as "$login:$token" "/ws/client/ji/$id")" 200
is "and are wrong all the same" "$(as "$login:wrong" "/ws/client/ji/$id")" 401
account first
is "nor do they use up the passwords of their address" "$(as "first:${AUTH#*:}" /ws/client/q)" 200

# Who takes over a login does not take over its password.
account second
is "an account logs in" "$(as "second:${AUTH#*:}" /ws/client/q)" 200
sql "DELETE FROM jqm.account WHERE login = 'second'" >/dev/null
other='$scrypt$ln=14,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
sql "INSERT INTO jqm.account (login, password_hash) VALUES ('second', '$other')" >/dev/null
is "made anew with another password, not with the old one" "$(as "second:${AUTH#*:}" /ws/client/q)" 401

# What is stored for an account is not told to those who do not know its password.
sql "INSERT INTO jqm.account (login, password_hash) VALUES ('broken', 'no hash at all')" >/dev/null
strange() { curl -sS -m 30 -u "$1:x" "$URL/ws/client/q" | sed 's/"requestId":"[0-9a-f]*"//'; }
is "an account whose hash cannot be read is like an unknown one" "$(strange broken)" "$(strange unknown)"
is "nobody gets in by it" "$(as broken:x /ws/client/q)" 401
like "but the log says why" "$(cat "$HOME_DIR/log/jqm-fcgi.log")" 'account_unusable account=[0-9]+ text="the stored password hash'

# A page of another site, in a browser that remembers the password.
site() { code POST /ws/simple/ji -d applicationname=Wait "$@"; }
before=$(sql 'SELECT max(id) FROM jqm.job_instance')
is "a form of another site is refused" "$(site -H 'Sec-Fetch-Site: cross-site' -H 'Origin: http://evil.example')" 403
is "also in a browser that only names the origin" "$(site -H 'Origin: http://evil.example')" 403
is "and from a page without one" "$(site -H 'Origin: null')" 403
is "nor can it kill" "$(code POST "/ws/client/ji/killed/$id" -H 'Origin: http://evil.example')" 403
is "nothing was enqueued" "$(sql 'SELECT max(id) FROM jqm.job_instance')" "$before"
is "the job runs on" "$(job_state "$id")" RUNNING
is "our own page may" "$(site -H 'Sec-Fetch-Site: same-origin' -H "Origin: $URL")" 200
is "in any browser" "$(site -H "Origin: $URL")" 200
is "reading is free" "$(code GET /ws/client/q -H 'Sec-Fetch-Site: cross-site')" 200
done_testing
