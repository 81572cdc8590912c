#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Accounts and roles by the admin API; changes count at once; nobody can lock the last administrator out.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
root_auth=$AUTH
as() { AUTH=$1; }
me() { curl -sS -m 30 -u "$1" -o /dev/null -w '%{http_code}' "$URL/ws/admin/me"; }
user() { json GET "/ws/admin/user/$1" | jq -c "[$2]"; }
root='"login":"root","roles":[1]'

is "root is there, without any trace of a password" "$(json GET /ws/admin/user | jq -c 'map(del(.creationDate))')" \
	'[{"id":1,"login":"root","newPassword":null,"certificateThumbprint":null,"locked":false,"internal":false,"expirationDate":null,"freeText":"administrator","email":null,"roles":[1],"hasPassword":true,"builtIn":true}]'
is "an account is made" "$(send_code POST /ws/admin/user '{"login":"bob","email":"bob@example.org","freeText":"Bob","newPassword":"lamp-7-grows-moss","roles":[3,4],"expirationDate":"2033-12-31T00:00:00Z"}')" 204
is "its dates are numbers" "$(user 2 '.login,.email,.freeText,.roles,.locked,.expirationDate,(.creationDate | type)')" '["bob","bob@example.org","Bob",[3,4],false,2019600000000,"number"]'
is "it can log in" "$(me bob:lamp-7-grows-moss)" 200
is "one without a password cannot" "$(send_code POST /ws/admin/user '{"login":"eve"}') $(user 3 .hasPassword,.roles) $(me eve:)" '204 [false,[]] 401'
is "a date sent as a number" "$(send_code PUT /ws/admin/user/2 '{"login":"bob","roles":[3],"expirationDate":1893456000000}') $(user 2 .expirationDate,.email,.roles)" '204 [1893456000000,null,[3]]'
is "another password" "$(send_code PUT /ws/admin/user/2 '{"login":"bob","roles":[3],"newPassword":"zwei&ü€&drei-Hüte"}')" 204
is "counts at once, and the old one no more" "$(me 'bob:zwei&ü€&drei-Hüte') $(me bob:lamp-7-grows-moss)" "200 401"
is "none, or an empty one, changes nothing" "$(send_code PUT /ws/admin/user/2 '{"login":"bob","roles":[3],"newPassword":""}') $(send_code PUT /ws/admin/user/2 '{"login":"bob","roles":[3],"newPassword":null}') $(me 'bob:zwei&ü€&drei-Hüte')" "204 204 200"
is "locked" "$(send_code PUT /ws/admin/user/2 '{"login":"bob","roles":[3],"locked":true}') $(me 'bob:zwei&ü€&drei-Hüte')" "204 401"
is "unlocked, expired" "$(send_code PUT /ws/admin/user/2 '{"login":"bob","roles":[3],"expirationDate":1000}') $(me 'bob:zwei&ü€&drei-Hüte')" "204 401"
is "set free, without roles" "$(send_code PUT /ws/admin/user/2 '{"login":"bob"}') $(curl -sS -u 'bob:zwei&ü€&drei-Hüte' "$URL/ws/admin/me" | jq -c .permissions)" '204 []'
refused "a login that is taken" 409 'field "login": "bob" is already used' POST /ws/admin/user '{"login":"bob"}'
refused "no login" 400 'field "login" is missing' POST /ws/admin/user '{"roles":[]}'
refused "a colon, which HTTP would cut" 400 'field "login" has a colon' POST /ws/admin/user '{"login":"a:b"}'
refused "what means a job" 400 'job-<number> means a job' POST /ws/admin/user '{"login":"job-12"}'
refused "a role that is none" 400 'field "roles": there is no role 99' PUT /ws/admin/user/2 '{"login":"bob","roles":[99]}'
refused "a role twice" 400 'field "roles" names a role twice' PUT /ws/admin/user/2 '{"login":"bob","roles":[3,3]}'
refused "a role that is no number" 400 'field "roles\[0\]": must be a whole number' PUT /ws/admin/user/2 '{"login":"bob","roles":["client"]}'
refused "a date that is none" 400 'field "expirationDate": "soon" is not a date' PUT /ws/admin/user/2 '{"login":"bob","expirationDate":"soon"}'
is "a date as 2.2's console sends it is that date" "$(send_code PUT /ws/admin/user/2 '{"login":"bob","roles":[3],"expirationDate":"31/12/2030"}') $(user 2 .expirationDate)" "204 [$(date -u -d 2030-12-31 +%s)000]"
refused "one that no calendar has" 400 'field "expirationDate": "2030-02-31" is not a date' PUT /ws/admin/user/2 '{"login":"bob","expirationDate":"31/02/2030"}'
refused "a password nobody could send" 400 'field "newPassword": 501 characters, at most 500' PUT /ws/admin/user/2 "{\"login\":\"bob\",\"newPassword\":\"$(printf 'x%.0s' {1..501})\"}"
most=xkqvbzjmwpfhrtlxkqvbz$(printf '𝄞%.0s' {1..479})
is "one of the most bytes can log in" "$(send_code PUT /ws/admin/user/2 "{\"login\":\"bob\",\"newPassword\":\"$most\"}") $(me "bob:$most")" "204 200"
is "creation date and kind of account stay" "$(send_code PUT /ws/admin/user/2 '{"login":"bob","internal":true,"creationDate":5,"builtIn":true}') $(user 2 '.internal,.builtIn,.creationDate > 5')" '204 [false,false,true]'
is "no answer and no log has a password" "$(grep -c 'zwei' "$HOME_DIR"/log/*.log | grep -vc ':0$')" 0
refused "too many passwords at a time" 400 'more than 20 passwords' PUT /ws/admin/user "[{\"id\":1,$root}$(printf ',{"login":"u%d","newPassword":"p"}' {1..21})]"

# The last administrator.
last='no administrator who can log in'
refused "root is locked" 409 "$last" PUT /ws/admin/user/1 "{$root,\"locked\":true}"
refused "root expires, though not yet" 409 "$last" PUT /ws/admin/user/1 "{$root,\"expirationDate\":4102444800000}"
refused "root without roles" 409 "$last" PUT /ws/admin/user/1 '{"login":"root"}'
refused "root with another role, by POST" 409 "$last" POST /ws/admin/user '{"id":1,"login":"root","roles":[2]}'
refused "root in a list" 409 "$last" PUT /ws/admin/user '[{"id":1,"login":"root","locked":true,"roles":[1]}]'
refused "root renamed" 409 'account "root" is built in: it cannot be renamed' PUT /ws/admin/user/1 '{"login":"boot","roles":[1]}'
refused "root deleted" 409 'account "root" is built in: it can be locked, not deleted' DELETE /ws/admin/user/1 ''
refused "an empty list" 409 'account "root" is built in' PUT /ws/admin/user '[]'
refused "its role weakened" 409 'role "administrator" cannot be removed or weakened' PUT /ws/admin/role/1 '{"name":"administrator","description":"","permissions":["node:*"]}'
refused "its role renamed" 409 'role "administrator" cannot be removed or weakened' PUT /ws/admin/role/1 '{"name":"admin","description":"","permissions":["*:*"]}'
refused "its role deleted" 409 'role "administrator" cannot be removed or weakened' DELETE /ws/admin/role/1 ''
refused "no roles at all" 409 'cannot be removed or weakened' PUT /ws/admin/role '[]'
is "all is as it was" "$(me "$root_auth") $(user 1 .locked,.roles,.expirationDate)" '200 [false,[1],null]'
# Who asks stays inside, though another one could let him in again.
own='would lock out account "bob", which asks for it'
boss='"id":2,"login":"bob"'
is "a second one is made, in a list" "$(send_code PUT /ws/admin/user "[{\"id\":1,$root},{$boss,\"newPassword\":\"boss-of-it-all-xk\",\"roles\":[1]}]") $(me bob:boss-of-it-all-xk)" "204 200"
as bob:boss-of-it-all-xk
is "who was left out is gone" "$(json GET /ws/admin/user | jq -c 'map(.login)')" '["root","bob"]'
refused "he leaves himself out of the list" 409 "$own" PUT /ws/admin/user "[{\"id\":1,$root}]"
refused "he is in it as somebody else" 409 "$own" PUT /ws/admin/user "[{\"id\":1,$root},{\"login\":\"bob\",\"newPassword\":\"boss-of-it-all-xk\",\"roles\":[1]}]"
refused "he is disabled in it" 409 "$own" PUT /ws/admin/user "[{\"id\":1,$root},{$boss,\"locked\":true,\"roles\":[1]}]"
refused "he has expired in it" 409 "$own" PUT /ws/admin/user "[{\"id\":1,$root},{$boss,\"expirationDate\":1000,\"roles\":[1]}]"
refused "he has other roles in it" 409 "$own" PUT /ws/admin/user "[{\"id\":1,$root},{$boss,\"roles\":[2]}]"
refused "he disables himself" 409 "$own" PUT /ws/admin/user/2 "{$boss,\"locked\":true,\"roles\":[1]}"
refused "he deletes himself" 409 "$own" DELETE /ws/admin/user/2 ''
is "he is who he was" "$(me bob:boss-of-it-all-xk) $(user 2 .locked,.roles,.expirationDate)" '200 [false,[1],null]'
is "he takes over from root" "$(send_code PUT /ws/admin/user/1 "{$root,\"locked\":true}") $(me "$root_auth")" "204 401"
refused "now he is the last" 409 "$last" DELETE /ws/admin/user/2 ''
is "until root is back, and has him go" "$(send_code PUT /ws/admin/user/1 "{$root}") $(as "$root_auth"; code DELETE /ws/admin/user/2) $(me bob:boss-of-it-all-xk)" "204 204 401"
as "$root_auth"

# Roles.
is "a role is made" "$(send_code POST /ws/admin/role '{"name":"viewer","description":"looks","permissions":["queue:read","node:read"]}')" 204
is "read, which JQM could not" "$(json GET /ws/admin/role/8)" '{"id":8,"name":"viewer","description":"looks","permissions":["queue:read","node:read"],"builtIn":false}'
send POST /ws/admin/user '{"login":"vic","newPassword":"xv-drums-77-qk","roles":[8]}' >/dev/null
as vic:xv-drums-77-qk
is "its permissions count" "$(code GET /ws/admin/q) $(code GET /ws/admin/prm)" "200 403"
as "$root_auth"
is "changed" "$(send_code PUT /ws/admin/role/8 '{"name":"viewer","description":"looks","permissions":"prm:read"}')" 204
as vic:xv-drums-77-qk
is "at once" "$(code GET /ws/admin/q) $(code GET /ws/admin/prm)" "403 200"
as "$root_auth"
refused "a role that somebody has" 409 'role "viewer" cannot be deleted: accounts that have it: 1' DELETE /ws/admin/role/8 ''
is "consoles get a key for it" "$(api DELETE /ws/admin/role/8 | jq -c '[.userMessageKey,.userMessageParams]')" '["roleHasActiveUsers",[{"key":"count","value":"1"}]]'
refused "no description" 400 'field "description" is missing' POST /ws/admin/role '{"name":"x","permissions":[]}'
refused "an empty permission" 400 'field "permissions" is empty' POST /ws/admin/role '{"name":"x","description":"","permissions":[""]}'
refused "301 characters" 400 'field "permissions\[0\]": 301 characters' POST /ws/admin/role "{\"name\":\"x\",\"description\":\"\",\"permissions\":[\"$(printf 'x%.0s' {1..301})\"]}"
refused "a name that is taken" 409 'already used' POST /ws/admin/role '{"name":"viewer","description":""}'
refused "a predefined one" 409 'role "client" is built in: it cannot be deleted' DELETE /ws/admin/role/4 ''
is "the accounts as a list without it, then the role goes" "$(send_code PUT /ws/admin/user "[{\"id\":1,$root}]") $(code DELETE /ws/admin/role/8) $(code GET /ws/admin/role/8)" "204 204 404"
is "an account that is gone is gone at once" "$(me vic:xv-drums-77-qk)" 401
done_testing
