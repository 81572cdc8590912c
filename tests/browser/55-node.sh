#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What jqm doctor found on nodes, in the console, in a real browser: node.mjs says what is done there.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
. "$(dirname "$0")/../lib/doctor.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up --node alpha
doctor_every 0

# Nodes that no runner serves, so that what they report stays: much is wrong, nothing is, nothing was ever told, nothing was long ago.
for name in hurt well mute stale; do
	send POST /ws/admin/node "{\"name\":\"$name\",\"dns\":\"$name\",\"port\":1,\"outputDirectory\":\"/o\",\"jobRepoDirectory\":\"/j\",\"tmpDirectory\":\"/t\"}" >/dev/null
done
id_of() { sql "SELECT id FROM jqm.node WHERE name = '$1'"; }
sql "SELECT jqm.doctor_report('hurt', 0, 14400, jsonb_build_object('account', 'jqm', 'ok', 40, 'notes', 150, 'fixed', 1, 'wrong', 60, 'findings',
	jsonb_build_array(jsonb_build_object('kind', 'wrong', 'check', 'files', 'what', '/home/outputfiles/<img src=x onerror=alert(1)>',
	    'why', '<script>alert(2)</script> ' || repeat('long', 140), 'repair', 'chmod 0600 ''/home/outputfiles/<img src=x onerror=alert(1)>'''),
	  jsonb_build_object('kind', 'fixed', 'check', 'files', 'what', '/home/conf/jqm.ini', 'why', 'mode was 0644', 'repair', NULL))
	|| (SELECT jsonb_agg(jsonb_build_object('kind', CASE WHEN i < 60 THEN 'wrong' ELSE 'note' END, 'check', 'logs', 'what', 'log ' || i, 'why', 'is large', 'repair', NULL))
	      FROM generate_series(1, 209) AS i)));
     SELECT jqm.doctor_report('well', 0, 14400, '{\"account\": \"jqm\", \"ok\": 42}');
     SELECT jqm.doctor_report('stale', 0, 14400, '{\"account\": \"jqm\", \"ok\": 42}');
     UPDATE jqm.doctor_report SET reported_at = now() - interval '14 h' WHERE node_id = $(id_of stale)" >/dev/null

account config 'quiet harbour lantern' 'config admin'
key=$HOME_DIR/state/audit.key
chmod 644 "$key"
"$JQM" doctor --report --home "$HOME_DIR" >/dev/null 2>&1
is "a key file of the real node is open" $? 1 # which its mode shows, and the runner would not start with
CONSOLE_IDS="$(id_of alpha) $(id_of hurt) $(id_of well) $(id_of mute) $(id_of stale)"
export CONSOLE_IDS CONSOLE_KEY=$key
browser_run node.mjs 270
done_testing
