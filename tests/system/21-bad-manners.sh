#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Jobs with bad manners: history says what was wrong, nothing hangs, nothing outside is touched.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
run() { # NAME COMMAND [TYPE]: define, run to the end, sets id
	define "$1" "$2" "${3:-DEFAULTSHELLCOMMAND}"
	id=$(enqueue "$1")
	wait_job "$id" "${WAIT:-20}" || diag "$1 ($id) is $(job_state "$id")"
}
messages() { sql "SELECT string_agg(text_message, E'\n' ORDER BY id) FROM jqm.message WHERE job_instance_id = $1"; }
files() { sql "SELECT string_agg(original_file_name, '|' ORDER BY original_file_name) FROM jqm.deliverable WHERE job_instance_id = $1"; }

run Missing /no/such/program DIRECTEXECUTABLE
is "a program that does not exist: crashed" "$(job_state "$id")" CRASHED
like "history names it" "$(job_reason "$id")" '"/no/such/program".*No such file'
run NotExecutable /etc/passwd DIRECTEXECUTABLE
like "one that may not be executed" "$(job_reason "$id")" '"/etc/passwd".*Permission denied'
run Jar some.jar FS
like "a Java job is refused with the reason" "$(job_reason "$id")" 'FS'
if command -v pwsh powershell >/dev/null; then
	tap_result 0 "PowerShell is installed here: its refusal cannot be shown # SKIP"
else
	run Power 'Get-Date' POWERSHELLCOMMAND
	like "PowerShell without pwsh" "$(job_state "$id") $(job_reason "$id")" 'CRASHED.*PowerShell'
fi
run Signal 'kill -SEGV $$'
is "a signal is a signal" "$(sql "SELECT state || ' ' || signal || ' ' || coalesce(exit_code::text, '-') FROM jqm.past_job WHERE id = $id")" "CRASHED 11 -"

run ForkAway '(setsid sh -c "trap \"\" TERM HUP; echo \$\$ > \"$JQM_JI_DELIVERY_DIR/../pid-$JQM_JI_ID\"; exec tail -f /dev/null" &) ; while [ ! -s "$JQM_JI_DELIVERY_DIR/../pid-$JQM_JI_ID" ]; do :; done'
is "one that forks away ends with its first process" "$(job_state "$id")" ENDED
pid=$(cat "$HOME_DIR/tmp/pid-$id")
nok "and nothing of it lives on" kill -0 "$pid"
run CloseStdout 'exec >&- 2>&-; i=0; while [ $i -lt 300 ]; do i=$((i+1)); done; exit 4'
is "one that closes stdout and lives on is waited for" "$(sql "SELECT exit_code FROM jqm.past_job WHERE id = $id")" 4
define IgnoresTerm 'trap "" TERM; echo ready; while :; do sleep 1; done'
id=$(enqueue IgnoresTerm)
ok "one that ignores TERM runs" wait_for 10 sh -c "curl -sf -u '$AUTH' '$URL/ws/simple/stdout?id=$id' | grep -q ready"
code POST "/ws/client/ji/killed/$id" >/dev/null
ok "and ends by KILL after its grace" wait_job "$id" 25
is "as killed" "$(job_state "$id")" KILLED

echo secret >"$HOME_DIR/jobs/secret"
# shellcheck disable=SC2016
run Delivers 'cd "$JQM_JI_DELIVERY_DIR"; echo good > good.txt; ln -s "$JQM_NODE_APPLICATION_ROOT/secret" link.txt
ln "$JQM_NODE_APPLICATION_ROOT/secret" hard.txt; mkdir dir; echo in > dir/file; mkfifo pipe
echo nl > "a
b.txt"; echo long > "$(head -c 255 /dev/zero | tr "\0" n)"; echo dots > "..hidden"; echo dots > "...": ; echo bad > "$(printf "\377\376.bin")"; echo sp > " "'
is "odd deliveries do not harm the job" "$(job_state "$id")" ENDED
all=$(files "$id")
like "the good file is there" "$all" 'good\.txt'
unlike "links are not followed" "$all" 'link\.txt'
unlike "nor hard links taken" "$all" 'hard\.txt'
unlike "directories and pipes are left out" "$all" '(^|\|)(dir|pipe)(\||$)'
like "a message names each that was refused" "$(messages "$id")" 'link\.txt'
like "with the reason" "$(messages "$id")" '(symbolic )?link'
is "files with odd names are there too" "$(sql "SELECT count(*) >= 6 FROM jqm.deliverable WHERE job_instance_id = $id")" t
is "no name of theirs is on our disk" "$(find "$HOME_DIR/outputfiles" -type f -printf '%f\n' | grep -Evc '^[0-9a-f-]{36}(\.[A-Za-z0-9]{1,16})?$')" 0
is "what they linked to is untouched" "$(cat "$HOME_DIR/jobs/secret")" secret
no_directories() { [ "$(find "$HOME_DIR/tmp" -mindepth 1 -name "$id*" | wc -l)" = 0 ]; } # an empty one may go to the next job
ok "directories of the job are gone" wait_for 10 no_directories

run Locked 'mkdir -p "$JQM_JI_TEMP_DIR/a/b"; chmod 0 "$JQM_JI_TEMP_DIR/a/b" "$JQM_JI_TEMP_DIR/a"; ln -s / "$JQM_JI_TEMP_DIR/root"'
ok "closed directories and links do not stop the cleaning" wait_for 10 test ! -e "$HOME_DIR/tmp/$id"
ok "and nothing behind a link was removed" test -e "$HOME_DIR/root-password"
run Reads 'read x; echo "got [$x]"'
is "standard input is empty, not open for ever" "$(api GET "/ws/simple/stdout?id=$id")" "got []"
run Environment 'env'
unlike "nothing is inherited" "$(api GET "/ws/simple/stdout?id=$id")" 'JQM_PASSWORD_FILE|TAP|SHLVL=[2-9]'
like "the variables are there" "$(api GET "/ws/simple/stdout?id=$id")" "JQM_JI_ID=$id"

# The quota of this node is made small; the runner is restarted by the supervisor.
sed -i 's/^job_files_max_bytes.*//; s/^job_log_max_bytes.*//; s/^\[runner\]/[runner]\njob_files_max_bytes = 2M\njob_log_max_bytes = 1M/' "$HOME_DIR/conf/jqm.ini"
old=$(cat "$HOME_DIR/run/jqm-runner.pid")
kill "$old"
is_new() { [ "$(cat "$HOME_DIR/run/jqm-runner.pid" 2>/dev/null)" != "$old" ] && healthy; }
ok "the runner is restarted" wait_for 30 is_new
define FillsDisk 'head -c 50000000 /dev/zero > "$JQM_JI_DELIVERY_DIR/big"; exec tail -f /dev/null'
id=$(enqueue FillsDisk)
ok "one that fills its quota is ended" wait_job "$id" 30
like "and history says why" "$(job_state "$id") $(job_reason "$id")" '(KILLED|CRASHED).*quota'
is "nothing of it was delivered" "$(files "$id")" ""
WAIT=40 run Floods 'yes "line of a log that says the same again and again" | head -c 200000000; echo; echo last'
is "one that floods its log ends as it will" "$(job_state "$id")" ENDED
api GET "/ws/simple/stdout?id=$id" >"$WORK/flood"
like "of its log little more than the limit is kept" "$(stat -c %s "$WORK/flood")" '^10[45][0-9]{4}$'
is "with a line about the rest" "$(grep -c '^\[\.\.\. [0-9]* bytes cut out here by JQM: the log was longer than 1048576 bytes \.\.\.\]$' "$WORK/flood")" 1
is "and its last line" "$(tail -n 1 "$WORK/flood")" last
like "the job's messages say so" "$(sql "SELECT text_message FROM jqm.message WHERE job_instance_id = $id")" '^stdout was longer than 1048576 bytes: of what it wrote, [0-9]+ bytes behind byte 262[0-9]{3} were cut out$'
run After 'echo fine'
is "others go on" "$(job_state "$id")" ENDED
is "no job is left" "$(sql 'SELECT count(*) FROM jqm.live_job')" 0
done_testing
