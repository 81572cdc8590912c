#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The units of systemd: understood by it without a word, tight, and such that no restart of a program ends a job.
. "$(dirname "$0")/../lib/tap.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)
: "${JQM_BIN:=$here/build/bin}"
work=$(scratch)
at_exit rm -rf "$work"
units=$work/lib/systemd/system

ok "the units are installed" "$here/conf/systemd/install.sh" "$JQM_BIN" "$units" "$work/sysusers.d"
is "all of them" "$(cd "$units" && echo ./*)" "./jqm-events.service ./jqm-events.socket ./jqm-fcgi.service ./jqm-fcgi.socket ./jqm-hooks.service ./jqm-jobs.slice ./jqm-keeper.service ./jqm-nginx-watch.service ./jqm-nginx.service ./jqm-notifier.service ./jqm-runner.service ./jqm.slice"
is "no place is left to be filled in" "$(grep -rl '@[A-Z]*@' "$units")" ""
export SYSTEMD_LOG_LEVEL=notice
is "systemd-analyze verify has nothing to say" "$(systemd-analyze verify --man=no "$units"/* 2>&1)" ""

# exposure UNIT MOST: as systemd-analyze reckons it, from 0 (none) to 10; of most is told ten times as much.
exposure() {
	local said
	said=$(systemd-analyze security --offline=true --no-pager --threshold="$2" "$units/$1" 2>&1)
	is "$1 is exposed to at most ${2%?}.${2: -1}" $? 0
	printf '# %s\n' "$(tail -n 1 <<<"$said")"
}
exposure jqm-fcgi.service 20
exposure jqm-runner.service 40
exposure jqm-notifier.service 20
exposure jqm-events.service 20
exposure jqm-hooks.service 25
exposure jqm-nginx-watch.service 20
exposure jqm-nginx.service 20
# What jobs need nobody can know, and what is forbidden to the keeper is forbidden to them.
exposure jqm-keeper.service 60
is "of root's rights it has the four to run jobs as other accounts" \
	"$(sed -n 's/^\(CapabilityBoundingSet\|AmbientCapabilities\)=//p' "$units/jqm-keeper.service" | sort -u)" "CAP_SETUID CAP_SETGID CAP_CHOWN CAP_KILL"
systemd-analyze security --offline=true --no-pager --threshold=0 "$units/jqm-fcgi.service" >/dev/null 2>&1
is "(a limit that is not kept is noticed)" $? 1

of() { sed -n "s/^$2=//p" "$units/$1"; }
is "no unit runs as root" "$(grep -c '^User=jqm$' "$units"/*.service | cut -d: -f2 | sort -u)" 1
is "to stop the runner leaves its jobs to the keeper" "$(of jqm-runner.service KillSignal)" SIGUSR1
is "a runner that was stopped or drained on order is not started again" "$(of jqm-runner.service RestartPreventExitStatus)" 10
is "keeper and jobs are in a slice of their own" "$(of jqm-keeper.service Slice) $(of jqm-runner.service Slice)" "jqm-jobs.slice jqm.slice"
like "with a delegated group" "$(of jqm-keeper.service Delegate)" '(^| )memory( |$)'
is "nothing the keeper knows goes when it is started anew" "$(of jqm-keeper.service RuntimeDirectoryPreserve)" yes
is "nothing stops it when the runner's unit stops" "$(grep -E '^(BindsTo|PartOf|Requires|StopWhenUnneeded)=' "$units/jqm-keeper.service")" ""
is "the configuration and the socket behind nginx are out of the jobs' sight" "$(of jqm-keeper.service InaccessiblePaths)" "-/etc/jqm -/run/jqm -/run/credentials"
is "both that listen for nginx may do so below 1024" \
	"$(of jqm-nginx.service AmbientCapabilities) $(of jqm-nginx-watch.service AmbientCapabilities)" "CAP_NET_BIND_SERVICE CAP_NET_BIND_SERVICE"
# systemd denies openat2() with it, since it cannot look into its argument.
is "the web API may open logs and files as it does" "$(of jqm-fcgi.service RestrictSUIDSGID)" ""
is "and jqm doctor, which the runner starts, may look at owners and modes" "$(of jqm-runner.service RestrictSUIDSGID)" ""
is "only the account of nginx can connect to that" "$(for u in fcgi events; do of "jqm-$u.socket" SocketUser; of "jqm-$u.socket" SocketMode; done | sort -u | paste -sd" ")" "0600 jqm"
is "and no job can look into the programs of JQM" \
	"$(for u in fcgi runner notifier events hooks; do of "jqm-$u.service" PrivateUsers; done | sort -u)" yes
is "the web API gets its socket, one for all, as descriptor 0" "$(of jqm-fcgi.service StandardInput) $(of jqm-fcgi.socket Accept)" "socket no"

# The programs take the options that the units give them.
for unit in fcgi runner events; do
	# shellcheck disable=SC2046
	like "jqm-$unit takes what its unit gives it" "$($(of "jqm-$unit.service" ExecStart) --check 2>&1)" '^wrong: configuration file "/etc/jqm/jqm.ini"|^ok: '
done
like "and the keeper" "$($(of jqm-keeper.service ExecStart) --check 2>&1)" '^table version ok'
read -ra command < <(of jqm-notifier.service ExecStart | sed 's|/etc/jqm/jqm.ini|/nowhere.ini|')
like "and the notifier" "$("${command[@]}" 2>&1)" '"/nowhere.ini"'
read -ra command < <(of jqm-hooks.service ExecStart | sed 's|/etc/jqm/jqm.ini|/nowhere.ini|')
like "and the sender of webhooks" "$("${command[@]}" 2>&1)" '"/nowhere.ini"'

# As systemd hands the socket over: one that listens, as descriptor 0, at the place that the configuration names as well.
cat >"$work/jqm.ini" <<-END
	[database]
	conninfo = "host=$work dbname=jqm"
	[fcgi]
	socket = "$work/fcgi.sock"
	workers = 1
END
chmod 600 "$work/jqm.ini"
cat >"$work/hand-over.py" <<'END'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
os.dup2(s.fileno(), 0)
os.execv(sys.argv[2], sys.argv[2:])
END
/usr/bin/python3 "$work/hand-over.py" "$work/fcgi.sock" "$JQM_BIN/jqm-fcgi" --config "$work/jqm.ini" 2>"$work/fcgi.log" &
fcgi=$!
wait_for 20 grep -q 'started' "$work/fcgi.log"
like "a socket that is handed over is taken" "$(cat "$work/fcgi.log")" 'started .*socket="descriptor 0"'
kill "$fcgi"
wait "$fcgi"
ok "and left in its place at the end, for the next start" test -S "$work/fcgi.sock"
done_testing
