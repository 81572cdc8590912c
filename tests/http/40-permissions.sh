#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Roles and accounts: who may call what; locked and expired accounts; changes count at once.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Greet 'echo hello; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'
id=$(enqueue Greet)
ok "a job to look at" wait_job "$id"
guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id")

# Everybody gets root's password: the hash is what counts here.
account() { # LOGIN ROLE
	sql "INSERT INTO jqm.account (login, password_hash) SELECT '$1', password_hash FROM jqm.account WHERE login = 'root'" >/dev/null
	sql "INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account a, jqm.role r WHERE a.login = '$1' AND r.name = '$2'" >/dev/null
}
account power 'client power user'
account client client
account reader 'client read only'
account viewer 'config viewer'
sql "INSERT INTO jqm.account (login, password_hash) SELECT 'bare', password_hash FROM jqm.account WHERE login = 'root'" >/dev/null
password=$(cat "$HOME_DIR/root-password")
as() { # LOGIN METHOD PATH [CURL ARG...]
	local login=$1 method=$2 path=$3
	shift 3
	curl -sS -m 30 -u "$login:$password" -X "$method" -o /dev/null -w '%{http_code}' "$URL$path" "$@"
}
matrix() { # DESCRIPTION "power client reader viewer bare" METHOD PATH [CURL ARG...]
	local description=$1 want=$2 got='' login
	shift 2
	for login in power client reader viewer bare; do
		got="$got $(as $login "$@")"
	done
	is "$description" "${got# }" "$want"
}
matrix "status"          "200 200 200 403 403" GET "/ws/simple/status?id=$id"
matrix "enqueue by form" "200 200 403 403 403" POST /ws/simple/ji -d applicationname=Greet
matrix "stdout"          "200 403 200 403 403" GET "/ws/simple/stdout?id=$id"
matrix "stderr"          "200 403 200 403 403" GET "/ws/simple/stderr?id=$id"
matrix "file by GUID"    "200 403 200 403 403" GET "/ws/simple/file?id=$guid"
matrix "engine log"      "403 403 403 403 403" GET "/ws/simple/enginelog?latest=1"
matrix "health"          "200 403 200 403 403" GET /ws/simple/localnode/health
matrix "one instance"    "200 200 200 403 403" GET "/ws/client/ji/$id"
matrix "all instances"   "200 200 200 403 403" GET /ws/client/ji
matrix "files"           "200 200 200 403 403" GET "/ws/client/ji/$id/files"
matrix "client stdout"   "200 403 200 403 403" GET "/ws/client/ji/$id/stdout"
matrix "queues"          "200 200 200 200 403" GET /ws/client/q
matrix "definitions"     "200 200 403 200 403" GET /ws/client/jd
matrix "who am I"        "200 200 200 200 200" GET /ws/admin/me
matrix "import"          "403 403 403 403 403" POST /ws/admin/jd/xml -H 'Content-Type: application/xml' -d '<jqm/>'
like "a refusal names the permission" \
	"$(curl -sS -u "bare:$password" "$URL/ws/client/ji/$id")" 'job_instance:read'

sql "UPDATE jqm.account SET locked = true WHERE login = 'power'" >/dev/null
is "a locked account is out at once" "$(as power GET "/ws/client/ji/$id")" 401
sql "UPDATE jqm.account SET locked = false, expiration_date = now() - interval '1 s' WHERE login = 'power'" >/dev/null
is "an expired account is out at once" "$(as power GET "/ws/client/ji/$id")" 401
sql "UPDATE jqm.account SET expiration_date = NULL WHERE login = 'power'" >/dev/null
is "and back in" "$(as power GET "/ws/client/ji/$id")" 200
sql "DELETE FROM jqm.account_role WHERE account_id = (SELECT id FROM jqm.account WHERE login = 'power')" >/dev/null
is "a role taken away counts at once" "$(as power GET "/ws/client/ji/$id")" 403
sql "UPDATE jqm.account SET password_hash = NULL WHERE login = 'client'" >/dev/null
is "an account without password cannot log in" "$(as client GET "/ws/client/ji/$id")" 401

# A job's own token: its subtree and nothing else.
define Child 'echo child'
define Parent 'echo "$JQM_API_LOGIN $JQM_API_PASSWORD $JQM_API_LOCAL_URL"; exec tail -f /dev/null'
parent=$(enqueue Parent)
ok "a job says its credentials" wait_for 10 sh -c "curl -sf -u '$AUTH' '$URL/ws/simple/stdout?id=$parent' | grep -q ."
read -r login token url <<<"$(api GET "/ws/simple/stdout?id=$parent")"
is "the URL it got is this server" "$url" "$URL"
child=$(curl -sS -u "$login:$token" -d applicationname=Child "$url/ws/simple/ji")
like "it enqueues a child" "$child" '^[0-9]+$'
is "whose parent it is" "$(sql "SELECT parent_id FROM jqm.live_job WHERE id = $child UNION ALL SELECT parent_id FROM jqm.past_job WHERE id = $child")" "$parent"
token_code() { curl -sS -m 30 -o /dev/null -w '%{http_code}' -u "$login:$token" "$@"; }
is "it sees its child" "$(token_code "$URL/ws/simple/status?id=$child")" 200
is "it sees itself" "$(token_code "$URL/ws/simple/status?id=$parent")" 200
is "it sees no other job" "$(token_code "$URL/ws/simple/status?id=$id")" 404
is "nor its files" "$(token_code "$URL/ws/simple/file?id=$guid")" 404
like "the answer is that of no file at all" "$(curl -sS -u "$login:$token" "$URL/ws/simple/file?id=$guid")" "there is no file .*$guid"
is "it cannot work in another name" "$(sql "SELECT coalesce(user_name, '-') FROM jqm.live_job WHERE id = $parent")" \
	"$(forged=$(curl -sS -u "$login:$token" -d applicationname=Child -d user=mallory "$url/ws/simple/ji") && wait_job "$forged" && sql "SELECT coalesce(user_name, '-') FROM jqm.past_job WHERE id = $forged")"
waits() { curl -sS -u "$login:$token" -d "applicationname=Child&waitfor=$1" "$url/ws/simple/ji"; }
like "it lets a child wait for another one" "$(waits "$child")" '^[0-9]+$'
like "and for itself" "$(waits "end:$parent")" '^[0-9]+$'
like "it cannot wait for another's job: there is none" "$(waits "$id")" "waitFor: there is no job instance $id"
is "which is its own fault" "$(token_code -d "applicationname=Child&waitfor=$id" "$URL/ws/simple/ji")" 400
like "nor for one of its own and another" "$(waits "$child&waitfor=end:$id")" "there is no job instance $id"
is "it lists its children" "$(curl -sS -u "$login:$token" -H 'Accept: application/json' "$URL/ws/client/ji?parent=$parent" | jq '.[0].id')" "$child"
is "and those of its children" "$(curl -sS -u "$login:$token" -H 'Accept: application/json' "$URL/ws/client/ji?parent=$child")" '[]'
is "and of nobody else" "$(token_code "$URL/ws/client/ji?parent=$id")" 404
is "it lists nothing without a parent" "$(token_code "$URL/ws/client/ji?newest=5")" 403
is "nor its output" "$(token_code "$URL/ws/simple/stdout?id=$id")" 404
is "it may not choose another parent" "$(token_code -d "applicationname=Child&parentid=$id" "$URL/ws/simple/ji")" 403
is "it may not list all jobs" "$(token_code "$URL/ws/client/ji")" 403
is "it may not import" "$(token_code -H 'Content-Type: application/xml' -d '<jqm/>' "$URL/ws/admin/jd/xml")" 403
is "a wrong token is nobody" "$(curl -sS -o /dev/null -w '%{http_code}' -u "$login:${token}0" "$URL/ws/simple/status?id=$parent")" 401
is "a token of another job is nobody" "$(curl -sS -o /dev/null -w '%{http_code}' -u "job-$id:$token" "$URL/ws/simple/status?id=$parent")" 401
code POST "/ws/client/ji/killed/$parent" >/dev/null
# Nobody's account is behind a schedule's job.
sql "INSERT INTO jqm.schedule (job_def_id, cron_expression) SELECT id, '0 0 1 1 *' FROM jqm.job_def WHERE name = 'Parent'" >/dev/null
parent=$(sql "SELECT jqm.enqueue(NULL, schedule_id => (SELECT max(id) FROM jqm.schedule), submitter => '')")
ok "a schedule's job says its credentials" wait_for 20 sh -c "curl -sf -u '$AUTH' '$URL/ws/simple/stdout?id=$parent' | grep -q ."
read -r login token url <<<"$(api GET "/ws/simple/stdout?id=$parent")"
like "it enqueues" "$(curl -sS -u "$login:$token" -d applicationname=Child "$url/ws/simple/ji")" '^[0-9]+$'
code POST "/ws/client/ji/killed/$parent" >/dev/null
done_testing
