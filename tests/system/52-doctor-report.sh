#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A node tells by itself what jqm doctor finds on it: a key file that is open shows up in the console's API, is mended by --fix, and
# is gone with the next report.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/doctor.sh"
stack_up --node alpha
doctor_every 0
key=$HOME_DIR/state/audit.key
ini=$HOME_DIR/conf/jqm.ini
id=$(sql "SELECT id FROM jqm.node WHERE name = 'alpha'")
findings() { json GET "/ws/admin/node/$id/findings" | jq -r "$1"; }
about() { findings ".findings[] | select(.what == \"$1\") | \"\(.kind): \(.why) (\(.repair))\""; }
ask() { ok "$1" wait_for 60 is_asked "$id"; }

# Names that a hostile job may leave: markup, control characters, bytes that are no text.
mkdir -p "$HOME_DIR/outputfiles/1"
hostile=$HOME_DIR/outputfiles/1/$'<img src=x onerror=alert(1)>\e[31m\xff\nx'
: >"$hostile"
chmod 666 "$hostile"
chmod 644 "$key"
ask "the node is asked to look"
ok "its runner has jqm doctor look and report" wait_for 120 is_answered "$id"
is "the open key file is told, with what mends it" "$(about "$key")" "wrong: mode 0644 is open to everybody (chmod 0600 '$key')"
is "it was looked at as a home" "$(findings '[.findings[] | select(.check == "switches" and .what == "root")] | length')" 1
is "a hostile name is text, whatever bytes are in it" "$(findings '[.findings[] | select(.what | contains("<img src=x onerror=alert(1)>\u001b[31m\ufffd\nx"))] | length')" 1
unlike "no password is in a report" "$(findings .)" "$(cat "$HOME_DIR/root-password")"
unlike "nor the key" "$(findings .)" "$(head -c 16 "$key")"
log_says() { grep -q "$1" "$HOME_DIR/log/jqm-runner.log"; }
ok "the runner's log has that it was reported" wait_for 20 log_says 'doctor_reported wrong=yes'

rm "$hostile"
"$JQM" doctor --fix --report --home "$HOME_DIR" >/dev/null 2>"$WORK/words"
is "--fix mends it and --report tells" "$? $(stat -c %a "$key")" "0 600"
is "as mended" "$(about "$key")" "fixed: mode was 0644 and is open to everybody, is 0600 (null)"
ask "asked again"
ok "there is a new report" wait_for 120 is_answered "$id"
is "in which it is no more, nor anything else that is wrong" "$(about "$key")$(findings '[.wrong, .fixed] | join(" ")')" "0 0"

# By itself, again and again.
doctor_every 1
forget() { sql "DELETE FROM jqm.doctor_report" >/dev/null; }
is_reported() { [ "$(findings .reported)" = true ]; }
forget
ok "a report comes by itself" wait_for 120 is_reported
forget
ok "and another one" wait_for 120 is_reported

# What cannot be told: the programs refuse a configuration that others can read, so no database is known.
chmod 644 "$ini"
ok "a report that fails is said in the runner's log" wait_for 120 log_says 'doctor_failed exit_code=2'
ok "with the reason" log_says 'jqm doctor: could not report: .*names no node, or no database'
"$JQM" doctor --report --home "$HOME_DIR" >/dev/null 2>"$WORK/words"
is "by hand it is exit code 2" $? 2
"$JQM" doctor --fix --home "$HOME_DIR" >/dev/null 2>&1
forget
ok "mended, the next one comes" wait_for 120 is_reported
done_testing
