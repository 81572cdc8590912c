#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The matrix of rights: every kind of credential x every route x own and other object gets what rights.txt and
# rights.py have written down.  They tell; here is made what they need.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
sql "INSERT INTO jqm.queue (name) VALUES ('MINE'), ('THEIRS');
	INSERT INTO jqm.queue_mapping (node_id, queue_id, max_jobs, polling_interval_ms)
	SELECT n.id, q.id, 3, 60000 FROM jqm.node n, jqm.queue q WHERE q.name IN ('MINE', 'THEIRS')"
for name in Mine Theirs; do
	define $name 'echo "$JQM_API_LOGIN $JQM_API_PASSWORD"; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'
	sql "UPDATE jqm.job_def SET queue_id = (SELECT id FROM jqm.queue WHERE name = upper('$name')) WHERE name = '$name'"
done

# JQM's, with what it lacks: cl, concurrency and webhook; cl and concurrency; queue_position:update, which its console of 3.5 asks for.
is "the predefined roles are JQM's, and one for monitoring" "$(sql "SELECT name || ': ' || array_to_string(permissions, ' ') FROM jqm.role WHERE built_in ORDER BY id")" \
"administrator: *:*
config admin: node:* queue:* qmapping:* jndi:* prm:* jd:* cl:* concurrency:* webhook:*
config viewer: node:read queue:read qmapping:read jndi:read prm:read jd:read cl:read concurrency:read webhook:read
client: node:read queue:read job_instance:* jd:read
client power user: node:read queue:read job_instance:* jd:read logs:read queue_position:create queue_position:update files:read
client read only: queue:read job_instance:read logs:read files:read
monitoring: metrics:read"

# Accounts named like their roles, with root's password.
account() { # LOGIN [ROLE]
	sql "INSERT INTO jqm.account (login, password_hash) SELECT '$1', password_hash FROM jqm.account WHERE login = 'root';
		INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account a, jqm.role r WHERE a.login = '$1' AND r.name = '${2:-$1}'"
}
role() { # NAME PERMISSIONS
	sql "INSERT INTO jqm.role (name, permissions) VALUES ('$1', '{$2}')"
	account "$1"
}
for name in administrator 'config admin' 'config viewer' client 'client power user' 'client read only' monitoring nothing; do account "$name"; done
role 'queue only' '*:*@queue=MINE'
role 'definition only' 'job_instance:*@definition=Mine,logs:read@definition=Mine,files:read@definition=Mine,jd:read@definition=Mine'
role 'own only' 'job_instance:create@own,job_instance:read@own,job_instance:update@own,logs:read@own,files:read@own'
role 'reads all' 'job_instance:read,job_instance:update@queue=MINE'
for name in expired locked 'no password'; do account "$name" administrator; done
sql "UPDATE jqm.account SET locked = true WHERE login = 'locked';
	UPDATE jqm.account SET expiration_date = now() - interval '1 s' WHERE login = 'expired';
	UPDATE jqm.account SET password_hash = NULL WHERE login = 'no password'"

# A job of each kind, over, with logs, a file it left and one it was given.
object() { # DEFINITION
	local id
	id=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d "{\"applicationName\":\"$1\",\"startState\":\"HOLDED\"}" | jq .id)
	code POST "/ws/client/ji/$id/files/given" -H 'Content-Type: application/octet-stream' -d x >/dev/null
	code DELETE "/ws/client/ji/paused/$id" >/dev/null
	wait_job "$id" || diag "job $id does not end"
	[ "$1" = Theirs ] || sql "UPDATE jqm.history SET submitter_id = jqm.name_snapshot_id('a', (SELECT id FROM jqm.account WHERE login = 'own only') || ':own only') WHERE id = $id"
	jq -nc --argjson job "$id" --argjson queue "$(sql "SELECT id FROM jqm.queue WHERE name = upper('$1')")" --arg definition "$1" \
		--argjson file "$(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $id")" \
		--arg guid "$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id")" \
		'{JOB: $job, QUEUE: $queue, DEFINITION: $definition, FILE: $file, GUID: $guid, TOKEN_LOGIN: "job-\($job)"}'
}
own=$(object Mine) other=$(object Theirs)
read -r _ token <<<"$(api GET "/ws/simple/stdout?id=$(jq .JOB <<<"$own")")"
# Nothing that is enqueued below shall run.
code POST "/ws/client/q/$(jq .QUEUE <<<"$own")/pause" >/dev/null
jq -nc --argjson port "$PORT" --arg password "${AUTH#*:}" --arg token "$token" --argjson own "$own" --argjson other "$other" \
	'{port: $port, password: $password, job_token: $token, own: $own, other: $other}' >"$WORK/facts"
"$JQM_BIN/jqm-fcgi" --routes >"$WORK/routes"
matrix() {
	/usr/bin/python3 "$(dirname "$0")/rights.py" "$WORK/routes" "$1" >"$WORK/tap"
	results_of "$WORK/tap"
	like "it came to its end" "$(tail -1 "$WORK/tap")" ' routes x .* calls$'
}
matrix "$WORK/facts"

# The same over TLS: certificates and sessions, good ones of each role and what is left of others.
for name in revoked 'expired certificate' 'logged out' 'locked later' 'expired later' 'other roles'; do account "$name" administrator; done
sql "UPDATE jqm.account SET locked = false, expiration_date = NULL WHERE login IN ('expired', 'locked')"
tls_up
ok "the node speaks TLS" tls_is_on
certificates=$WORK/certificates
mkdir "$certificates"
issue() { # LOGIN
	send POST "/ws/admin/user/$(sql "SELECT id FROM jqm.account WHERE login = '$1'")/certificate" '{"days":2}' >"$WORK/issued"
	jq -r '.privateKey, .certificate' "$WORK/issued" >"$certificates/$1.pem"
}
sql "SELECT login FROM jqm.account WHERE login IN ('administrator', 'monitoring', 'nothing', 'revoked', 'expired', 'locked') OR login LIKE '% only' OR login LIKE 'c%' OR login = 'reads all'" >"$WORK/logins"
while read -r name; do issue "$name" </dev/null; done <"$WORK/logins"
is "certificates for all of them" "$(grep -l 'BEGIN CERTIFICATE' "$certificates"/*.pem | wc -l) $(wc -l <"$WORK/logins")" "15 15"
sql "UPDATE jqm.account SET locked = true WHERE login = 'locked';
	UPDATE jqm.account SET expiration_date = now() - interval '1 s' WHERE login = 'expired'"
is "one is revoked" "$(code DELETE "/ws/admin/certificate/$(sql "SELECT max(c.id) FROM jqm.certificate AS c JOIN jqm.account AS a ON a.id = c.account_id WHERE a.login = 'revoked'")")" 204
# Signed by the root, known to the database, and over since yesterday: its date alone is wrong.
touch "$WORK/index"
printf '%s\n' '[ca]' 'default_ca = x' '[x]' "database = $WORK/index" "new_certs_dir = $WORK" 'default_md = sha256' 'policy = any' 'rand_serial = yes' '[any]' 'commonName = supplied' >"$WORK/ca.conf"
sql "SELECT certificate FROM jqm.pki_signer()" >"$WORK/root.pem"
sql "SELECT key FROM jqm.pki_signer()" >"$WORK/root.key"
request() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$WORK/own.key" -out "$WORK/own.csr" 2>/dev/null; }
request 'expired certificate'
openssl ca -batch -notext -config "$WORK/ca.conf" -cert "$WORK/root.pem" -keyfile "$WORK/root.key" -startdate 20200101000000Z -enddate 20200102000000Z \
	-in "$WORK/own.csr" -out "$WORK/own.pem" 2>/dev/null
cat "$WORK/own.key" "$WORK/own.pem" >"$certificates/expired certificate.pem"
sql "INSERT INTO jqm.certificate (account_id, kind, name, serial, fingerprint, root_id, not_after, issued_by)
	SELECT a.id, c.kind, c.name, 'ABCDEF', lower('$(openssl x509 -in "$WORK/own.pem" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g')'), c.root_id, c.not_after, c.issued_by
	  FROM jqm.certificate AS c, jqm.account AS a WHERE a.login = 'expired certificate' AND c.id = (SELECT max(id) FROM jqm.certificate WHERE kind = 'CLIENT')"
is "an expired certificate is one of the database's" "$(sql "SELECT count(*) FROM jqm.certificate WHERE serial = 'ABCDEF'")" 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=administrator' -days 2 -keyout "$WORK/own.key" -out "$WORK/own.pem" 2>/dev/null
cat "$WORK/own.key" "$WORK/own.pem" >"$certificates/another authority's.pem"
cat "$HOME_DIR/state/tls/node.pem" >"$certificates/a node's.pem" # with its key
# Sessions that were good.
cookie() { # LOGIN
	jq -nc --arg l "$1" --arg p "${AUTH#*:}" '{login: $l, password: $p}' |
		curl -sS -m 30 -o /dev/null -D - -H 'Content-Type: application/json' --data-binary @- "$URL/ws/session" | tr -d '\r' | sed -n 's/^Set-Cookie: \([^;]*\);.*/\1/p'
}
sessions='{}'
for name in 'logged out' 'locked later' 'expired later' 'other roles'; do
	sessions=$(jq -c --arg n "$name" --arg c "$(cookie "$name")" '.[$n] = $c' <<<"$sessions")
done
alive() { jq -r '.[]' <<<"$sessions" | while read -r c; do curl -sS -m 30 -o /dev/null -w '%{http_code} ' -b "$c" "$URL/ws/admin/me"; done; }
is "four sessions are good" "$(alive)" "200 200 200 200 "
curl -sS -m 30 -o /dev/null -X DELETE -b "$(jq -r '."logged out"' <<<"$sessions")" -H 'Sec-Fetch-Site: same-origin' "$URL/ws/session"
sql "UPDATE jqm.account SET locked = true WHERE login = 'locked later';
	UPDATE jqm.account SET expiration_date = now() - interval '1 s' WHERE login = 'expired later';
	DELETE FROM jqm.account_role WHERE account_id = (SELECT id FROM jqm.account WHERE login = 'other roles')"
jq -c --arg roots "$ROOTS" --arg certificates "$certificates" --argjson sessions "$sessions" '.tls = {roots: $roots, certificates: $certificates, sessions: $sessions}' "$WORK/facts" >"$WORK/facts_tls"
matrix "$WORK/facts_tls"
done_testing
