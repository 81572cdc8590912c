#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What jqm doctor found on each node, by the admin API: who may read it, what it says when there is nothing, and asking for more.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
. "$(dirname "$0")/../lib/doctor.sh"
stack_up --node alpha
doctor_every 0
id=$(json GET /ws/admin/node | jq '.[0].id')
findings() { json GET "/ws/admin/node/$id/findings" | jq -c "$1"; }
count() { json GET /ws/admin/stats/findings | jq -c "map(select(.node == \"$1\") | $2)"; }

# A node that no runner ever served.
is "another node is made" "$(send_code POST /ws/admin/node '{"name":"beta","dns":"beta","port":1,"outputDirectory":"/o","jobRepoDirectory":"/j","tmpDirectory":"/t"}')" 204
beta=$(sql "SELECT id FROM jqm.node WHERE name = 'beta'")
is "one that never reported says so, clearly" "$(json GET "/ws/admin/node/$beta/findings" | jq -c '[.node, .reported, .reportDate, .askedDate, .findings]')" '["beta",false,null,null,[]]'
is "among all nodes, too" "$(count beta '[.reported, .reportDate, .wrong]')" '[[false,null,0]]'
refused "it cannot be asked: nobody would look" 409 'node "beta" is not running' POST "/ws/admin/node/$beta/findings" ''
is "an unknown node" "$(code GET /ws/admin/node/999/findings) $(code POST /ws/admin/node/999/findings) $(code GET /ws/admin/node/0/findings)" "404 404 404"
is "no number" "$(code GET /ws/admin/node/alpha/findings)" 404

chmod 644 "$HOME_DIR/state/instance-id"
"$JQM" doctor --report --home "$HOME_DIR" >"$WORK/said" 2>&1
is "jqm doctor --report finds what is wrong" $? 1
is "the API tells it" "$(findings '.findings[0]')" \
	"{\"kind\":\"wrong\",\"check\":\"files\",\"what\":\"$HOME_DIR/state/instance-id\",\"why\":\"mode 0644 is open to everybody\",\"repair\":\"chmod 0600 '$HOME_DIR/state/instance-id'\"}"
is "with what it counted" "$(findings '[.ok, .notes, .fixed, .wrong]')" \
	"$(sed -nE 's/^([0-9]+) ok, ([0-9]+) notes, ([0-9]+) fixed, ([0-9]+) wrong$/[\1,\2,\3,\4]/p' "$WORK/said")"
is "and when: now" "$(findings "[.reported, .outdated, (.reportDate / 1000 - $EPOCHSECONDS | fabs) < 600]")" '[true,false,true]'
is "how often the node looks is known with it" "$(sql "SELECT every_s FROM jqm.doctor_report WHERE node_id = $id")" 0
is "what is in order is only counted" "$(findings '[.findings[].kind] | unique - ["wrong", "note"]')" '[]'
is "among all nodes there are the figures" "$(count alpha '[.reported, .wrong]')" '[[true,1]]'
is "the log of a node is where it was" "$(code GET /ws/admin/node/alpha/log)" 200

# Who may.  It names what is weak: to see nodes is not enough.
account config 'quiet harbour lantern' 'config admin'
AUTH_ROOT=$AUTH
AUTH='config:quiet harbour lantern'
is "who may see and change nodes may not read it" "$(code GET /ws/admin/node) $(code GET "/ws/admin/node/$id/findings") $(code GET /ws/admin/stats/findings)" "200 403 403"
is "nor ask for it" "$(code POST "/ws/admin/node/$id/findings")" 403
AUTH=$AUTH_ROOT
is "a role that reads findings is made" "$(send_code POST /ws/admin/role '{"name":"physician","description":"reads findings","permissions":["doctor:read"]}')" 204
account hygieia 'quiet harbour lantern' physician
AUTH='hygieia:quiet harbour lantern'
is "doctor:read is enough to read it, not to ask for it" "$(code GET "/ws/admin/node/$id/findings") $(code POST "/ws/admin/node/$id/findings")" "200 403"
AUTH=$AUTH_ROOT

sql "UPDATE jqm.doctor_report SET reported_at = now() - interval '25 h' WHERE node_id = $id" >/dev/null
is "of a node that only looks when asked a report holds for a day" "$(findings .outdated) $(count alpha .outdated) $(count beta .outdated)" "true [true] [false]"

# Asked for: the node's own runner has it looked.
chmod 600 "$HOME_DIR/state/instance-id"
ok "asked for a new report" wait_for 60 is_asked "$id"
ok "it comes" wait_for 120 is_answered "$id"
is "and what was mended is gone, and the report is new" "$(findings '[.wrong, .outdated]')" '[0,false]'
done_testing
