# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Reports of jqm doctor in a scenario; behind stack.sh.
#
#	doctor_every SECONDS     the node reports so often by itself from now on; 0: only when asked.  Its runner is started anew
#	is_asked ID              asks that node to look; its runner may just be late with its lease, so: wait_for 60 is_asked ID
#	is_answered ID           has the node whose number that is reported since it was asked last?

# shellcheck disable=SC2154 # HOME_DIR: set by stack.sh
doctor_every() {
	local was
	was=$(sql "SELECT incarnation FROM jqm.node WHERE lease_until IS NOT NULL")
	sed -i -e '/^doctor_s = /d' -e "s/^\[runner\]\$/&\ndoctor_s = $1/" "$HOME_DIR/conf/jqm.ini"
	kill -USR1 "$(cat "$HOME_DIR/run/jqm-runner.pid")"
	ok "the runner is there again, and doctor_s is $1" wait_for 60 runner_is_newer "$was"
}
runner_is_newer() { [ "$(sql "SELECT incarnation > $1 FROM jqm.node WHERE lease_until IS NOT NULL")" = t ]; }
is_asked() { [ "$(code POST "/ws/admin/node/$1/findings")" = 204 ]; }
is_answered() { [ "$(json GET "/ws/admin/node/$1/findings" | jq -c '[.reported, .askedDate]')" = '[true,null]' ]; }
