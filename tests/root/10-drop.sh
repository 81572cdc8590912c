#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Root starts "jqm up": nothing of it runs as root, wherever the clone lies.
. "${JQM_TEST_SOURCE:?}/tests/lib/tap.sh"
. "${JQM_TEST_SOURCE:?}/tests/lib/workers.sh"

account=${JQM_ACCOUNT:-jqm}
work=$(scratch)
workers_live_in "$work"
chmod 755 "$work"
at_exit rm -rf "$work"
port=$(free_port)
healthy() { curl -sf -o /dev/null -m 5 -u "root:$(cat "$home/root-password")" "http://127.0.0.1:$port/ws/simple/localnode/health"; }
# Everything whose command line names DIR, with its account.
accounts_in() { pgrep -f -- "$1/" | xargs -r ps -o user:32= -p | sort -u; }

# A program the account can read, a home in a directory of root's that others may enter.
cp -R "$JQM_BIN" "$work/bin"
cp -R "$JQM_BIN/../share" "$work/share"
chmod -R u=rwX,go=rX "$work/bin" "$work/share"
jqm=$work/bin/jqm
home=$work/open/home
at_exit "$jqm" down --home "$home"
ok "root starts it" "$jqm" up --detach --home "$home" --port "$port"
ok "it serves" healthy
is "all of it runs as $account" "$(accounts_in "$home")" "$account"
is "the home belongs to $account and to nobody else" "$(find "$home" ! -user "$account")" ""
is "its parent stays root's" "$(stat -c %U "$work/open")" root
supervisor=$(cat "$home/run/jqm.pid")
is "no process of it can become root again" \
    "$(for p in $(pgrep -f -- "$home/"); do awk '/^(Uid|Gid):/ {print $2, $3, $4, $5}' "/proc/$p/status"; done |
	tr ' ' '\n' | sort -u | grep -cx 0)" 0
is "nor has a right of root's" "$(awk '/^Cap(Prm|Eff):/ {print $2}' "/proc/$supervisor/status" | sort -u)" 0000000000000000
is "root's groups are gone" "$(awk '/^Groups:/ {$1 = ""; print}' "/proc/$supervisor/status" | tr -d ' ')" \
    "$(id -G "$account" | tr -d ' ')"
# Whose sockets they are only root sees.
tree() {
	local p
	for p in "$@"; do
		echo "pid=$p,"
		# shellcheck disable=SC2046 # one word each
		tree $(pgrep -P "$p")
	done
}
pids=$(tree "$supervisor" "$(cat "$home/run/jqm-keeper.pid")" | sort -u)
ok "(it is all of its programs)" test "$(wc -l <<<"$pids")" -gt 10
is "nothing listens but nginx, at its one port of the loopback" "$(ss -Hltunp | grep -F "$pids" | awk '{print $1, $5}')" "tcp 127.0.0.1:$port"
ok "root's status works" "$jqm" status --home "$home"
is "root's psql works" "$("$jqm" psql --home "$home" -XAtqc 'SELECT 1')" 1
ok "root's down works" "$jqm" down --home "$home"
is "nothing is left" "$(pgrep -f -- "$home/")" ""

# A home copied by root is root's: it becomes the account's again.
cp -R "$home" "$work/open/copy"
at_exit "$jqm" down --home "$work/open/copy"
ok "a former home of root's is taken" "$jqm" up --detach --home "$work/open/copy" --port "$port"
is "and given to $account" "$(find "$work/open/copy" ! -user "$account")" ""
ok "down" "$jqm" down --home "$work/open/copy"

# What is not ours is not given away.
mkdir "$work/open/mine" && echo precious >"$work/open/mine/file"
nok "a directory of root's with other things is refused" "$jqm" up --detach --home "$work/open/mine" --port "$port"
is "and stays root's" "$(stat -c %U "$work/open/mine" "$work/open/mine/file" | sort -u)" root
mkdir "$work/open/nobodys" && chown nobody "$work/open/nobodys"
nok "a directory of somebody else is refused" "$jqm" up --detach --home "$work/open/nobodys" --port "$port"
is "and stays theirs" "$(stat -c %U "$work/open/nobodys")" nobody
JQM_ACCOUNT=root nok "root is no account to drop to" "$jqm" up --detach --home "$work/open/never" --port "$port"

# A clone nobody but root can enter, as under /root.
mkdir -m 700 "$work/closed"
mv "$work/bin" "$work/share" "$work/closed/"
jqm=$work/closed/bin/jqm
home=$work/closed/var
output=$("$jqm" up --detach --home "$home" --port "$port" 2>&1)
is "a closed clone: it starts" $? 0
real=$(readlink "$home")
program=$(printf '%s\n' "$output" | sed -n 's/.*the programs run from //p')
# shellcheck disable=SC2016
at_exit sh -c '"$1" down --home "$2"; rm -rf "$3" "$4"' sh "$jqm" "$home" "$real" "$program"
like "a closed clone: the place of the home is said" "$output" "the home is /var/lib/jqm/home-[0-9a-f]+, with a link"
like "a closed clone: the place of the programs is said" "$program" '^/var/lib/jqm/program-[0-9a-f]+$'
ok "a closed clone: it serves" healthy
is "a closed clone: all of it runs as $account" "$(accounts_in "$real")" "$account"
is "a closed clone: nobody but root can change the programs" \
    "$(find "$program" \( ! -user root -o -perm /022 \) ! -type l)" ""
ok "a closed clone: status through the link" "$jqm" status --home "$home"
is "a closed clone: psql through the link" "$(cd "$work/closed" && bin/jqm psql --home ./var -XAtqc 'SELECT 1' 2>&1)" 1
ok "a closed clone: down through the link" "$jqm" down --home "$home"
is "a closed clone: nothing is left" "$(pgrep -f -- "$real/")" ""
password=$(cat "$home/root-password")
ok "a closed clone: it starts again" "$jqm" up --detach --home "$home" --port "$port"
is "a closed clone: the same home" "$(cat "$home/root-password")" "$password"
ok "a closed clone: down" "$jqm" down --home "$home"
done_testing
