#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Workers remember accounts; what was changed counts at the next request all the same.  One worker, so that it is the one
# that remembers.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
"$JQM" down --home "$HOME_DIR" >/dev/null
sed -i 's/^\[fcgi\]$/&\nworkers = 1/' "$HOME_DIR/conf/jqm.ini"
"$JQM" up --detach --home "$HOME_DIR" >"$WORK/up.log" 2>&1 || cat "$WORK/up.log"
password='dusty lamp over the river'
sql "INSERT INTO jqm.queue (name) VALUES ('HELD')" >/dev/null
sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type)
     SELECT n, q.id, 'true', 'DEFAULTSHELLCOMMAND' FROM jqm.queue AS q, unnest(ARRAY['Mine', 'Yours']) AS n WHERE q.name = 'HELD'" >/dev/null
job=$(sql "SELECT jqm.enqueue('Mine')") yours=$(sql "SELECT jqm.enqueue('Yours')")
call() { curl -sS -m 30 -o /dev/null -w '%{http_code}' -u "bob:$password" "$@"; }
look() { call "$URL/ws/client/ji/${1:-$job}"; }
state() { call "$URL/ws/simple/status?id=$job"; }
put() { call --data-urlencode applicationname=Mine "$URL/ws/simple/ji"; }
put_all() { call -H 'Content-Type: application/json' --data '[{"applicationName":"Mine"},{"applicationName":"Mine"}]' "$URL/ws/client/ji/bulk/requests"; }
jobs() { sql "SELECT count(*) FROM jqm.job_instance"; }
of_bob="(SELECT id FROM jqm.account WHERE login = 'bob')"
change() { sql "$1" >/dev/null; }
# Which ends what the failures before this would make him wait for, and has him remembered.
is_back() { is "$1" "$(look) $(look)" "200 200"; }

account bob "$password"
is_back "a job is seen, and again"
is "its state, and jobs are enqueued: one, two" "$(state) $(put) $(put_all) $(jobs)" "200 200 200 5"

change "UPDATE jqm.account SET password_hash = (SELECT password_hash FROM jqm.account WHERE login = 'root') WHERE id = $of_bob"
is "another password: the old one opens nothing, and nothing is done" "$(look) $(put) $(put_all) $(jobs)" "401 401 401 5"
printf '%s\n' "$password" >"$WORK/password"
chmod 600 "$WORK/password"
"$JQM" user reset-password bob --password-file "$WORK/password" --home "$HOME_DIR" >/dev/null
is_back "the old one is set again"
change "UPDATE jqm.account SET locked = true WHERE id = $of_bob"
is "locked" "$(put) $(look) $(jobs)" "401 401 5"
change "UPDATE jqm.account SET locked = false WHERE id = $of_bob"
is_back "and unlocked"
change "VACUUM FULL jqm.account"
is_back "its row lies elsewhere"
change "UPDATE jqm.account SET expiration_date = now() + interval '2 s' WHERE id = $of_bob"
is_back "it will expire"
expired() { [ "$(look)" = 401 ]; }
ok "it does, although nobody changes it then" wait_for 20 expired
change "UPDATE jqm.account SET expiration_date = NULL WHERE id = $of_bob"
is_back "and is there again"

change "UPDATE jqm.queue SET name = 'KEPT' WHERE name = 'HELD'"
queue() { curl -sS -m 30 -u "bob:$password" -H 'Accept: application/json' "$URL/ws/client/ji/$job" | jq -r .queueName; }
is "a queue has another name: the next request knows it" "$(queue)" KEPT
change "UPDATE jqm.queue SET name = 'HELD' WHERE name = 'KEPT'; UPDATE jqm.job_instance SET keyword1 = 'k' WHERE id = $job"
is "and again" "$(queue)" HELD
change "SELECT jqm.add_message($job, 'said')"
is "what is said of a job that was read before" "$(curl -sS -m 30 -u "bob:$password" -H 'Accept: application/json' "$URL/ws/client/ji/$job" | jq -c .messages)" '["said"]'

change "INSERT INTO jqm.role (name, permissions) VALUES ('narrow', '{job_instance:read@definition=Mine}')"
change "UPDATE jqm.account_role SET role_id = (SELECT id FROM jqm.role WHERE name = 'narrow') WHERE account_id = $of_bob"
is "another role: its limit holds, and what it does not permit" "$(look) $(look "$yours") $(put) $(jobs)" "200 404 403 5"
change "UPDATE jqm.role SET permissions = '{job_instance:read}' WHERE name = 'narrow'"
is "the role permits more" "$(look "$yours")" 200
change "UPDATE jqm.role SET permissions = '{job_instance:read@definition=Mine}' WHERE name = 'narrow'"
is "less again" "$(look "$yours") $(look)" "404 200"
change "UPDATE jqm.role SET permissions = '{job_instance:create}' WHERE name = 'narrow'"
is "and something else" "$(look) $(put) $(jobs)" "403 200 6"
change "DELETE FROM jqm.account_role WHERE account_id = $of_bob"
is "no role at all" "$(put) $(put_all) $(look) $(jobs)" "403 403 403 6"
change "INSERT INTO jqm.account_role SELECT $of_bob, id FROM jqm.role WHERE name = 'client'"
is_back "client again"
change "INSERT INTO jqm.account_totp (account_id, secret, confirmed) SELECT $of_bob, repeat('x', 20)::bytea, true"
is "a second factor: the password alone opens nothing" "$(look) $(put) $(jobs)" "401 401 6"
change "DELETE FROM jqm.account_totp"
is_back "without it, again"
change "UPDATE jqm.global_parameter SET value = 'true' WHERE key = 'disableWsApiClient';
        INSERT INTO jqm.global_parameter (key, value) SELECT 'disableWsApiClient', 'true' ON CONFLICT DO NOTHING"
is_off() { [ "$(look)" = 404 ]; }
ok "an API that is turned off is off" wait_for 20 is_off
change "DELETE FROM jqm.global_parameter WHERE key = 'disableWsApiClient'"
is_on() { [ "$(look)" = 200 ]; }
ok "and on again" wait_for 20 is_on
change "UPDATE jqm.account SET login = 'rob' WHERE id = $of_bob"
is "under another name he is not known by this one" "$(look) $(put) $(jobs)" "401 401 6"
account bob "$password" 'config viewer'
is "another one of his name is another one" "$(look) $(put) $(jobs)" "403 403 6"
change "DELETE FROM jqm.account WHERE id = $of_bob"
is "and nobody when he is gone" "$(look)" 401

account carol "$password"
JQM_PASSWORD_FILE=$HOME_DIR/root-password "$JQM" certificate create carol -o "$WORK/carol.pem" >/dev/null
tls_up
seen() { curl -sS -m 30 -o /dev/null -w '%{http_code}' --cert "$WORK/carol.pem" "$URL/ws/client/ji/$job"; }
is "by certificate, and again" "$(seen) $(seen)" "200 200"
change "UPDATE jqm.role SET permissions = '{}' WHERE name = 'narrow'"
change "UPDATE jqm.account_role SET role_id = (SELECT id FROM jqm.role WHERE name = 'narrow')
        WHERE account_id = (SELECT id FROM jqm.account WHERE login = 'carol')"
is "another role" "$(seen)" 403
change "UPDATE jqm.role SET permissions = '{job_instance:read}' WHERE name = 'narrow'"
is "which permits more" "$(seen) $(seen)" "200 200"
change "SELECT jqm.certificate_revoke(id, 'root') FROM jqm.certificate WHERE name = 'carol'"
is "it is revoked" "$(seen)" 401
done_testing
