#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Links that open one file without an account: for a time, as long as their maker could open it, until revoked.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Leaves 'for f in one two; do echo "text of $f" > "$JQM_JI_DELIVERY_DIR/$f.txt"; done'
id=$(enqueue Leaves)
ok "a job left two files" wait_job "$id"
one=$(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $id AND original_file_name = 'one.txt'")
two=$(sql "SELECT id FROM jqm.deliverable WHERE job_instance_id = $id AND original_file_name = 'two.txt'")
guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE id = $one")
account() { # LOGIN PERMISSIONS: with root's password
	sql "INSERT INTO jqm.account (login, password_hash) SELECT '$1', password_hash FROM jqm.account WHERE login = 'root';
		INSERT INTO jqm.role (name, permissions) VALUES ('role of $1', '{$2}');
		INSERT INTO jqm.account_role SELECT a.id, r.id FROM jqm.account a, jqm.role r WHERE a.login = '$1' AND r.name = 'role of $1'"
}
account maker files:read
account other files:read
account limited files:read@queue=ELSEWHERE
as() { # LOGIN METHOD PATH
	curl -sS -m 30 -u "$1:${AUTH#*:}" -X "$2" "$URL$3"
}
as_code() { curl -sS -m 30 -u "$1:${AUTH#*:}" -X "$2" -o /dev/null -w '%{http_code}' "$URL$3"; }
link() { as "${1:-maker}" POST "/ws/client/ji/files/${2:-$one}/link${3:-}" | jq -r .url; }
open_link() { curl -sS -m 30 "$URL$1"; }
opens() { curl -sS -m 30 -o /dev/null -w '%{http_code}' "$URL$1"; }

url=$(link)
like "a link is an address of this server" "$url" '^/ws/simple/link\?token=[0-9]+\.[0-9a-f]{64}$'
is "it opens the file without an account" "$(open_link "$url")" 'text of one'
like "as a download, under the name its job gave it" "$(curl -sS -D - -o /dev/null "$URL$url" | tr -d '\r')" '^Content-Disposition: attachment; filename="one\.txt"'
disposition() { curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/client/ji/files/$one${1-}" | tr -d '\r' | sed -n 's/^Content-Disposition: attachment; \(filename="[^"]*"\).*/\1/p'; }
is "JQM's clients get JQM's name, who asks for it the original one" "$(disposition) $(disposition '?name=original')" "filename=\"one.txt.$one.txt\" filename=\"one.txt\""
is "no other" "$(code GET "/ws/client/ji/files/$one?name=evil")" 400
is "by its GUID, too" "$(open_link "$(link maker "$guid")")" 'text of one'
is "parts of it" "$(curl -sS -m 30 -r 8-9 "$URL$url")" 'on'
like "for a day" "$(sql "SELECT max(expires_at) - now() FROM jqm.file_link")" '^(23:59:[0-9.]+|24:00:00|1 day)$'
like "for as long as it was asked" "$(link maker "$one" '?seconds=90' >/dev/null; sql "SELECT min(expires_at) - now() FROM jqm.file_link")" '^00:01:'
is "not longer than the server likes" "$(as_code maker POST "/ws/client/ji/files/$one/link?seconds=604801")" 400
is "and not for no time" "$(as_code maker POST "/ws/client/ji/files/$one/link?seconds=0")" 400
is "who may not read the file gives no link" "$(as_code limited POST "/ws/client/ji/files/$one/link")" 404
is "nor to a file that is not there" "$(as_code maker POST /ws/client/ji/files/99999999/link)" 404
is "nor does a page of another site" "$(curl -sS -o /dev/null -w '%{http_code}' -X POST -u "maker:${AUTH#*:}" -H 'Origin: http://evil.example' "$URL/ws/client/ji/files/$one/link")" 403

# Tampering: each character of the token changed, one at a time; the id of another link; another file.
token=${url#*=}
opened=''
for ((i = 0; i < ${#token}; i++)); do
	char=${token:i:1}
	[ "$char" = . ] && continue
	other=$(((16#$char + 1) % 10))
	[ "$other" != "$char" ] || other=$(((other + 1) % 10))
	status=$(opens "/ws/simple/link?token=${token:0:i}$other${token:i+1}")
	[ "$status" = 404 ] || opened="$opened $i:$status"
done
is "a changed token opens nothing" "$opened" ''
for bad in '' . 1. ".${token#*.}" "1.${token#*.}x" "%00" "$token%00" "$token." "0$token" "+${token}" "99999999999999999999.${token#*.}" "1'--" "1.$(head -c 64 /dev/zero | tr '\0' A)" "$(head -c 3000 /dev/zero | tr '\0' 1).a"; do
	like "\"${bad:0:30}\" opens nothing" "$(opens "/ws/simple/link?token=$bad")" '^40[04]$'
done
is "a signature is of one link" "$(second=$(link other "$two"); second=${second#*=}; opens "/ws/simple/link?token=${second%.*}.${token#*.}")" 404
is "a link that was made another file's opens nothing" "$(moved=$(link); n=${moved#*=}; sql "UPDATE jqm.file_link SET deliverable_id = $two WHERE id = ${n%.*}"; opens "$moved")" 404
is "one that was made longer neither" "$(longer=$(link); n=${longer#*=}; sql "UPDATE jqm.file_link SET expires_at = expires_at + interval '1 day' WHERE id = ${n%.*}"; opens "$longer")" 404
is "no token is none" "$(code GET "/ws/simple/link")" 404
is "all say the same" "$(open_link '/ws/simple/link?token=1.0' | jq -r .userReadableMessage)" 'this link opens nothing (any more)'

# The end of a link.
short=$(link maker "$one" '?seconds=1')
expired() { [ "$(opens "$short")" = 404 ]; }
ok "it expires" wait_for 20 expired
is "replayed, it opens nothing" "$(opens "$short")" 404
sql "UPDATE jqm.role SET permissions = '{jd:read}' WHERE name = 'role of maker'"
is "who lost the permission has lost the links" "$(opens "$url")" 404
sql "UPDATE jqm.role SET permissions = '{files:read@definition=Other}' WHERE name = 'role of maker'"
is "a limit counts for links as well" "$(opens "$url")" 404
sql "UPDATE jqm.role SET permissions = '{files:read@definition=Leaves}' WHERE name = 'role of maker'"
is "and lets pass what it covers" "$(opens "$url")" 200
sql "UPDATE jqm.account SET locked = true WHERE login = 'maker'"
is "a locked account's links open nothing" "$(opens "$url")" 404
sql "UPDATE jqm.account SET locked = false WHERE login = 'maker'"
is "it opens again" "$(opens "$url")" 200
theirs=$(link other)
is "revoking ends one's own" "$(as maker DELETE "/ws/client/ji/files/$one/link" | jq '. >= 1') $(opens "$url") $(opens "$theirs")" 'true 404 200'
is "an administrator's ends all of the file" "$(link root "$two" >/dev/null; as root DELETE "/ws/client/ji/files/$one/link") $(opens "$theirs")" '1 404'
theirs=$(link other)
sql "SELECT jqm.file_link_revoke_all()" >/dev/null
is "a new key ends all there are" "$(opens "$theirs")" 404
theirs=$(link other)
sql "DELETE FROM jqm.account WHERE login = 'other'"
is "so does the end of the account" "$(opens "$theirs")" 404
# What goes wrong behind a link is in no log either, where others' faults are, with their addresses.
error_log=$HOME_DIR/log/nginx-error.log
url=$(link)
token=${url#*=}
path=$HOME_DIR/outputfiles/$(sql "SELECT path FROM jqm.deliverable WHERE id = $one")
chmod 000 "$path"
is "a file nginx cannot read" "$(opens "$url") $(as_code maker GET "/ws/client/ji/files/$one")" '404 404'
ok "is told in the log" wait_for 20 grep -q "Permission denied.*/ws/client/ji/files/$one" "$error_log"
chmod 644 "$path"
socket=$(find "$HOME_DIR" -type s -name '*fcgi*')
mv "$socket" "$socket.away"
is "nobody behind nginx" "$(opens "$url") $(as_code maker GET "/ws/client/ji/files/$one?after")" '502 502'
mv "$socket.away" "$socket"
ok "is told as well" wait_for 20 grep -q "No such file.*/ws/client/ji/files/${one}[?]after" "$error_log"
is "the link opens again" "$(opens "$url")" 200
unlike "tokens are in no log" "$(cat "$HOME_DIR"/log/*)" "${token#*.}"

# The command line.
address=$("$JQM" link "$guid" --for 1h 2>"$WORK/until")
is "jqm link prints a whole address" "$(curl -sS "$address")" 'text of one'
like "and until when" "$(cat "$WORK/until")" '^until 20'
like "as JSON" "$("$JQM" --json link "$one" | jq -r .url)" '^/ws/simple/link'
is "jqm link --revoke (and that of the account that is gone)" "$("$JQM" link "$guid" --revoke)" '4 links revoked'
is "ends it" "$(curl -sS -o /dev/null -w '%{http_code}' "$address")" 404
done_testing
