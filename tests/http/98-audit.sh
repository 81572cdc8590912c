#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The audit trail by HTTP and command line: filters, pages, exports, the seals that a runner makes, and what jqm audit
# verify says when the owner of the database has been at it.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
printf '[audit]\nseal_s = 1\n' >>"$HOME_DIR/conf/jqm.ini"
again() { "$JQM" down --home "$HOME_DIR" >/dev/null 2>&1; "$JQM" up --detach --home "$HOME_DIR" >"$WORK/up.log" 2>&1 || diag "$(cat "$WORK/up.log")"; }
again
audit() { "$JQM" audit "$@" --home "$HOME_DIR"; }
status_of() { "$@" >"$WORK/out" 2>"$WORK/err" </dev/null; echo $?; }
all_sealed() { [ "$(json GET /ws/admin/audit/state | jq .unsealed)" = 0 ]; }
tamper() { sql "SET session_replication_role = replica; $1" >/dev/null; }

# Read: GET /ws/admin/audit
define Wait true
sql "UPDATE jqm.queue_mapping SET enabled = false" >/dev/null
for _ in 1 2 3; do id=$(enqueue Wait); done
code POST "/ws/client/ji/killed/$id" >/dev/null
is "the newest is first" "$(json GET '/ws/admin/audit?limit=1' | jq -c '.entries[] | [.action, .kind, .object, .account, .credential, .address, .databaseUser]')" \
	"[\"kill\",\"job\",$id,\"root\",\"password\",\"127.0.0.1\",\"jqm_api\"]"
is "by object" "$(json GET "/ws/admin/audit?kind=job&object=$id" | jq -c '[.entries[].action]')" '["kill","enqueue"]'
is "by action and account" "$(json GET '/ws/admin/audit?action=enqueue&account=root' | jq '.entries | length')" 3
is "by somebody else" "$(json GET '/ws/admin/audit?action=enqueue&account=roo' | jq -c .entries)" '[]'
is "by time" "$(json GET '/ws/admin/audit?from=2099-01-01' | jq -c .entries) $(json GET '/ws/admin/audit?until=2001-01-01T00:00:00Z' | jq -c .entries)" '[] []'
page=$(json GET '/ws/admin/audit?action=enqueue&limit=2')
is "in pages" "$(jq '.entries | length' <<<"$page") $(json GET "/ws/admin/audit?action=enqueue&limit=2&before=$(jq -r .next <<<"$page")" | jq '.entries | length')" "2 1"
for bad in limit=0 limit=1001 from=yesterday until=x object=-1 object=x before=1 before=1.x 'before=1;2' before=99999999999999999999.1; do
	is "refused: $bad" "$(code GET "/ws/admin/audit?$bad")" 400
done
is "a text is a text" "$(json GET "/ws/admin/audit?account=%27%20or%20true%20--" | jq -c .entries)" '[]'
name='<script>alert(1)</script>"; drop table'
send POST /ws/admin/q "$(jq -nc --arg n "$name" '{name: $n, description: "d"}')" >/dev/null
is "a hostile name is kept as it is" "$(json GET '/ws/admin/audit?kind=q&limit=1' | jq -r '.entries[0].name')" "$name"
esc=$(printf 'x\033[31my')
send POST /ws/admin/prm "$(jq -nc --arg v "$esc" '{key: "escape", value: $v}')" >/dev/null
unlike "and steers no terminal" "$(audit list --kind prm)" $'\033'

# Export: GET /ws/admin/audit/export, GET /ws/admin/audit/chain, GET /ws/admin/audit/state
send POST /ws/admin/prm '{"key":"mailSmtpPassword","value":"hush-hush-hush"}' >/dev/null
send POST /ws/admin/user '{"login":"bob","newPassword":"seven brown birds went","roles":[3]}' >/dev/null
enqueue Wait token=hush-hush-hush >/dev/null
api GET /ws/admin/audit/export >"$WORK/export"
ok "each line is JSON" jq -e .id "$WORK/export"
is "an export has all rows" "$(wc -l <"$WORK/export")" "$(sql "SELECT count(*) FROM jqm.audit")"
is "no secret is in an export" "$(grep -c 'hush-hush\|brown birds\|\$scrypt\$' "$WORK/export")" 0
api GET '/ws/admin/audit/export?limit=3' >"$WORK/export"
is "an export is bounded" "$(head -3 "$WORK/export" | jq -s 'map(.id) | length') $(tail -1 "$WORK/export" | jq -c keys)" '3 ["next"]'
is "and is noted" "$(json GET '/ws/admin/audit?action=export' | jq '.entries | length')" 2
is "who may not, may not" "$(curl -sS -o /dev/null -w '%{http_code}' -u 'bob:seven brown birds went' "$URL/ws/admin/audit") $(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/admin/audit/export")" "403 401"
is "the command line lists" "$(audit list --action enqueue --json | jq '.entries | length')" 4
like "as a table" "$(audit --kind job --object "$id")" 'root +127.0.0.1 +kill +job'
is "a limit that is none: usage" "$(status_of audit list --limit x) $(status_of audit burn) $(status_of audit list --chain) $(status_of audit export --key x)" "2 2 2 2"

# What goes to the database past the web API.
send POST /ws/admin/user '{"login":"kim","newPassword":"seven brown birds went","roles":[3]}' >/dev/null
(umask 077 && echo 'eight brown birds went' >"$WORK/kim")
ok "a password is set on the server" "$JQM" user reset-password kim --password-file "$WORK/kim" --home "$HOME_DIR"
is "which leaves a row with role and program, and not the password" \
	"$(json GET '/ws/admin/audit?kind=user&limit=1' | jq -c '.entries[0] | [.action, .name, .databaseUser, .account, .credential, .program, .changes]')" \
	'["update","kim","postgres",null,"database","jqm user reset-password",[{"after":"(not shown)","field":"password_hash","before":"(not shown)"}]]'

# Seals.
ok "the runner seals within seconds" wait_for 20 all_sealed
is "the chain is for who has the key" "$(code GET "/ws/admin/audit/chain?after=0")" 200
is "jqm audit verify has nothing to say" "$(status_of audit verify)" 0
like "but how much there is" "$(cat "$WORK/out")" '^ok: [0-9]+ seals, [0-9]+ sealed rows'
ok "the key is the node's alone" test "$(stat -c %a "$HOME_DIR/state/audit.key")" = 600
is "nor does the database have it" "$(pg=$(cat "$HOME_DIR/state/audit.key"); "$JQM" psql --home "$HOME_DIR" -XAtqc "COPY jqm.audit_seal TO STDOUT" | grep -c "$pg")" 0
is "an export is verified elsewhere" "$(status_of audit export --chain -o "$WORK/chain") $(status_of "$JQM" audit verify --file "$WORK/chain" --key "$HOME_DIR/state/audit.key")" "0 0"
is "not with another key" "$(printf '%064d\n' 7 >"$WORK/other.key"; chmod 600 "$WORK/other.key"; status_of "$JQM" audit verify --file "$WORK/chain" --key "$WORK/other.key")" 1
like "which it says" "$(cat "$WORK/out")" 'seal 1 was signed by key [0-9a-f]{16}, which is not here'
chmod 644 "$WORK/other.key"
is "nor with one that others can read" "$(status_of "$JQM" audit verify --file "$WORK/chain" --key "$WORK/other.key")" 4
head -n -1 "$WORK/chain" >"$WORK/short"
is "an export that was cut off is none" "$(status_of "$JQM" audit verify --file "$WORK/short" --key "$HOME_DIR/state/audit.key")" 1
is "what is no export" "$(echo '<html>' >"$WORK/none"; status_of "$JQM" audit verify --file "$WORK/none" --key "$HOME_DIR/state/audit.key")" 1

# A runner that is killed between its statements leaves a seal without a signature.
old=$(cat "$HOME_DIR/run/jqm-runner.pid")
kill -STOP "$old"
sql "SELECT jqm.enqueue('Wait')" >/dev/null
is "a seal waits to be signed" "$(sql "SELECT count(*) FROM jqm.audit_seal_next(100) WHERE mac IS NULL")" 1
kill -9 "$old"
ok "a runner that is killed is followed by one that goes on" wait_for 30 all_sealed
is "and all of it verifies" "$(status_of audit verify)" 0

# The owner of the database has been at it.
row=$(sql "SELECT id FROM jqm.audit WHERE action = 'kill'")
tamper "UPDATE jqm.audit SET actor = replace(actor, 'root', 'eve') WHERE id = $row"
is "a row that was changed" "$(status_of audit verify)" 1
like "is named" "$(cat "$WORK/out")" "row $row was changed"
is "in JSON too" "$(audit verify --json | jq -c '[.ok, (.problems | length)]')" '[false,1]'
tamper "UPDATE jqm.audit SET actor = replace(actor, 'eve', 'root') WHERE id = $row"
is "and back again" "$(status_of audit verify)" 0
sql "ALTER TABLE jqm.queue DISABLE TRIGGER audit_row" >/dev/null
is "a table that is not watched" "$(status_of audit verify) $(grep -c 'table queue is not watched' "$WORK/out") $(json GET /ws/admin/audit/state | jq -c .blind)" '1 1 ["queue"]'
sql "ALTER TABLE jqm.queue ENABLE TRIGGER audit_row" >/dev/null
ok "all is sealed again" wait_for 20 all_sealed
tamper "DELETE FROM jqm.audit WHERE (tx, id) > (SELECT to_tx, to_id FROM jqm.audit_seal ORDER BY no DESC OFFSET 1 LIMIT 1); DELETE FROM jqm.audit_seal WHERE no = (SELECT max(no) FROM jqm.audit_seal)"
is "the newest rows and their seal cut off" "$(status_of audit verify)" 1
like "the node remembers" "$(cat "$WORK/out")" 'which this node has signed, (are|is) missing'
again
broken() { grep -q 'audit_trail_broken' "$HOME_DIR/log/jqm-runner.log"; }
ok "the runner says so in its log" wait_for 20 broken
rm "$HOME_DIR/state/audit-anchor"
again
ok "until somebody has looked and removed the anchor" wait_for 20 all_sealed
is "then the rest is well" "$(status_of audit verify)" 0

# A flood.
before=$(sql "SELECT count(*) FROM jqm.audit WHERE action IN ('login_failed', 'refused')")
for _ in $(seq 40); do
	curl -sS -K - <<-END
		$(for n in 1 2 3 4 5; do printf 'url = "%s/ws/admin/user/%s/session"\nuser = "bob:seven brown birds went"\noutput = "/dev/null"\n' "$URL" "$n"; done)
	END
done
is "200 refusals are a hundred rows or few more" "$(sql "SELECT count(*) - $before BETWEEN 90 AND 120 FROM jqm.audit WHERE action IN ('login_failed', 'refused')")" t
for n in $(seq 15); do curl -sS -o /dev/null -u "nobody$n:x" "$URL/ws/admin/me"; done
is "a flood of wrong passwords adds nothing to speak of" "$(sql "SELECT count(*) - $before BETWEEN 90 AND 130 FROM jqm.audit WHERE action IN ('login_failed', 'refused')")" t
done_testing
