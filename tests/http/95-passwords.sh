#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Passwords: which may be set, by whom; JQM's hashes work and are renewed; a second factor.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
old='dusty lamp over the river' new='seven brown birds went'
account bob "$old"
id=$ACCOUNT
basic() { curl -sS -m 30 -o /dev/null -w '%{http_code}' -u "$1:$2" "$URL/ws/client/q"; }

# What may be set.
change() { in_session "$1" PUT /ws/account/password -d "$(jq -nc --arg o "$2" --arg n "$3" --arg c "${4-}" '{oldPassword: $o, newPassword: $n, code: $c}')"; }
change_code() { change "$@" >/dev/null; api_status; }
log_in one bob "$old" >/dev/null
says() { jq -r .userReadableMessage; }
like "a short one is refused" "$(change one "$old" 'gT7#kq9!Zw2' | says)" 'newPassword": 11 characters, at least 12'
like "a common one too" "$(change one "$old" Password2026 | says)" 'guessers try'
like "and the login" "$(change one "$old" bob-bob-bob-bob | says)" 'guessers try'
like "also when the administrator sets it" "$(send PUT "/ws/admin/user/$id" '{"login":"bob","roles":[4],"newPassword":"Password2026"}' | says)" 'guessers try'
is "the old one must be known" "$(change_code one wrong "$new") $(change_code one '' "$new")" "403 403"
like "neither is told in a log" "$(grep -c "Password2026\|$new" "$HOME_DIR"/log/*.log | tr '\n' ' ')" '^([^ ]*:0 )+$'
is "nothing was changed" "$(basic bob "$old")" 200

# Change it.
log_in two bob "$old" >/dev/null
token=$(token_of one)
is "changed by who knows the old one, who stays logged in" "$(change_code one "$old" "$new") $(me_of one)" "204 bob"
is "under another token" "$(curl -sS -o /dev/null -w '%{http_code}' -b "jqm-session=$token" "$URL/ws/client/q")" 401
is "everybody else is out" "$(me_of two)" 401
is "the new one counts at once, the old one no more" "$(basic bob "$new") $(basic bob "$old")" "200 401"
long=ß€x$(head -c 200 /dev/urandom | base64 -w0 | tr -d '/+=' | head -c 125)
is "128 characters of any kind" "$(change_code one "$new" "$long") $(basic bob "$long") $(change_code one "$long" "$new")" "204 200 204"
is "a technical or anonymous caller changes nobody's" "$(curl -sS -o /dev/null -w '%{http_code}' -X PUT -H 'Content-Type: application/json' -d '{"oldPassword":"x","newPassword":"y"}' "$URL/ws/account/password")" 401

# JQM's own: SHA-512, 100,000 times.
jqm_hash=$(python3 -c '
import hashlib
salt = bytes(range(16))
h = hashlib.sha512(salt + "s3cret-é".encode()).digest()
for _ in range(99999): h = hashlib.sha512(h).digest()
print("$jqm-sha512$" + salt.hex() + "$" + h.hex())')
sql "INSERT INTO jqm.account (login, password_hash) VALUES ('old', '$jqm_hash')" >/dev/null
sql "INSERT INTO jqm.account_session (token_hash, account_id, idle_s, ends_at, address, tls)
     SELECT sha256('x'), id, 3600, now() + interval '1 h', '', false FROM jqm.account WHERE login = 'old'" >/dev/null
is "a password out of JQM opens" "$(basic old 's3cret-é')" 403
like "and is stored as ours from then on" "$(sql "SELECT password_hash FROM jqm.account WHERE login = 'old'")" '^\$scrypt\$'
is "which ends no session" "$(sql "SELECT count(*) FROM jqm.account_session AS s JOIN jqm.account AS a ON a.id = s.account_id WHERE login = 'old'")" 1
is "and opens as before" "$(basic old 's3cret-é') $(basic old wrong)" "403 401"
sql "UPDATE jqm.account SET password_hash = '$jqm_hash' WHERE login = 'old'" >/dev/null
is "also for a session" "$(log_in old old 's3cret-é') $(me_of old)" "204 old"

# On the server.
reset() { "$JQM" user reset-password "$@" --home "$HOME_DIR"; }
one_time=$(reset bob)
like "reset on the server: a random one is printed" "$one_time" '^[A-Za-z0-9]{24}$'
is "it opens, and ends all sessions" "$(basic bob "$one_time") $(basic bob "$new") $(me_of one)" "200 401 401"
printf '%s\n' "$new" >"$WORK/new"
chmod 600 "$WORK/new"
is "or one out of a file" "$(reset bob --password-file "$WORK/new") $(basic bob "$new")" " 200"
printf 'Password2026\n' >"$WORK/common"
chmod 600 "$WORK/common"
like "which must be a good one" "$(reset bob --password-file "$WORK/common" 2>&1)" 'guessers try'
like "nobody of that name" "$(reset nobody 2>&1)" 'there is no account "nobody"'
sql "UPDATE jqm.account SET locked = true WHERE id = $id" >/dev/null
reset bob --password-file "$WORK/new"
is "a lock stays" "$(basic bob "$new")" 401
reset bob --unlock --password-file "$WORK/new"
is "unless told" "$(basic bob "$new")" 200
account second "$old" administrator
sql "UPDATE jqm.account SET locked = true, password_hash = 'x' WHERE login = 'root';
     DELETE FROM jqm.account_role WHERE account_id = 1" >/dev/null
root=$(reset root)
is "root is root again, whatever was done to it" "$(curl -sS -u "root:$root" "$URL/ws/admin/me" | jq -c .permissions)" '["*:*"]'
# shellcheck disable=SC2034 # stack.sh uses it
AUTH=root:$root

# A second factor.
log_in one bob "$new" >/dev/null
is "there is none at first" "$(in_session one GET /ws/account/totp)" '{"enabled":false,"recoveryCodesLeft":0}'
in_session one POST "/ws/account/totp" -d '{"password":"wrong"}' >/dev/null
is "an open session alone makes none" "$(api_status)" 403
answer=$(in_session one POST "/ws/account/totp" -d "{\"password\":\"$new\"}")
secret=$(jq -r .secret <<<"$answer")
like "a secret, once, also as authenticators read it" "$answer" "\"uri\":\"otpauth://totp/JQM:bob\?secret=$secret&issuer=JQM\""
is "it does not count before its first code" "$(basic bob "$new")" 200
in_session one POST "/ws/account/totp/confirm" -d '{"code":"000000"}' >/dev/null
is "a wrong first code" "$(api_status)" 400
log_in elsewhere bob "$new" >/dev/null
codes=$(in_session one POST "/ws/account/totp/confirm" -d "{\"code\":\"$(totp "$secret")\"}" | jq -r '.recoveryCodes[]')
is "the right one: ten codes for a lost device" "$(wc -l <<<"$codes") $(in_session one GET /ws/account/totp)" '10 {"enabled":true,"recoveryCodesLeft":10}'
is "who had logged in without it elsewhere has to log in again" "$(me_of elsewhere) $(me_of one)" "401 bob"
in_session one POST "/ws/account/totp" -d "{\"password\":\"$new\",\"code\":\"$(totp "$secret" 1)\"}" >/dev/null
is "another one cannot be put over it" "$(api_status)" 409
is "the password alone opens nothing" "$(basic bob "$new") $(log_in two bob "$new")" "401 401"
like "a login is told what is missing" "$(cat "$WORK/two.body")" '"userMessageKey":"secondFactorNeeded"'
is "but not with a wrong password" "$(log_in two bob "$old"; grep -c secondFactorNeeded "$WORK/two.body")" "4010"
code=$(sql "UPDATE jqm.account_totp SET last_step = 0" >/dev/null; totp "$secret")
is "password and code" "$(log_in two bob "$new" "$code") $(me_of two)" "204 bob"
is "a code opens once" "$(log_in three bob "$new" "$code")" 401
is "a code that is over, or of another device" "$(log_in three bob "$new" "$(totp "$secret" -5)") $(log_in three bob "$new" "$(totp GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ)")" "401 401"
recovery=$(head -1 <<<"$codes")
is "a code for a lost device, once" "$(log_in three bob "$new" "$recovery") $(log_in four bob "$new" "$recovery")" "204 401"
is "one less is left" "$(in_session three GET /ws/account/totp | jq .recoveryCodesLeft)" 9
is "the form takes it too" "$(curl -sS -o /dev/null -w '%{http_code}' --data-urlencode username=bob --data-urlencode "password=$new" --data-urlencode "code=$(sed -n 2p <<<"$codes")" "$URL/auth/login.html")" 302
is "a password is changed with a code" "$(change_code three "$new" "$old") $(change_code three "$new" "$old" "$(sed -n 3p <<<"$codes")")" "403 204"
disable() { in_session three POST /ws/account/totp/disable -d "{\"password\":\"$old\",\"code\":\"$1\"}" >/dev/null; api_status; }
is "it is given up with password and code" "$(disable 111111) $(disable "$(sed -n 4p <<<"$codes")") $(basic bob "$old")" "403 204 200"
sql "INSERT INTO jqm.account_totp (account_id, secret, confirmed) VALUES ($id, sha256('s')::bytea, true)" 2>/dev/null
sql "INSERT INTO jqm.account_totp (account_id, secret, confirmed) VALUES ($id, substr(sha256('s'), 1, 20), true)" >/dev/null
is "an administrator takes a lost one away" "$(basic bob "$old") $(code DELETE "/ws/admin/user/$id/totp") $(basic bob "$old") $(code DELETE "/ws/admin/user/$id/totp")" "401 204 200 404"

# An administrator's session, found open: his own password and second factor take the doors of one's own account.
boss=$(sql "SELECT id FROM jqm.account WHERE login = 'second'")
log_in boss second "$old" >/dev/null
own() { in_session boss "$1" "$2" -d "$3" | says; }
mine="\"login\":\"second\",\"roles\":[1]"
like "a session does not set its account's password as an administrator's" "$(own PUT "/ws/admin/user/$boss" "{$mine,\"newPassword\":\"$new\"}")" 'PUT /ws/account/password'
like "by whatever number the body has" "$(own PUT "/ws/admin/user/$boss" "{\"id\":1,$mine,\"newPassword\":\"$new\"}")" 'PUT /ws/account/password'
like "nor by POST" "$(own POST /ws/admin/user "{\"id\":$boss,$mine,\"newPassword\":\"$new\"}")" 'PUT /ws/account/password'
like "nor by making the account anew in a list" "$(own PUT /ws/admin/user "[{$mine,\"newPassword\":\"$new\"}]")" 'PUT /ws/account/password'
is "anything else it may" "$(session_code boss PUT "/ws/admin/user/$boss" -d "{$mine,\"email\":\"b@example.org\"}") $(session_code boss PUT "/ws/admin/user/$id" -d "{\"login\":\"bob\",\"roles\":[4],\"newPassword\":\"$new\"}")" "204 204"
is "nothing of that has changed the password" "$(basic second "$old")" 200
sql "INSERT INTO jqm.account_totp (account_id, secret, confirmed) VALUES ($boss, substr(sha256('s'), 1, 20), true)" >/dev/null
like "nor does a session take its account's second factor away" "$(own DELETE "/ws/admin/user/$boss/totp" '')" 'POST /ws/account/totp/disable'
is "which is there" "$(in_session boss GET /ws/account/totp | jq .enabled)" true
sql "DELETE FROM jqm.account_totp WHERE account_id = $boss" >/dev/null
# shellcheck disable=SC2034 # of stack.sh
AUTH=second:$old
is "who sends the password with the request has shown that he knows it" "$(send_code PUT "/ws/admin/user/$boss" "{$mine,\"newPassword\":\"$new\"}") $(basic second "$new")" "204 200"
done_testing
