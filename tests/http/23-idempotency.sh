#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Idempotency-Key: a request that is sent again is answered again and not done again, on every POST that creates.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Held 'exec tail -f /dev/null'
define Quick true
held='{"applicationName":"Held","startState":"HOLDED"}'
jobs() { sql "SELECT count(*) FROM jqm.job_instance"; }
# post KEY PATH [CURL ARG...]: the body; the headers are in $WORK/head
post() { api POST "$2" -D "$WORK/head" -H 'Accept: application/json, text/plain;q=0.9' -H "Idempotency-Key: $1" "${@:3}"; }
json_of() { printf '%s\n' -H 'Content-Type: application/json' --data-binary "$1"; }
submit() { mapfile -t body < <(json_of "${2:-$held}"); post "$1" "${3:-/ws/client/ji}" "${body[@]}"; }
replayed() { tr -d '\r' <"$WORK/head" | sed -n 's/^Idempotency-Replayed: //p'; }
why() { jq -r .userReadableMessage; }

# ---- one job ----
first=$(submit one)
is "the first time it is done" "$(api_status) $(replayed) $(jobs)" "200  1"
is "the same again has the same answer, byte by byte" "$(submit one)" "$first"
is "and says so, and makes nothing" "$(replayed) $(jobs)" "true 1"
is "quotes are no part of the key" "$(submit '"one"')" "$first"
other=$(submit one '{"applicationName":"Quick"}')
is "another body: 409" "$(api_status)" 409
like "and the key is named" "$(why <<<"$other")" 'Idempotency-Key "one" was used for another request'
is "another route: 409" "$(submit one "[$held]" /ws/client/ji/bulk/requests >/dev/null; api_status)" 409
is "another query: 409" "$(submit one "$held" '/ws/client/ji?x=1' >/dev/null; api_status)" 409
is "XML where JSON was answered: 409" "$(post one /ws/client/ji -H 'Content-Type: application/xml' -d '<jobRequest/>' >/dev/null; api_status)" 409
is "nothing of it was done" "$(jobs)" 1
is "another key is another job" "$(submit two | jq "$(jq .id <<<"$first") < .id") $(jobs)" "true 2"
is "the simple API, too" "$(post three /ws/simple/ji -d applicationname=Held -d user=a)" \
	"$(post three /ws/simple/ji -d applicationname=Held -d user=a)"
is "a key of the header and one of the job go together" "$(submit four '{"applicationName":"Held","startState":"HOLDED","idempotencyKey":"four"}' | jq .id)" \
	"$(submit five '{"applicationName":"Held","startState":"HOLDED","idempotencyKey":"four"}' | jq .id)"

# ---- what is refused ----
before=$(jobs)
like "a key that is none: why" "$(submit 'a b' | why)" 'Idempotency-Key: .*in quotes'
is "and 400" "$(api_status)" 400
like "a key too long: why" "$(submit "$(head -c 256 /dev/zero | tr '\0' k)" | why)" '256 characters, at most 255'
is "an empty text is no key" "$(submit '""' >/dev/null; api_status)" 400
is "no such definition: 400" "$(submit six '{"applicationName":"Nope"}' >/dev/null; api_status)" 400
is "nothing was made, no key is taken" "$(jobs) $(sql "SELECT count(*) FROM jqm.request_key WHERE key = 'six'")" "$before 0"
define Nope 'exec tail -f /dev/null'
is "and it is done once it can be" "$(submit six '{"applicationName":"Nope"}' >/dev/null; api_status)" 200
is "a POST that creates nothing does not look at it" "$(post 'a b' "/ws/client/ji/paused/$(jq .id <<<"$first")" >/dev/null; api_status)" 409

# ---- others have keys of their own ----
(umask 077 && echo 'xv-drums-77-qk' >"$WORK/password")
for login in ann bob; do
	"$JQM" user create "$login" --role "client power user" --password-file "$WORK/password" >/dev/null
done
as() { AUTH="$1:xv-drums-77-qk" submit "${@:2}"; }
ann=$(as ann mine)
is "the key of another account is another key" "$(as bob mine | jq "$(jq .id <<<"$ann") < .id")" true
is "and each gets its own again" "$(as ann mine)" "$ann"
ok "ann changes her name" sql "UPDATE jqm.account SET login = 'anne' WHERE login = 'ann'"
is "and has her keys still" "$(as anne mine)" "$ann"
"$JQM" user create ann --role "client power user" --password-file "$WORK/password" >/dev/null
is "who has it afterwards has not" "$(as ann mine | jq "$(jq .id <<<"$ann") < .id")" true
sql "UPDATE jqm.account SET locked = true WHERE login = 'anne'" >/dev/null
is "who may not ask any more gets no old answer" "$(as anne mine >/dev/null; api_status)" 401

# ---- at the same time ----
for n in 1 2 3 4 5 6; do
	curl -sS -m 30 -u "$AUTH" -H 'Accept: application/json' -H 'Content-Type: application/json' -H 'Idempotency-Key: race' \
		-d '{"applicationName":"Held","startState":"HOLDED","user":"race"}' "$URL/ws/client/ji" -o "$WORK/race$n" &
done
wait
is "six at once are one job" "$(sql "SELECT count(*) FROM jqm.live_job WHERE user_name = 'race'")" 1
is "and have one answer" "$(sha256sum "$WORK"/race? | cut -d" " -f1 | sort -u | wc -l)" 1
# A first one that is not over: a session holds its key in an open transaction.
mkfifo "$WORK/in"
"$JQM" psql --home "$HOME_DIR" -XAtq <"$WORK/in" >"$WORK/held" 2>&1 &
exec 7>"$WORK/in"
echo "BEGIN; INSERT INTO jqm.request_key VALUES ((SELECT id || ':' FROM jqm.account WHERE login = 'root'), 'busy', '', 200, NULL, '', '', now() + interval '1 hour'); SELECT 'there';" >&7
wait_for 20 grep -q there "$WORK/held"
like "while the first is at work: 409 that says so" "$(submit busy | why)" 'still being carried out'
is "with Retry-After" "$(api_status) $(tr -d '\r' <"$WORK/head" | sed -n 's/^Retry-After: //p')" "409 2"
echo 'ROLLBACK;' >&7
exec 7>&-
wait
is "when that gave up, it is done" "$(submit busy >/dev/null; api_status)" 200

# ---- killed between commit and answer ----
before=$(jobs)
ok "a job whose answer is lost: the worker is killed before it can send it" sql "
	CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END \$\$;
	CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON jqm.request_key DEFERRABLE INITIALLY DEFERRED
	    FOR EACH ROW WHEN (NEW.key = 'lost') EXECUTE FUNCTION public.slow()"
mkfifo "$WORK/in2"
"$JQM" psql --home "$HOME_DIR" -XAtq <"$WORK/in2" >"$WORK/held2" 2>&1 &
holder=$!
exec 7>"$WORK/in2"
echo "SELECT pg_advisory_lock(4711); SELECT 'there';" >&7
wait_for 20 grep -q there "$WORK/held2"
submit lost >"$WORK/lost" &
asked=$!
committing() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event = 'advisory'")" = 1 ]; }
ok "it is about to commit" wait_for 20 committing
mapfile -t victims < <(pgrep -P "$(cat "$HOME_DIR/run/jqm-fcgi.pid")")
kill -9 "${victims[@]}"
export WORKERS_DIE=${#victims[@]}
exec 7>&-
wait "$holder" "$asked"
committed() { [ "$(sql "SELECT count(*) FROM jqm.request_key WHERE key = 'lost'")" = 1 ]; }
ok "it was committed all the same" wait_for 20 committed
answered() { submit lost >"$WORK/lost"; [ "$(api_status)" = 200 ]; }
ok "sent again, it is answered" wait_for 20 answered
is "as the first time would have been, and was done once" "$(replayed) $(jobs)" "true $((before + 1))"
is "with the number of its job" "$(jq .id "$WORK/lost")" "$(sql "SELECT max(id) FROM jqm.job_instance")"

# ---- every other POST that creates ----
again() { # DESCRIPTION COUNT-SQL PATH CURL-ARG...: done once, answered twice
	local what=$1 count=$2 n first second
	n=$(sql "$count")
	first=$(post "\"$what\"" "${@:3}")
	is "$what: done" "$(api_status | cut -c1) $(($(sql "$count") - n))" "2 1"
	second=$(post "\"$what\"" "${@:3}")
	is "$what: again the same, not done again" "$(replayed) $(($(sql "$count") - n))" "true 1"
	is "$what: the same bytes" "$second" "$first"
}
J=(-H 'Content-Type: application/json')
X=(-H 'Content-Type: application/xml')
quick=$(enqueue Quick)
wait_job "$quick"
held_id=$(jq .id <<<"$first")
all='SELECT count(*) FROM jqm.job_instance'
again "a list of jobs" "$all" /ws/client/ji/bulk/requests "${J[@]}" -d "[$held]"
past="SELECT (SELECT count(*) FROM jqm.job_instance) + (SELECT count(*) FROM jqm.history)"
again "a past job once more" "$past" "/ws/client/ji/$quick"
again "past jobs once more" "$past" /ws/client/ji/bulk "${J[@]}" -d "[$quick]"
again "past jobs once more, by a filter" "$past" /ws/client/ji/bulk "${J[@]}" -d "{\"jobInstanceId\":$quick,\"applicationName\":\"Quick\"}"
again "a file" "SELECT count(*) FROM jqm.input_file" "/ws/client/ji/$held_id/files/in.txt" -H 'Content-Type: application/octet-stream' --data-binary @/etc/hostname
again "a message" "SELECT count(*) FROM jqm.message" "/ws/client/ji/$held_id/messages" -d text=hello
again "a queue" "SELECT count(*) FROM jqm.queue" /ws/admin/q "${J[@]}" -d '{"name":"K1","description":"d"}'
like "its ETag comes again" "$(cat "$WORK/head")" '^ETag: "'
again "an account" "SELECT count(*) FROM jqm.account" /ws/admin/user "${J[@]}" -d '{"login":"kim","newPassword":"another-Long-password-9"}'
is "its password stands nowhere" "$(sql "SELECT count(*) FROM jqm.request_key AS k WHERE k.request = sha256(convert_to('{\"login\":\"kim\",\"newPassword\":\"another-Long-password-9\"}', 'UTF8')) OR convert_from(k.body, 'UTF8') ~ 'another'")" 0
again "a node like another" "SELECT count(*) FROM jqm.node" "/ws/admin/node/$(sql "SELECT id FROM jqm.node LIMIT 1")/copy?name=n9"
again "an import of queues" "SELECT count(*) FROM jqm.queue" /ws/admin/q/xml "${X[@]}" -d '<queues><queue><name>K2</name><description>d</description></queue></queues>'
again "a webhook" "SELECT count(*) FROM jqm.webhook" /ws/admin/webhook "${J[@]}" -d "{\"name\":\"w\",\"url\":\"http://127.0.0.1:9/\",\"newSecret\":\"whsec_$(openssl rand -base64 32)\"}"
again "a ping of it" "SELECT count(*) FROM jqm.webhook_delivery" /ws/admin/webhook/1/ping
told() { [ "$(sql "SELECT count(*) FROM jqm.webhook_attempt")" -ge 1 ]; }
ok "which is tried" wait_for 20 told
again "it is told again" "SELECT count(*) FROM jqm.audit WHERE action = 'redeliver'" /ws/admin/webhook/1/delivery/1/again
post "one secret" "/ws/admin/user/$(sql "SELECT id FROM jqm.account WHERE login = 'bob'")/certificate" "${J[@]}" -d '{}' >"$WORK/cert"
is "a key without quotes and with a blank is none" "$(api_status)" 400
bob=/ws/admin/user/$(sql "SELECT id FROM jqm.account WHERE login = 'bob'")/certificate
post secret "$bob" "${J[@]}" -d '{}' >"$WORK/cert"
is "a certificate is issued" "$(api_status)" 200
like "again: 409, its answer is not kept" "$(post secret "$bob" "${J[@]}" -d '{}' | why)" 'was carried out; its answer is not kept'
is "one certificate, and its key is not stored" "$(sql "SELECT (SELECT count(*) FROM jqm.certificate AS c JOIN jqm.account AS a ON a.id = c.account_id WHERE a.login = 'bob') || ' ' || (SELECT count(*) FROM jqm.request_key WHERE key = 'secret' AND body IS NULL)")" "1 1"

is "every POST takes a key but those that create nothing, and logins" "$(api GET /ws/openapi.json | jq -r '.paths | to_entries[] | select(.value.post != null) |
	select([.value.post.parameters[]?.name] | index("Idempotency-Key") | not) | .key' | sort)" "$(sort <<-'END'
	/auth/login.html
	/ws/session
	/ws/account/totp
	/ws/account/totp/confirm
	/ws/account/totp/disable
	/ws/admin/node/{id}/drain
	/ws/admin/node/{id}/findings
	/ws/admin/node/{id}/pause
	/ws/admin/node/{id}/stop
	/ws/client/ji/cancelled/{id}
	/ws/client/ji/files
	/ws/client/ji/killed
	/ws/client/ji/killed/{id}
	/ws/client/ji/paused
	/ws/client/ji/paused/{id}
	/ws/client/ji/query
	/ws/client/ji/query/ids
	/ws/client/ji/resumed
	/ws/client/ji/running/paused/{id}
	/ws/client/ji/{id}/delay/{n}
	/ws/client/ji/{id}/position/{n}
	/ws/client/ji/{id}/priority/{n}
	/ws/client/ji/{id}/progress/{n}
	/ws/client/q/{id}/bulk
	/ws/client/q/{id}/clear
	/ws/client/q/{id}/jobs
	/ws/client/q/{id}/pause
	/ws/client/q/{queueId}/{jobId}
	/ws/client/schedule/{id}/cron/{expression}
	/ws/client/schedule/{id}/pause
	/ws/client/schedule/{id}/priority/{n}
	/ws/client/schedule/{id}/queue/{queueId}
END
)"

# ---- their life ----
is "a key counts a day" "$(sql "SELECT bool_and(expires_at BETWEEN now() + interval '23 hours' AND now() + interval '1 day') FROM jqm.request_key WHERE status IS NOT NULL AND key <> 'busy'")" t
"$JQM" param set idempotencyKeyHours 2 >/dev/null
submit short >/dev/null
is "or as long as is set" "$(sql "SELECT expires_at BETWEEN now() + interval '1 hour' AND now() + interval '2 hours' FROM jqm.request_key WHERE key = 'short'")" t
sql "UPDATE jqm.request_key SET expires_at = now() WHERE key = 'one'" >/dev/null
is "then it is free" "$(submit one | jq "$(jq .id <<<"$first") < .id")" true
sql "UPDATE jqm.request_key SET expires_at = now()" >/dev/null
gone() { [ "$(sql 'SELECT count(*) FROM jqm.request_key')" = 0 ]; }
sql "SELECT jqm.forget_old_keys()" >/dev/null
ok "old ones go" gone
done_testing
