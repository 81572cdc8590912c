#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The README's two commands in a minimal Debian, from a clean clone: "make run" until the sample job has run and the console answers, and "make
# check" as far as installing what is missing, building, and the tests named here.  As root; ten minutes and more, so it is run by hand:
#
#	bash tests/packages/readme.sh [TEST...]
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/packages/debian.sh
[ "$(id -u)" -eq 0 ] || { echo "tests/packages/readme.sh: only root can do this" >&2; exit 1; }
[ $# -gt 0 ] || set -- unit/test_str unit/test_settings db/test_verbs keeper/test_keeper http/10- system/64-

conf/install-packages.sh packages || exit 1
ok "a minimal Debian is there" debian_make || exit 1
git clone -q --no-hardlinks "$PWD" "$root/srv/jqm" || exit 1
git -C "$root/srv/jqm" remote remove origin
: >"$logs/online.log"
online apt-get install -y --no-install-recommends make git
is "make is installed" "$(cat "$logs/status")" 0 || exit 1

# With the network of this machine: packages of Debian and of npm are fetched; the port is one that is free here.
port=$(free_port)
chrooted sh -c "cd /srv/jqm && exec make run JQM_PORT=$port" >"$logs/make-run.log" 2>&1 </dev/null &
running=$!
# What is started in namespaces ends with the first process there.
end_run() {
	local parent
	for parent in $(pgrep -P "$running" -x unshare); do kill -KILL $(pgrep -P "$parent"); done
	wait "$running"
} 2>/dev/null
at_exit end_run
serves() {
	kill -0 "$running" && [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/ws/simple/localnode/health")" = 401 ] &&
		grep -q 'http://127.0.0.1' "$logs/make-run.log"
}
ok "make run installs, builds, starts and runs a sample job" wait_for 1800 serves || tail -30 "$logs/make-run.log" >&2
like "it says where the console is, and the password" "$(cat "$logs/make-run.log")" 'root-password'
curl -s "http://127.0.0.1:$port/" >"$work/page"
like "which is there" "$(cat "$work/page")" '<title>JQM'
end_run
chrooted sh -c 'cd /srv/jqm && exec tests/check.sh --variant release "$@"' sh "$@" >"$logs/make-check.log" 2>&1 </dev/null
is "what make check needs is installed, and these tests pass in it: $*" "$?" 0 || tail -30 "$logs/make-check.log" >&2
printf '# %s\n' "$(tail -n 1 "$logs/make-check.log")"
done_testing
