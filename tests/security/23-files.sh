#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a job leaves where files and logs are taken from: links, pipes, names that mean more. Nobody gets a byte that is
# not the job's, nothing waits for ever, no name splits an answer.
. "$(dirname "$0")/../lib/stack.sh"
stack_dir
printf 'the secret\n' >"$WORK/secret"
chmod 644 "$WORK/secret"
stack_up
export_secret=$WORK/secret
run_job() { # NAME COMMAND: its id, once it is over
	local id
	define "$1" "$2"
	id=$(enqueue "$1")
	wait_job "$id" 30 || diag "job $id does not end"
	printf '%s\n' "$id"
}
names() { sql "SELECT string_agg(original_file_name, ',' ORDER BY original_file_name) FROM jqm.deliverable WHERE job_instance_id = $1"; }

# Delivery directories.
id=$(run_job Links "cd \"\$JQM_JI_DELIVERY_DIR\" && echo mine > good.txt && ln -s $export_secret abs.txt && ln -s ../../../../../etc/passwd rel.txt && ln -s / dir && ln -s /dev/zero zero && ln -s loop loop && ln -s good.txt inner.txt")
is "links in a delivery directory are not followed" "$(names "$id")" good.txt
id=$(run_job Hard "cd \"\$JQM_JI_DELIVERY_DIR\" && echo mine > good.txt && ln $HOME_DIR/root-password hard.txt; ln good.txt twice.txt; ls -l >&2")
unlike "files with a second name are not taken" "$(names "$id")" 'hard|twice'
id=$(run_job Pipes 'cd "$JQM_JI_DELIVERY_DIR" && mkfifo pipe && mkdir sub && mkfifo sub/pipe && python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")"; echo mine > good.txt')
is "pipes and sockets are not taken, and hold nobody up" "$(names "$id")" good.txt
id=$(run_job Race 'cd "$JQM_JI_DELIVERY_DIR" && mkdir d && echo mine > d/f && (while :; do mv d e 2>/dev/null; ln -sn /etc d 2>/dev/null; rm -f d 2>/dev/null; mv e d 2>/dev/null; done) & sleep 0.2; exit 0')
unlike "a directory that becomes a link while it is taken gives nothing of its target" "$(names "$id")" 'passwd|shadow|hosts'
every_file() { # each stored file of a job must be a file of its own, readable by the owner only
	find "$HOME_DIR/outputfiles" ! -type f ! -type d -print
	find "$HOME_DIR/outputfiles" -type f -links +1 -print
}
is "the store has files only, each with one name" "$(every_file)" ''
is "and nobody else's bytes" "$(grep -rl -e 'the secret' -f "$HOME_DIR/root-password" "$HOME_DIR/outputfiles" 2>/dev/null)" ''

# The store and the logs, changed behind the server's back by who can write there.
id=$(run_job Leaves 'echo "of the job"; echo data > "$JQM_JI_DELIVERY_DIR/a.txt"')
file=$(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $id")
stored=$HOME_DIR/outputfiles/$(sql "SELECT path FROM jqm.deliverable WHERE id = $file")
log=$(find "$HOME_DIR/joblogs" -name "*$id.stdout*" -type f)
ok "the file and the log are where they should be" test -f "$stored" -a -f "$log"
link=$(api POST "/ws/client/ji/files/$file/link" | jq -r .url)
ask() { curl -sS -m 10 -u "$AUTH" -o "$WORK/answer" -w '%{http_code}' "$URL$1"; }
refused_at() { # DESCRIPTION: what stands there now is answered as no file, soon, by every door
	local path
	for path in "$2" "${@:3}"; do
		is "$1: $path" "$(ask "$path") $(grep -c 'the secret\|root:' "$WORK/answer")" '404 0'
	done
}
file_doors=("/ws/client/ji/files/$file" "$link")
log_doors=("/ws/client/ji/$id/stdout" "/ws/simple/stdout?id=$id" "/ws/client/ji/$id/stdout?attempt=1")
rm -f "$stored" "$log"
refused_at "nothing" "${file_doors[@]}" "${log_doors[@]}"
ln -s "$WORK/secret" "$stored"; ln -s "$WORK/secret" "$log"
refused_at "a link" "${file_doors[@]}" "${log_doors[@]}"
rm -f "$stored" "$log"; ln -s ../../../etc/passwd "$log"; ln -s "$(basename "$stored").x" "$stored"
refused_at "a relative link" "${file_doors[@]}" "${log_doors[@]}"
rm -f "$stored" "$log"; mkfifo "$stored" "$log"
refused_at "a pipe" "${file_doors[@]}" "${log_doors[@]}"
rm -f "$stored" "$log"; mkdir "$stored" "$log"
refused_at "a directory" "${file_doors[@]}" "${log_doors[@]}"
rmdir "$stored" "$log"
mv "$(dirname "$log")" "$(dirname "$log").away"; mkdir "$WORK/dir"; cp "$WORK/secret" "$WORK/dir/$(basename "$log")"; ln -s "$WORK/dir" "$(dirname "$log")"
refused_at "a directory that is a link" "${log_doors[@]}"
rm "$(dirname "$log")"; mv "$(dirname "$log").away" "$(dirname "$log")"
for path in ../root-password /etc/passwd ../../etc/passwd ./x 'a//b' $'a\nb' $'a\r\nX-Evil: 1' '.' '..' 'x?y' 'x%2e%2e'; do
	sql "UPDATE jqm.deliverable SET path = \$p\$$path\$p\$ WHERE id = $file"
	like "a path in the table that is none of ours: $(printf '%q' "$path")" "$(ask "/ws/client/ji/files/$file") $(grep -c 'root' "$WORK/answer")" '^(404|500) 0$'
done

# Names that jobs choose end up in headers.
id=$(run_job Names 'cd "$JQM_JI_DELIVERY_DIR" && i=0 && for n in "$(printf "a\r\nX-Evil: 1\r\n\r\n<b>")" "$(printf "tab\tx")" "quote\"; filename=evil.exe; x=\"" "back\\slash" "semi;colon" "$(printf "esc\033[2J")" "$(printf "\303\251\342\202\254")" "$(printf "\377\376")" ".hidden" "..x" "%0d%0aX-Evil: 1" "$(head -c 250 /dev/zero | tr "\0" n)" "-rf" " blank " "con.txt" "$(printf "\342\200\256gpj.exe")"; do echo data > "./$n" && i=$((i + 1)); done; echo $i')
left=$(api GET "/ws/client/ji/$id/stdout")
taken=0
wrong=''
while read -r guid; do
	taken=$((taken + 1))
	curl -sS -m 10 -u "$AUTH" -D "$WORK/headers" -o "$WORK/body" "$URL/ws/simple/file?id=$guid"
	[ "$(cat "$WORK/body")" = data ] || wrong="$wrong body:$guid"
	LC_ALL=C grep -qai '^x-evil' "$WORK/headers" && wrong="$wrong header:$guid"
	[ "$(grep -ci '^content-disposition: attachment; filename=' "$WORK/headers")" -eq 1 ] || wrong="$wrong disposition:$guid"
	# one quoted name, then its encoded form, nothing behind it; no byte that is not ASCII
	tr -d '\r' <"$WORK/headers" | grep -i '^content-disposition' | LC_ALL=C grep -Eqx "[^:]*: attachment; filename=\"([^\"\\\\]|\\\\.)*\"(; filename\*=UTF-8''[A-Za-z0-9%._~!#\$&+^\`|-]*)?" || wrong="$wrong form:$(tr -d '\r' <"$WORK/headers" | grep -i '^content-disposition')"
	LC_ALL=C grep -qaP '[^\x20-\x7e\r\n]' "$WORK/headers" && wrong="$wrong bytes:$guid"
done < <(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $id")
is "no name splits or bends an answer" "$wrong" ''
ok "most of the $left names were taken: $taken" [ "$taken" -ge 12 ]
is "names in a list are JSON" "$(json GET "/ws/client/ji/$id/files" | jq length)" "$taken"

# GUIDs: 122 random bits of the system's, in order of nothing; known ones tell nothing of others.
is "GUIDs are random ones" "$(sql "SELECT count(*) FROM jqm.deliverable WHERE random_id::text !~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\$'")" 0
is "no two begin alike" "$(sql "SELECT count(*) - count(DISTINCT left(random_id::text, 8)) FROM jqm.deliverable")" 0
is "a GUID alone opens nothing" "$(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/simple/file?id=$(sql "SELECT random_id FROM jqm.deliverable LIMIT 1")")" 401
is "the runner works on" "$(wait_job "$(enqueue Leaves)" && echo yes)" yes
done_testing
