#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bodies that mean no good at the doors beside those of client and admin API: sessions, the caller's own account, its
# certificates, and whatever takes a form.  A clear error, nothing made, and the next good request is answered.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/hostile.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
define Plain true
held=$(json POST /ws/client/ji -H 'Content-Type: application/json' -d '{"applicationName":"Plain","startState":"HOLDED"}' | jq .id)
everything() { sql "SELECT (SELECT string_agg(id || state, ' ' ORDER BY id) FROM jqm.job_instance), (SELECT count(*) FROM jqm.message), (SELECT md5(string_agg(a::text, ' ' ORDER BY id)) FROM jqm.account AS a), (SELECT count(*) FROM jqm.account_session), (SELECT count(*) FROM jqm.account_totp), (SELECT count(*) FROM jqm.certificate)"; }
cd "$WORK" || exit 1
before=$(everything)

# JSON.  Each door from an address of its own: what has a login in it may count as a guess.
bad_json json
printf '{"login":5,"password":[],"code":{},"oldPassword":true,"newPassword":5,"days":"x"}' >json/types
printf '{"login":"a\\u0000","password":"\\u0000","code":"\\u0000","newPassword":"a\\u0000b","days":-1}' >json/nul-in-each
printf '{"login":"root","login":"root","password":"a","password":"b","days":1,"days":2}' >json/each-twice
printf '{"login":"%s","password":"%s","code":"%s","newPassword":"%s","days":99999999999}' "$(repeat x 100000)"{,,,} >json/long-texts
n=10
while read -r method path; do
	n=$((n + 1))
	bad=(json/*)
	[ "${path##*/}" != certificate ] || bad=("${bad[@]/json\/objects/json/types}") # it knows none of those members, and needs none
	is "$method $path refuses every bad JSON" "$(MORE="interface = \"127.0.0.$n\"" not_refused "$method" "$path" application/json "${bad[@]}")" ''
	is "$method $path: 100 MB, in chunks, cut off" "$(too_much "$method" "$path" application/json)" "413 413 400"
	is "$method $path refuses other types" "$(code "$method" "$path" -H 'Content-Type: text/csv' -d 'a,b') $(code "$method" "$path" -d 'a=b')" "415 415"
done <<'END'
POST /ws/session
PUT /ws/account/password
POST /ws/account/totp
POST /ws/account/totp/confirm
POST /ws/account/totp/disable
POST /ws/admin/user/1/certificate
END

# Forms.
forms() { # DIR FIELD
	mkdir "$1" && cd "$1" || exit 1
	printf '' >empty
	printf '%s' "$2" >no-value
	printf '%s=' "$2" >empty-value
	printf '%s=a&%s=b' "$2" "$2" >twice
	printf '%s=Pl%%00ain' "$2" >nul
	printf '%s=Pl\0ain' "$2" >nul-byte
	printf '%s=%%ff%%fe' "$2" >no-utf8
	printf '%s=\xff' "$2" >no-utf8-byte
	printf '%s=%%zz' "$2" >escape
	printf '%s=%%4' "$2" >escape-cut-off
	printf '%%ff=a&%s=Plain' "$2" >name-no-utf8
	printf '%%00=a&%s=Plain' "$2" >name-nul
	{ repeat 'a\&' 1500; printf '%s=Plain' "$2"; } >many
	printf '{"%s":"Plain"}' "$2" >json
	cd ..
}
while read -r path field; do
	n=$((n + 1))
	forms "form.$field" "$field"
	is "POST $path refuses every bad form" "$(MORE="interface = \"127.0.0.$n\"" ACCEPT='*/*' not_refused POST "$path" application/x-www-form-urlencoded "form.$field"/*)" ''
	is "POST $path: 100 MB, in chunks, cut off" "$(too_much POST "$path" application/x-www-form-urlencoded)" "413 413 400"
	is "POST $path refuses other types" "$(code POST "$path" -H 'Content-Type: text/csv' -d 'a,b') $(code POST "$path" -H 'Content-Type: application/json' -d '{}')" "415 415"
done <<END
/auth/login.html username
/ws/client/ji/$held/messages text
/ws/simple/ji applicationname
END
for parent in -1 -9223372036854775808 9223372036854775808 99999999999999999999 1.5 1e3 0x10 x '%00' '%ff' '1&parentid=1'; do
	printf 'applicationname=Plain&parentid=%s' "$parent" >"parent ${parent//[%&]/_}"
done
is "a parent that is none is refused" "$(ACCEPT='*/*' not_refused POST /ws/simple/ji application/x-www-form-urlencoded parent*)" ''

is "nothing was made, nothing changed" "$(everything)" "$before"
is "the next good ones are answered" "$(log_in root root "${AUTH#*:}") $(code POST "/ws/client/ji/$held/messages" -d text=a) $(code POST /ws/simple/ji -d applicationname=Plain -d "parentid=$held") $(code GET /ws/account/totp)" "204 204 200 200"
nok "and nothing failed" grep -q ' status=5' "$HOME_DIR/log/jqm-fcgi.log"
done_testing
