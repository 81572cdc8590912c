#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Webhooks, while hundreds of receivers are slow or dead: others are told without waiting for any of them.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
ini=$HOME_DIR/conf/jqm.ini
R_PORT=$(free_port)
R=$WORK/receiver
mkdir "$R"
# shellcheck disable=SC2154 # of stack.sh
HOOK_HOSTS=all /usr/bin/python3 "$here/lib/hook_receiver.py" "$R_PORT" "$R" 2>"$R/log" &
wait_for 20 test -s "$R/pid" || diag "$(cat "$R/log")"
at_exit kill "$(cat "$R/pid")"

hooks_pid() { cat "$HOME_DIR/run/jqm-hooks.pid" 2>/dev/null; }
is_new() { [ -n "$(hooks_pid)" ] && [ "$(hooks_pid)" != "$1" ] && kill -0 "$(hooks_pid)"; }
patience() { # MILLISECONDS
	local old
	sed -i '/^# patience$/,+2d' "$ini"
	sed -i "/^\[hooks\]/a # patience\\nallow = 127.0.0.0/8\\ntimeout_ms = $1" "$ini"
	old=$(hooks_pid)
	kill -TERM "$old"
	wait_for 30 is_new "$old"
}
# Hooks NAME-1 to NAME-N; python format of the address, with {i}, {high}, {low}.
hooks() { # NAME N URL
	PYTHONPATH=$here/lib /usr/bin/python3 - "$PORT" "$AUTH" "$@" <<-'P'
	import base64, http.client, json, sys
	from answers import Watch
	watch = Watch()
	port, auth, name, n, url = sys.argv[1:]
	conn = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
	head = {"Authorization": "Basic " + base64.b64encode(auth.encode()).decode(), "Content-Type": "application/json"}
	secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
	for i in range(1, int(n) + 1):
	    body = {"name": f"{name}-{i}", "url": url.format(i=i, high=i // 200, low=i % 200 + 1), "newSecret": secret}
	    conn.request("POST", "/ws/admin/webhook", json.dumps(body), head)
	    answer = conn.getresponse()
	    watch.see("POST", "/ws/admin/webhook", answer, answer.read())
	    assert answer.status == 204, answer.status
	assert not watch.problems(), watch.problems()
	P
}
pings() { sql "SELECT count(jqm.webhook_ping(w.id)) FROM jqm.webhook AS w, generate_series(1, $2) WHERE w.name LIKE '$1-%'" >/dev/null; } # NAME EACH
of() { sql "SELECT count(*) FROM jqm.webhook AS w JOIN jqm.webhook_delivery AS d ON d.webhook_id = w.id WHERE w.name LIKE '$1-%' AND $2"; } # NAME CONDITION
on_their_way() { of "$1" 'd.lease_until > now()'; } # NAME
hooks_on_their_way() { sql "SELECT count(DISTINCT d.webhook_id) FROM jqm.webhook AS w JOIN jqm.webhook_delivery AS d ON d.webhook_id = w.id WHERE w.name LIKE '$1-%' AND d.lease_until > now()"; }
are_on_their_way() { [ "$(on_their_way "$1")" -ge "$2" ]; }
has_arrived() { [ "$(jq -c "select(.path == \"$1\")" "$R/requests" | wc -l)" -ge "$2" ]; } # PATH N
# On a busy machine one that answers at once may seem to be slow; that one waits for the slow is not what is asked here.
well_has_arrived() { # N
	has_arrived /ok/well "$1" && return
	sql "UPDATE jqm.webhook SET slow = false WHERE name = 'well-1' AND slow; NOTIFY jqm_webhook" >/dev/null
	return 1
}
# Nothing is on its way, nor will be soon: what a sender that ends leaves behind would count for the next one.
are_put_off() { # NAME
	sql "UPDATE jqm.webhook_delivery SET next_try_at = now() + interval '1 h' WHERE next_try_at IS NOT NULL AND (lease_until IS NULL OR lease_until < now())" >/dev/null
	[ "$(of "$1" "d.next_try_at < now() + interval '30 min'")" = 0 ]
}

ok "one that answers at once" hooks well 1 "http://127.0.0.1:$R_PORT/ok/well"
ok "300 that never do, each on a host of its own" hooks dead 300 "http://127.1.{high}.{low}:$R_PORT/slow/dead"
ok "a sender that waits for two seconds" patience 2000
pings dead 1
failed() { [ "$(sql "SELECT count(*) FROM jqm.webhook WHERE failing_since IS NOT NULL")" -ge "$1" ]; }
ok "each of them was tried" wait_for 60 failed 300
ok "and is not tried again for now" wait_for 60 are_put_off dead

# They are known now.  What is sent to them from here on ends after this scenario has ended.
ok "a sender that waits for two minutes" patience 120000
pings dead 2
sql "UPDATE jqm.webhook_delivery SET next_try_at = now() WHERE next_try_at IS NOT NULL; NOTIFY jqm_webhook" >/dev/null
ok "256 are waited for" wait_for 60 are_on_their_way dead 256
pings well 5
ok "who answers is told meanwhile" wait_for 30 well_has_arrived 5
is "none of the others has ended, and no more have begun" "$(on_their_way dead)" 256
is "of each one" "$(hooks_on_their_way dead)" 256

# A host that was never seen, and many hooks lead to it.
sql "UPDATE jqm.webhook SET enabled = false WHERE name LIKE 'dead-%'" >/dev/null
ok "100 hooks lead to one host" hooks host 100 "http://127.2.2.2:$R_PORT/slow/host/{i}"
ok "a sender with nothing in hand" patience 120000
pings host 4
ok "32 are waited for" wait_for 60 are_on_their_way host 32
pings well 5
ok "who answers is told meanwhile" wait_for 30 well_has_arrived 10
is "and that host is asked no more at a time" "$(on_their_way host)" 32
is "of each hook one, before any has a second" "$(hooks_on_their_way host)" 32

# Slow, and yet well.
ok "one that takes its time" hooks tired 1 "http://127.3.3.3:$R_PORT/tired"
pings tired 1
is_told() { [ "$(of tired "d.state = 'DELIVERED'")" = 1 ]; }
ok "is told" wait_for 30 is_told
is "and known to be slow" "$(sql "SELECT slow, failing_since IS NULL FROM jqm.webhook WHERE name = 'tired-1'")" "t|t"
done_testing
