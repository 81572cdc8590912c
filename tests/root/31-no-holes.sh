#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Logs on a file system that can neither punch holes nor keep extended attributes: a flood is ended, and
# what is left of its log is an ordinary file within its limit.
. "${JQM_TEST_SOURCE:?}/tests/lib/tap.sh"
. "$JQM_TEST_SOURCE/tests/lib/stack.sh"
account=${JQM_ACCOUNT:-jqm}

logs=$(scratch)
at_exit rmdir "$logs"
mount -t ramfs ramfs "$logs" || exit 1
at_exit umount "$logs"
chown "$account:" "$logs"
nok "no holes here" sh -c "head -c 100000 /dev/zero >'$logs/x' && fallocate -p -o 8192 -l 8192 '$logs/x'"
rm -f "$logs/x"

stack_up
at_exit rm -rf "$HOME_DIR"
"$JQM" down --home "$HOME_DIR" >/dev/null
rmdir "$HOME_DIR/joblogs" || exit 1
mkdir "$HOME_DIR/joblogs"
chown "$account:" "$HOME_DIR/joblogs"
mount --bind "$logs" "$HOME_DIR/joblogs" || exit 1
at_exit umount "$HOME_DIR/joblogs"
at_exit "$JQM" down --home "$HOME_DIR"
ok "it runs with its logs there" "$JQM" up --detach --home "$HOME_DIR" --port "$PORT"

define Flood 'seq -f %063.0f 0 99999999'
sql "UPDATE jqm.job_def SET log_max_bytes = 1048576" >/dev/null
id=$(enqueue Flood)
ok "a flood is ended" wait_job "$id" 30
is "and history says why" "$(job_state "$id") $(job_reason "$id")" "KILLED output exceeds 1048576 bytes"
api GET "/ws/client/ji/$id/stdout" >"$WORK/log"
is "its head is there" "$(head -n 1 "$WORK/log")" "$(printf '%063d' 0)"
is "with a line about what is not" "$(grep -c '^\[\.\.\. [0-9]* bytes cut out here by JQM: the log was longer than 1048576 bytes \.\.\.\]$' "$WORK/log")" 1
like "within the limit" "$(stat -c %s "$WORK/log")" '^10(48[0-9]{3}|4[0-9]{4})$'
ok "what was cut is in its messages" sh -c "[ -n '$(sql "SELECT text_message FROM jqm.message WHERE job_instance_id = $id AND text_message LIKE 'stdout was longer than 1048576 bytes%'")' ]"
done_testing
