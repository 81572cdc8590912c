#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A log over its limit, while the job runs and after: no byte that the job did not write is ever sent.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

# Lines of 64 bytes with their number; the limit keeps 16384 bytes of the beginning and 49152 of the end.
define Long 'seq -f %063.0f 0 31249; while [ ! -e "go-$JQM_JI_ID" ]; do sleep 0.05; done; seq -f %063.0f 31250 62499'
sql "UPDATE jqm.job_def SET log_max_bytes = 65536" >/dev/null
id=$(enqueue Long)
log=$HOME_DIR/joblogs/$((id / 1000))/$(printf '%010d' "$id").stdout.log
is_cut() { [ "$(stat -c %s "$log")" = 2000000 ] && [ $(($(stat -c %b "$log") * 512)) -lt 100000 ]; }
ok "a log over its limit loses its middle" wait_for 20 is_cut
is "while the job runs" "$(job_state "$id")" RUNNING
line() { printf '%063d' "$1"; }
nuls() { tr -dc '\0' <"$1" | wc -c; }

url=/ws/client/ji/$id/stdout
api GET "$url" -D "$WORK/headers" >"$WORK/whole"
like "it is answered with status 200" "$(head -1 "$WORK/headers")" ' 200 '
like "and cannot be asked for in ranges" "$(cat "$WORK/headers")" 'Accept-Ranges: none'
unlike "of a length nobody knows before" "$(cat "$WORK/headers")" 'Content-Length'
like "under its name" "$(cat "$WORK/headers")" "Content-Disposition: attachment; filename=\"?$id.stdout.txt"
is "without a byte that was not written" "$(nuls "$WORK/whole")" 0
is "head first" "$(head -1 "$WORK/whole") $(sed -n 256p "$WORK/whole")" "$(line 0) $(line 255)"
like "then a line about the rest" "$(sed -n '257,258p' "$WORK/whole" | tail -1)" '^\[\.\.\. [0-9]* bytes cut out here by JQM: the log is longer than its limit \.\.\.\]$'
is "then the tail" "$(tail -1 "$WORK/whole")" "$(line 31249)"
is "in whole lines" "$(sed 1,258d "$WORK/whole" | grep -cvE '^[0-9]{63}$')" 0
like "and little else" "$(stat -c %s "$WORK/whole")" '^[67][0-9]{4}$'
api GET "/ws/simple/stdout?id=$id" >"$WORK/simple"
ok "so it is by the simple API" cmp "$WORK/whole" "$WORK/simple"
head=$(curl -sS -I -u "$AUTH" "$URL$url")
like "HEAD answers the same" "$head" ' 200 OK'
unlike "without a length" "$head" 'Content-Length'

range() { api GET "$url" -D "$WORK/headers" "$@" >"$WORK/range"; sed -n '1s/[^ ]* \([0-9]*\).*/\1/p' "$WORK/headers"; }
is "a range of the head is sent as ever" "$(range -r 64-126) $(cat "$WORK/range")" "206 $(line 1)"
is "so is one of the tail, where it was written" "$(range -r 1999936-1999998) $(cat "$WORK/range")" "206 $(line 31249)"
is "and the last bytes" "$(range -r -64) $(cat "$WORK/range")" "206 $(line 31249)"
is "and one behind the end" "$(range -r 2000000-)" 416
for r in 0- 16000-17000 100000-200000 1000000-; do
	is "a range over the gap gets the whole: $r" "$(range -r $r) $(nuls "$WORK/range") $(head -1 "$WORK/range")" "200 0 $(line 0)"
done
is "so do several ranges" "$(range -r 0-9,20-29) $(nuls "$WORK/range")" "200 0"
is "and a range of something else" "$(range -r 0-9 -H 'If-Range: "x"') $(nuls "$WORK/range")" "200 0"

# Who follows it counts what the job wrote.
url="/ws/client/ji/$id/stdout?offsets=written"
content_range() { tr -d '\r' <"$WORK/headers" | sed -n 's/^Content-Range: //p'; }
is "a piece ends where the gap begins" "$(range -r 0-) $(content_range)" "206 bytes 0-16383/2000000"
like "the next one begins where it ends" "$(range -r 16384-) $(content_range)" '^206 bytes 19[0-9]{5}-1999999/2000000$'
is "to the end" "$(tail -1 "$WORK/range") $(nuls "$WORK/range")" "$(line 31249) 0"
is "where nothing is yet" "$(range -r 2000000-) $(content_range)" "416 bytes */2000000"
like "it says whose log it is" "$(cat "$WORK/headers")" 'JQM-Attempt: 1'
is "without a range it is refused" "$(code GET "$url")" 400
is "and with another word" "$(code GET "/ws/client/ji/$id/stdout?offsets=read" -r 0-)" 400

touch "$HOME_DIR/jobs/go-$id"
ok "the job goes on to its end" wait_job "$id"
is "which is a good one" "$(job_state "$id")" ENDED
is "and its messages say what was cut" "$(sql "SELECT text_message FROM jqm.message WHERE job_instance_id = $id")" \
	'stdout was longer than 65536 bytes: of what it wrote, 3934464 bytes behind byte 16384 were cut out'
url=/ws/client/ji/$id/stdout
api GET "$url" -D "$WORK/headers" >"$WORK/whole"
like "now it is a file like any other" "$(cat "$WORK/headers")" "Content-Length: $(stat -c %s "$log")"
is "head, a line, tail" "$(sed -n '1p;256p;258p;259p;$p' "$WORK/whole")" "$(line 0)
$(line 255)
[... 3934464 bytes cut out here by JQM: the log was longer than 65536 bytes ...]
$(line 61732)
$(line 62499)"
is "without a byte that was not written" "$(nuls "$WORK/whole")" 0
is "and without a hole" "$(($(stat -c %b "$log") * 512 >= $(stat -c %s "$log")))" 1
is "with ranges" "$(range -r -64) $(cat "$WORK/range")" "206 $(line 62499)"
url="/ws/client/ji/$id/stdout?offsets=written"
is "who follows goes on where it was" "$(range -r 3999936-) $(content_range) $(cat "$WORK/range")" "206 bytes 3999936-3999999/4000000 $(line 62499)"
is "also from inside of the gap" "$(range -r 2000000-) $(content_range) $(head -1 "$WORK/range")" "206 bytes 3950848-3999999/4000000 $(line 61732)"
is "to the end" "$(range -r 4000000-) $(content_range)" "416 bytes */4000000"
is "nothing is left beside it" "$(find "$HOME_DIR/joblogs" -name '*.cut' | wc -l)" 0
done_testing
