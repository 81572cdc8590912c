#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The packages under a systemd of their own, booted in namespaces: the units start, what they forbid is nothing that the programs need,
# jobs outlive restarts and upgrades, a removal stops all.  As root, after tests/packages/run.sh, whose packages it takes:
# "make check-packages" runs both.
cd "$(dirname "$0")/../.." || exit 1
here=$PWD
. tests/lib/tap.sh
. tests/packages/debian.sh
[ "$(id -u)" -eq 0 ] || { echo "tests/packages/units.sh: only root can do this" >&2; exit 1; }
conf/install-packages.sh packages || exit 1
debs=${JQM_PACKAGES_DEBS:-$here/build/deb}

ok "a minimal Debian is there" debian_make || exit 1
debian_packages "$debs" || exit 1
: >"$logs/online.log"
online apt-get install -y --no-install-recommends systemd systemd-sysv dbus procps postgresql "${these[@]}"
is "systemd, PostgreSQL and the packages install" "$(cat "$logs/status")" 0 || { tail -20 "$logs/online.log" >&2; exit 1; }
rm "$root/usr/sbin/policy-rc.d" # what Debian starts at an upgrade shall be started
debian_boot || exit 1
like "it boots" "$(inside systemctl is-system-running)" running || exit 1
wait_for 30 inside setpriv --reuid postgres --regid postgres --init-groups psql -c 'SELECT 1'
jqm() { inside jqm "$@"; }
is "no unit of ours runs before it is told to" "$(inside systemctl list-units --no-legend 'jqm*')" ""

jqm setup --create --node deb --json >"$logs/setup.json" 2>"$logs/words"
is "jqm setup ends with a node that runs" "$? $(jq -r .running "$logs/setup.json")" "0 true" || {
	cat "$logs/words" >&2
	inside journalctl --no-pager -n 50 -u 'jqm*' >&2
	exit 1
}
units="jqm-keeper jqm-runner jqm-fcgi.socket jqm-fcgi jqm-notifier jqm-events.socket jqm-events jqm-hooks jqm-nginx-watch jqm-nginx"
# shellcheck disable=SC2086
is "each unit runs" "$(inside systemctl is-active $units | sort | uniq -c | tr -s ' ')" " 10 active"
# shellcheck disable=SC2086
is "and is started at the next boot, too" "$(inside systemctl is-enabled $units | sort | uniq -c | tr -s ' ')" " 10 enabled"
is "a second run changes nothing" "$(jqm setup --json </dev/null | jq -c .changes)" "[]"
ok "jqm doctor finds nothing wrong" jqm doctor --config /etc/jqm/jqm.ini
database() { inside setpriv --reuid postgres --regid postgres --init-groups psql -XAtq -d jqm -c "$1"; }
database "SELECT jqm.doctor_ask(id) FROM jqm.node WHERE name = 'deb'" >/dev/null
has_told() { [ "$(database "SELECT wrong FROM jqm.doctor_report WHERE asked_at IS NULL")" = 0 ]; }
ok "nor when the runner has it look, inside its unit" wait_for 60 has_told || database "SELECT jsonb_pretty(findings) FROM jqm.doctor_report" >&2

inside cp -r /usr/share/jqm/samples /var/lib/jqm/jobs/
inside tee /srv/long.xml >/dev/null <<'END'
<jqm><jar><path>echo began; echo made >$JQM_JI_DELIVERY_DIR/a.txt; until [ -e /var/lib/jqm/jobs/$1 ]; do sleep 0.2; done; echo ended</path>
<pathType>DEFAULTSHELLCOMMAND</pathType><jobdefinitions><jobDefinition><name>Long</name><description>waits</description>
<canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName><highlander>false</highlander></jobDefinition></jobdefinitions></jar></jqm>
END
ok "definitions are imported" jqm import /srv/long.xml /usr/share/jqm/samples/fails-with-three.xml
jqm enqueue FailsWithThree --follow >"$logs/out" 2>"$logs/words"
is "a job runs, and its logs are shown" "$? $(grep -c . "$logs/words")" "3 3" || cat "$logs/words" >&2

# --- under a job ------------------------------------------------------------------------------------------------------------
begin() { # FILE: a job that waits for it; its number
	local id
	id=$(jqm enqueue Long -p "1=$1") && wait_for 30 has_begun "$id" && echo "$id"
}
has_begun() { jqm log "$1" | grep -q began; }
has_ended() { jqm job "$1" --json | jq -e '.state == "ENDED"'; }
pid_of() { inside systemctl show -p MainPID --value "$1"; }
# another UNIT PID: it runs, as another process than that.
another() { [ "$(inside systemctl is-active "$1")" = active ] && [ "$(pid_of "$1")" != "$2" ]; }
long=$(begin one)
keeper=$(pid_of jqm-keeper) runner=$(pid_of jqm-runner) nginx=$(pid_of jqm-nginx) fcgi=$(pid_of jqm-fcgi)
inside systemctl restart jqm-runner
ok "the runner is another one after a restart" another jqm-runner "$runner"
runner=$(pid_of jqm-runner)
inside dpkg -i "${next[@]}" >"$logs/upgrade.log" 2>&1
is "an upgrade installs" $? 0 || tail -20 "$logs/upgrade.log" >&2
ok "it starts the runner anew" another jqm-runner "$runner"
is "and leaves the keeper alone" "$(pid_of jqm-keeper)" "$keeper"
is "and nginx, so that nobody is refused" "$(pid_of jqm-nginx)" "$nginx"
ok "the web API is another one, too" another jqm-fcgi "$fcgi"
ok "and answers" jqm queue list
inside touch /var/lib/jqm/jobs/one
ok "the job outlived both, and its end is known" wait_for 60 has_ended "$long" || inside journalctl --no-pager -n 30 -u 'jqm*' >&2
is "with what it said" "$(jqm log "$long" | tr '\n' ' ')" "began ended "
file=$(jqm files "$long" --json | jq -r '.[0].id')
is "and its file can be fetched" "$(jqm get "$file" -o - 2>"$logs/words")" made || cat "$logs/words" >&2
# shellcheck disable=SC2086
all_active() { [ "$(inside systemctl is-active $units | sort -u)" = active ]; }
ok "all run" wait_for 30 all_active

# --- what jobs cannot see -----------------------------------------------------------------------------------------------------
inside tee /srv/look.xml >/dev/null <<'END'
<jqm><jar><path>ls /etc/jqm/pgpass /run/jqm/fcgi.sock; touch /etc/x /usr/x; true</path><pathType>DEFAULTSHELLCOMMAND</pathType>
<jobdefinitions><jobDefinition><name>Look</name><description>looks</description><canBeRestarted>true</canBeRestarted>
<javaClassName>none</javaClassName><highlander>false</highlander></jobDefinition></jobdefinitions></jar></jqm>
END
jqm import /srv/look.xml >"$logs/out"
jqm enqueue Look --follow >"$logs/out" 2>"$logs/words"
is "a job sees neither passwords nor the socket behind nginx, and writes nothing of the system" \
	"$(grep -cE "(pgpass|fcgi.sock|/etc/x|/usr/x).*(denied|No such|Read-only)" "$logs/words")" 4 || cat "$logs/words" >&2

# --- removed ------------------------------------------------------------------------------------------------------------------
long=$(begin two)
ok "a job runs" test -n "$long"
inside apt-get purge -y jqm-client jqm-runner jqm-server >"$logs/purge.log" 2>&1
is "they can be purged under a job" $? 0 || tail -20 "$logs/purge.log" >&2
is "nothing of them runs" "$(inside pgrep -u jqm)" ""
is "no unit is left" "$(inside systemctl list-unit-files --no-legend 'jqm*')$(inside find /etc/systemd -name 'jqm*')" ""
is "how the job ended was written before" \
	"$(inside setpriv --reuid postgres --regid postgres --init-groups psql -XAtqc "SELECT state, reason FROM jqm.past_job WHERE id = $long" jqm)" \
	"CRASHED|its keeper died"
done_testing
