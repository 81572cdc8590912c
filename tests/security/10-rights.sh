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

# JQM's, with what it lacks: cl and concurrency; queue_position:update, which its console of 3.5 asks for.
is "the predefined roles are JQM's" "$(sql "SELECT name || ': ' || array_to_string(permissions, ' ') FROM jqm.role WHERE built_in ORDER BY id")" \
"administrator: *:*
config admin: node:* queue:* qmapping:* jndi:* prm:* jd:* cl:* concurrency:*
config viewer: node:read queue:read qmapping:read jndi:read prm:read jd:read cl:read concurrency:read
client: node:read queue:read job_instance:* jd:read
client power user: node:read queue:read job_instance:* jd:read logs:read queue_position:create queue_position:update files:read
client read only: queue:read job_instance:read logs:read files:read"

# Accounts named like their roles, with root's password.
account() { # LOGIN [ROLE]
	sql "INSERT INTO jqm.account (login, password_hash) SELECT '$1', password_hash FROM jqm.account WHERE login = 'root';
		INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account a, jqm.role r WHERE a.login = '$1' AND r.name = '${2:-$1}'"
}
role() { # NAME PERMISSIONS
	sql "INSERT INTO jqm.role (name, permissions) VALUES ('$1', '{$2}')"
	account "$1"
}
for name in administrator 'config admin' 'config viewer' client 'client power user' 'client read only' nothing; do account "$name"; done
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
python3 "$(dirname "$0")/rights.py" "$WORK/routes" "$WORK/facts" >"$WORK/tap"
results_of "$WORK/tap"
like "it came to its end" "$(tail -1 "$WORK/tap")" ' routes x .* calls$'
done_testing
