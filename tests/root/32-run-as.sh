#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jobs that run as another account of the node (docs/run-as.md): who may, what they get, what is left of them.
. "${JQM_TEST_SOURCE:?}/tests/lib/stack.sh"
stack_up
account=$(stat -Lc %U "$HOME_DIR/db")
conninfo=$(sed -n 's/^conninfo = //p' "$HOME_DIR/conf/jqm.ini")

# --- accounts, which go when the test does -----------------------------------------------------------------
tag=jqmt$$
people="$tag-a $tag-b $tag-off $tag-gone $tag-ours"
# Processes of an account of ours: by their numbers, and only of one that is neither root's nor the stack's.
processes_of() { # ACCOUNT
	local uid
	uid=$(id -u "$1" 2>/dev/null) && [ "$uid" -ge 1000 ] && ps -o pid= -u "$uid"
}
end_people() {
	local who pid
	for who in $people; do
		for pid in $(processes_of "$who"); do
			kill -KILL "$pid" 2>/dev/null
		done
		getent passwd "$who" >/dev/null && userdel -f "$who" 2>/dev/null
	done
	groupdel "$tag-extra" 2>/dev/null
	rm -rf "/home/$tag-a"
}
at_exit end_people
groupadd "$tag-extra"
for who in $people; do
	useradd --no-create-home --shell /bin/sh --user-group "$who" || exit 1
done
usermod -aG "$tag-extra" "$tag-a"
usermod -aG "$account" "$tag-ours"
install -d -m 700 -o "$tag-a" "/home/$tag-a"
printf '# who may\n%s\n\n  %s  \n%s\n%s\n' "$tag-a" "$tag-b" "$tag-gone" "$tag-ours" >"$WORK/accounts"
chmod 644 "$WORK/accounts"

# --- a node whose keeper has the right ---------------------------------------------------------------------
N=$WORK/node
install -d -m 711 -o "$account" -g "$(id -gn "$account")" "$N"
as_account() { setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups "$@"; }
as_account mkdir -m 2711 "$N/tmp"
as_account mkdir -m 755 "$N/jobs"
as_account mkdir -m 700 "$N/log" "$N/run"
as_account sh -c "umask 077 && cat >$N/jqm.ini" <<-INI
	[database]
	conninfo = $conninfo
	[node]
	name = "guests"
	[runner]
	start_keeper = false
	state_dir = "$N/state"
	keeper_socket = "$N/run/k"
	job_repository = "$N/jobs"
	delivery_store = "$N/files"
	temp_dir = "$N/tmp"
	log_dir = "$N/log"
	joblog_dir = "$N/joblogs"
	log_file = "$N/log/runner.log"
	accounts_file = "$WORK/accounts"
	heartbeat_ms = 300
	lease_ms = 6000
INI
caps=+setuid,+setgid,+chown,+kill
start_keeper() { # [CAPS]: with these, by default those it needs
	local caps=${1-$caps}
	(exec setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups \
		${caps:+--inh-caps "-all,$caps" --ambient-caps "-all,$caps"} --no-new-privs \
		"$JQM_BIN/jqm-keeper" --guard --socket "$N/run/k" --table "$N/run/table" --pid-file "$N/run/keeper.pid" \
		--accounts "$WORK/accounts" --work-dir "$N/tmp" >>"$N/log/keeper.log" 2>&1) &
	guard=$!
	wait_for 20 test -S "$N/run/k"
}
start_runner() {
	(exec setpriv --reuid "$account" --regid "$(id -gn "$account")" --init-groups \
		"$JQM_BIN/jqm-runner" --config "$N/jqm.ini" >>"$N/log/runner.out" 2>&1) &
	runner=$!
}
end_node() {
	kill -USR1 "$runner" 2>/dev/null && wait "$runner"
	kill -TERM "$guard" 2>/dev/null && wait "$guard"
}
at_exit end_node
start_keeper
start_runner
serves() { [ "$(sql "SELECT count(*) FROM jqm.node WHERE name = 'guests' AND lease_until > now()")" = 1 ]; }
ok "the node serves" wait_for 20 serves
sql "UPDATE jqm.queue_mapping AS m SET polling_interval_ms = 100, max_jobs = CASE n.name WHEN 'guests' THEN 10 ELSE 0 END
     FROM jqm.node AS n WHERE n.id = m.node_id"
define_as() { # NAME ACCOUNT COMMAND
	define "$1" "$3"
	sql "UPDATE jqm.job_def SET run_as = nullif('$2', '') WHERE name = '$1'"
}
log_of() { printf '%s/%d/%010d.%s.log' "$N/joblogs" $(($1 / 1000)) "$1" "$2"; } # there is no web API on that node
out() { cat "$(log_of "$1" stdout)"; }
err() { cat "$(log_of "$1" stderr)"; }
run_as() { # NAME ACCOUNT COMMAND: its id in $job, once it is over
	define_as "$1" "$2" "$3"
	job=$(enqueue "$1")
	wait_job "$job" 30
}
how() { sql "SELECT state || ' ' || coalesce(reason, '') FROM jqm.past_job WHERE id = $1"; }

like "--check finds all in its place" "$(as_account "$JQM_BIN/jqm-runner" --config "$N/jqm.ini" --check)" "^ok: runner:accounts_file \"$WORK/accounts\""
as_account chmod 700 "$N"
like "and says which way is closed" "$(as_account "$JQM_BIN/jqm-runner" --config "$N/jqm.ini" --check)" "^wrong: runner:temp_dir: jobs of other accounts cannot pass \"$N\""
as_account chmod 711 "$N"

# --- what such a job is ------------------------------------------------------------------------------------
run_as Who "$tag-a" 'id -un; id -Gn; echo "$HOME $USER $LOGNAME"; grep -E "^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|Seccomp):" /proc/self/status | tr "\n\t" "  "'
is "it ends well" "$(how "$job")" "ENDED "
is "it is that account, with its groups and none of ours" "$(out "$job" | sed -n 1,2p | tr '\n' '|')" "$tag-a|$tag-a $tag-extra|"
is "its environment says so" "$(out "$job" | sed -n 3p)" "/home/$tag-a $tag-a $tag-a"
like "it has no privilege and gets none" "$(out "$job" | sed -n 4p)" 'CapInh: 0+ CapPrm: 0+ CapEff: 0+ CapAmb: 0+ NoNewPrivs: 1'
run_as Own "" 'id -un; grep -E "^Cap(Inh|Prm|Eff|Amb):" /proc/self/status | tr "\n\t" "  "'
like "one without is the keeper's own, and has nothing of its privileges" "$(out "$job" | tr '\n' ' ')" \
	"^$account CapInh: 0+ CapPrm: 0+ CapEff: 0+ CapAmb: 0+"
run_as Writes "$tag-a" 'echo out; echo err >/dev/stderr; echo more >>/dev/stdout; cd "$TMPDIR" && mkdir -p deep/er && mkdir -m 700 own && touch own/x
	umask 077; echo mine >"$JQM_JI_DELIVERY_DIR/report.txt"; ln /etc/hostname "$JQM_JI_DELIVERY_DIR/linked" 2>/dev/null
	ln -s /etc/shadow "$JQM_JI_DELIVERY_DIR/shadow"; mkdir -m 700 "$JQM_JI_DELIVERY_DIR/dir"; chmod 700 "$JQM_JI_DELIVERY_DIR" "$TMPDIR"; true'
is "it writes to its outputs, opened anew as well" "$(out "$job" | tr '\n' ' ')$(err "$job")" "out more err"
is "what it delivers is taken, though nobody else could read it" \
	"$(cat "$N/files/$(sql "SELECT path FROM jqm.deliverable WHERE job_instance_id = $job")")" mine
is "and nothing else" "$(sql "SELECT count(*) FROM jqm.deliverable WHERE job_instance_id = $job")" 1
stored=$(find "$N/files" -type f)
is "in the store it is ours, and closed" "$(stat -c '%U %a' "$stored")" "$account 640"
# shellcheck disable=SC2086 # two names
logs=$(log_of "$job" stdout; echo; log_of "$job" stderr)
is "so are its logs" "$(stat -c '%U %a' $logs | sort -u)" "$account 640"
is "and nobody else has a right to them" \
	"$(/usr/bin/python3 -c 'import os, sys; print(sum(len(os.listxattr(f)) for f in sys.argv[1:]))' $logs)" 0
is_clean() { [ -z "$(find "$N/tmp" -mindepth 1 ! -name '.spare-*')" ]; }
ok "nothing of it stays in the directory for temporary files" wait_for 20 is_clean
is "no spare directory was another account's" "$(find "$N/tmp" -mindepth 1 ! -user "$account")" ""

# --- to each its own ---------------------------------------------------------------------------------------
gate=$WORK/gate
define_as Waits "$tag-a" "umask 0; echo secret >\"\$TMPDIR/secret\"; echo \"\$TMPDIR\" >&2; while [ ! -e $gate ]; do sleep 0.1; done; cat \"\$TMPDIR/secret\""
waits=$(enqueue Waits)
is_running() { job_is "$1" RUNNING; }
ok "a job of the one runs" wait_for 20 is_running "$waits"
has_begun() { [ -s "$(log_of "$waits" stderr)" ]; }
ok "and has a secret" wait_for 20 has_begun
pid=$(processes_of "$tag-a" | head -1 | tr -d " ")
run_as Looks "$tag-b" "cat $N/tmp/$waits/secret; ls $N/tmp $N/joblogs $N/state $N/log $HOME_DIR; cat $N/jqm.ini; echo x >$N/tmp/$waits/secret
	tr '\\0' '\\n' </proc/$pid/environ | grep JQM; kill -9 $pid \$PPID $(cat "$N/run/keeper.pid") $runner; touch $N/tmp/x $N/jobs/x; cat /proc/$(cat "$N/run/keeper.pid")/maps /proc/\$PPID/environ
	exec 3<>/dev/null; echo over"
is "a job of the other sees nothing of it, neither of ours" "$(out "$job")" over
ok "and could end nobody" kill -0 "$pid" "$runner" "$(cat "$N/run/keeper.pid")"
like "it was refused all of it" "$(err "$job" | grep -c 'denied\|not permitted')" '^[0-9]{2}$'
touch "$gate"
wait_job "$waits" 20
is "the first one ends well" "$(how "$waits") $(out "$waits")" "ENDED  secret"

# --- ended, held and gone on with ---------------------------------------------------------------------------
define_as Long "$tag-b" 'setsid sleep 600 & trap "" TERM; while :; do sleep 0.2; echo .; done'
sql "UPDATE jqm.job_def SET grace_ms = 300 WHERE name = 'Long'"
long=$(enqueue Long)
ok "a long one runs" wait_for 20 is_running "$long"
is_stopped() { [ "$(ps -o state= -u "$tag-b" | tr -d ' ' | sort -u)" = T ]; }
ok "it is paused" test "$(code POST "/ws/client/ji/running/paused/$long")" = 204
ok "all of it stands still" wait_for 20 is_stopped
nobody_left() { [ -z "$(processes_of "$tag-b")" ]; }
ok "it is killed" test "$(code POST "/ws/client/ji/killed/$long")" = 204
wait_job "$long" 30
like "and has ended" "$(how "$long")" '^KILLED killed by root'
ok "with all it forked" wait_for 5 nobody_left
define_as Many "$tag-b" 'for i in 1 2 3 4 5 6 7 8; do setsid sleep 600 & done; sleep 600'
sql "UPDATE jqm.job_def SET processes_max = 4, grace_ms = 0 WHERE name = 'Many'"
many=$(enqueue Many)
wait_job "$many" 30
like "its processes are counted" "$(how "$many")" 'more than 4 processes'
ok "and ended" wait_for 5 nobody_left
sql "UPDATE jqm.job_def SET files_max_bytes = 1000000, grace_ms = 0 WHERE name = 'Who'"
run_as Who "$tag-b" 'mkdir "$TMPDIR/d"; head -c 5000000 /dev/zero >"$TMPDIR/d/f"; sleep 600'
like "what it writes is measured" "$(how "$job")" 'disk quota of 1000000 bytes'

# --- who may not ------------------------------------------------------------------------------------------
refuses() { # DESCRIPTION ACCOUNT REASON
	run_as Refused "$2" 'id -un'
	is "$1: it ends as crashed, and says why" "$(how "$job")" "CRASHED could not run as account \"$2\": $3"
	is "$1: nothing ran" "$(out "$job")" ""
	like "$1: its log says it too" "$(err "$job")" "could not run as account"
}
refuses "one that is not on the list" "$tag-off" "it is not in the node's list"
refuses "one that is nobody" nosuchaccount "it is not in the node's list"
refuses "our own account" "$account" "it is not in the node's list"
refuses "one that is in our group" "$tag-ours" "it is in a group of root or JQM"
userdel -f "$tag-gone"
refuses "one that was removed since" "$tag-gone" "there is no such account"
for bad in root 'two words' '' '-x' "$(printf 'a%.0s' $(seq 33))"; do
	nok "no definition names \"$bad\"" sql "UPDATE jqm.job_def SET run_as = '$bad' WHERE name = 'Refused'"
done
ok "nothing of them stays" wait_for 20 is_clean

# Its home is closed to it: told, not run elsewhere.
chmod 700 "$N/tmp"
run_as Who "$tag-b" 'id -un'
is "a way that is closed is named" "$(how "$job")" "CRASHED its account could not enter its temporary directory: Permission denied"
chmod 2711 "$N/tmp"
ok "and nothing stays" wait_for 20 is_clean

# --- the list is root's -----------------------------------------------------------------------------------
keeper_says() { as_account "$JQM_BIN/jqm-keeper" --check --table "$N/run/table2" --accounts "$1" 2>&1; }
cp "$WORK/accounts" "$WORK/open" && chmod 666 "$WORK/open"
like "a list others can write is refused" "$(keeper_says "$WORK/open")" 'must belong to root, and nobody else may write'
cp "$WORK/accounts" "$WORK/ours" && chown "$account" "$WORK/ours"
like "so is one of our account" "$(keeper_says "$WORK/ours")" 'must belong to root'
printf 'root\n' >"$WORK/bad1" && printf 'a b\n' >"$WORK/bad2"
like "and one with root" "$(keeper_says "$WORK/bad1")" 'line 1: no job runs as root'
like "and one with a blank in a name" "$(keeper_says "$WORK/bad2")" 'line 1: not the name of an account'

# --- who dies meanwhile -----------------------------------------------------------------------------------
define_as Killed "$tag-a" 'mkdir -m 700 "$TMPDIR/d"; echo half >"$JQM_JI_DELIVERY_DIR/half"; setsid sleep 600 & sleep 600'
killed=$(enqueue Killed)
ok "a job runs" wait_for 20 is_running "$killed"
nobody_of_a() { [ -z "$(processes_of "$tag-a")" ]; }
is_up() { ps -o comm= -u "$tag-a" | grep -q sleep; }
ok "with what it forked" wait_for 20 is_up
kill -KILL "$guard" "$(cat "$N/run/keeper.pid")"
wait "$guard" 2>/dev/null
rm -f "$N/run/k"
start_keeper
wait_job "$killed" 30
is "keeper and guard are killed: it is told" "$(how "$killed")" "CRASHED its keeper died"
ok "what it forked is ended by the next keeper" wait_for 10 nobody_of_a
ok "what it left is taken back and removed" wait_for 20 is_clean
# As after a reset of the machine: neither runner nor keeper know of it, only its directories are there.
kill -USR1 "$runner" && wait "$runner"
kill -TERM "$guard" && wait "$guard"
rm -f "$N/run/table" "$N/run/k"
as_account mkdir "$N/tmp/$killed" "$N/tmp/${killed}_delivery"
mkdir -p "$N/tmp/$killed/$(printf 'd/%.0s' $(seq 90))" && chown -R "$tag-a" "$N/tmp/$killed" "$N/tmp/${killed}_delivery"
chmod 700 "$N/tmp/$killed"
start_keeper
start_runner
ok "directories of a machine that was reset are found and removed, however deep" wait_for 60 is_clean

# A runner gone astray: it leads the keeper to where others have directories with numbers for names.
kill -USR1 "$runner" && wait "$runner"
install -d -m 755 "$WORK/others"
install -d -m 700 -o "$tag-b" -g "$tag-b" "$WORK/others/4711" "$WORK/others/4711/private" "$WORK/others/4711_delivery"
as_account mv "$N/tmp" "$N/tmp.kept"
as_account ln -s "$WORK/others" "$N/tmp"
start_runner
ok "directories elsewhere are not taken: it is told" wait_for 20 grep -q 'directory_not_taken_back name=.*/node/tmp" reason="Operation not permitted' "$N/log/keeper.log"
is "and they stay whose they are" "$(stat -c '%U %a' "$WORK"/others/4711 "$WORK"/others/4711/private "$WORK"/others/4711_delivery | sort -u)" "$tag-b 700"
define_as Who "$tag-b" 'id -un'
job=$(enqueue Who)
ok "nothing runs as another account meanwhile: it goes back" wait_for 20 grep -q "job_not_started job=$job .*Permission denied" "$N/log/runner.log"
is "nor was it used up" "$(how "$job")" ""
kill -USR1 "$runner" && wait "$runner"
rm "$N/tmp"
as_account mv "$N/tmp.kept" "$N/tmp"
start_runner
wait_job "$job" 30
is "it runs when the directory is ours again" "$(how "$job")$(out "$job")" "ENDED $tag-b"

# --- without the right ------------------------------------------------------------------------------------
for with in "" +setuid,+setgid; do
	kill -TERM "$guard" && wait "$guard"
	rm -f "$N/run/k"
	start_keeper "$with"
	refuses "a keeper with capabilities \"$with\"" "$tag-a" "the keeper was started without the right to"
done
run_as Own "" 'id -un'
is "other jobs run as ever" "$(out "$job")" "$account"
done_testing
