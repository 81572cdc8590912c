#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Certificates of another authority: a root, one that issues, what it issued (docs/pki.md, step by step), and which
# account each means.
. "$(dirname "$0")/../lib/stack.sh"
stack_up

# --- an authority of three levels, as an administrator's ---
. "$(dirname "$0")/../lib/other_authority.sh"
other_authority "$WORK/pki"
sign node middle leaf_ext localhost 'DNS:localhost,IP:127.0.0.1'
sign anna middle leaf_ext 'Anna Example' 'email:anna@example.org'
sign robot middle leaf_ext robot 'URI:spiffe://example.org/robot'
sign finger middle leaf_ext root
sign mallory middle leaf_ext root 'email:mallory@example.org'
cat "$P/node.pem" "$P/middle.pem" >"$P/chain.pem"
for who in anna robot finger mallory; do
	cat "$P/$who.pem" "$P/middle.pem" "$P/$who.key" >"$P/$who.all"
	chmod 600 "$P/$who.all"
done
ok "the test has an authority of three levels" openssl verify -CAfile "$P/root.pem" -untrusted "$P/middle.pem" "$P/anna.pem"

# --- turned on before its files are named ---
log=$HOME_DIR/log/jqm.log
sql "UPDATE jqm.global_parameter SET value = 'false' WHERE key = 'enableInternalPki'" >/dev/null
sql "UPDATE jqm.global_parameter SET value = 'true' WHERE key = 'enableWsApiSsl'" >/dev/null
ok "without its files nothing changes, and the reason is told" \
	wait_for 20 grep -q 'web_unchanged.*enableInternalPki is off: setting pki:certificate is missing' "$log"
is "the node goes on as before" "$(json GET /ws/admin/me | jq -r .login)" root
printf '[pki]\ncertificate = "%s/chain.pem"\nkey = "%s/anna.key"\ntrust = "%s/trust.pem"\ncrl = "%s/crls.pem"\n' \
	"$P" "$P" "$P" "$P" >>"$HOME_DIR/conf/jqm.ini"
nok "a key that is not the certificate's" "$JQM" nginx render --home "$HOME_DIR"
is "does not either" "$(json GET /ws/admin/me | jq -r .login)" root
sed -i "s|^key = \"$P/anna.key\"|key = \"$P/node.key\"|" "$HOME_DIR/conf/jqm.ini"
URL=https://localhost:$PORT
export CURL_CA_BUNDLE=$P/root.pem JQM_URL=$URL JQM_CA_FILE=$P/root.pem
answers() { [ "$(code GET /ws/admin/me)" = 200 ] && nginx_is_settled; }
ok "with the right files TLS is on" wait_for 20 answers

# --- whose certificate ---
cert() { curl -sS -m 30 --cert "$P/$1.all" -o "$WORK/answer" -w '%{http_code}' "$URL/ws/admin/me"; }
me() { curl -sS -m 30 --cert "$P/$1.all" "$URL/ws/admin/me" | jq -r .login; }
anna=$(sql "INSERT INTO jqm.account (login) VALUES ('anna') RETURNING id")
robot=$(sql "INSERT INTO jqm.account (login) VALUES ('robot') RETURNING id")
is "a certificate nobody is mapped to" "$(cert anna)" 401
is "nor by its common name" "$(cert mallory)" 401

map() { send_code POST /ws/admin/certmapping "$1"; }
is "POST /ws/admin/certmapping by an alternative name" \
	"$(map "{\"accountId\":$anna,\"form\":\"SAN\",\"value\":\"email:anna@example.org\",\"description\":\"her card\"}")" 204
is "counts at once" "$(me anna)" anna
is "for that name only" "$(cert mallory)" 401
serial=$(openssl x509 -in "$P/robot.pem" -noout -serial | sed 's/.*=//')
issuer=$(openssl x509 -in "$P/robot.pem" -noout -issuer -nameopt RFC2253 | sed 's/^issuer=//')
is "by issuer and serial number" \
	"$(map "{\"accountId\":$robot,\"form\":\"SERIAL\",\"issuer\":\"$issuer\",\"value\":\"00$serial\"}")" 204
is "that one" "$(me robot)" robot
fingerprint=$(openssl x509 -in "$P/finger.pem" -noout -fingerprint -sha256 | sed 's/.*=//')
is "by fingerprint, as openssl prints it" \
	"$(map "{\"accountId\":$robot,\"form\":\"FINGERPRINT\",\"value\":\"$fingerprint\"}")" 204
is "that one, too" "$(me finger)" robot
is "GET /ws/admin/certmapping lists them" \
	"$(json GET /ws/admin/certmapping | jq -r 'map(.login) | join(" ")')" "anna robot robot"
id=$(json GET /ws/admin/certmapping | jq '.[0].id')
is "GET /ws/admin/certmapping/{id}" "$(json GET "/ws/admin/certmapping/$id" | jq -r .description)" "her card"
is "PUT /ws/admin/certmapping/{id}: another account" "$(send_code PUT "/ws/admin/certmapping/$id" \
	"{\"accountId\":$robot,\"form\":\"SAN\",\"value\":\"email:anna@example.org\"}")" 204
is "is meant from then on" "$(me anna)" robot
is "DELETE /ws/admin/certmapping/{id}" "$(code DELETE "/ws/admin/certmapping/$id")" 204
is "nobody is" "$(cert anna)" 401
ok "jqm certmapping does it too" "$JQM" certmapping create user=anna form=SAN value=email:anna@example.org
is "so" "$(me anna)" anna
map "{\"accountId\":$anna,\"form\":\"SAN\",\"value\":\"URI:spiffe://example.org/robot\"}" >/dev/null
is "mappings that contradict each other mean nobody" "$(cert robot)" 401
sql "DELETE FROM jqm.certificate_mapping WHERE value LIKE 'URI:%'" >/dev/null
list=$(json GET /ws/admin/certmapping)
is "PUT /ws/admin/certmapping takes the list back" "$(send_code PUT /ws/admin/certmapping "$list")" 204

to=/ws/admin/certmapping
refused "no account" 400 'no account 999' POST $to '{"accountId":999,"form":"SAN","value":"DNS:x"}'
refused "no form" 400 form POST $to "{\"accountId\":$anna,\"value\":\"DNS:x\"}"
refused "a form there is not" 400 'FINGERPRINT, SERIAL, SAN' POST $to "{\"accountId\":$anna,\"form\":\"CN\",\"value\":\"x\"}"
refused "half a fingerprint" 400 '64 hexadecimal' POST $to "{\"accountId\":$anna,\"form\":\"FINGERPRINT\",\"value\":\"AB:CD\"}"
refused "a serial number of no issuer" 400 issuer POST $to "{\"accountId\":$anna,\"form\":\"SERIAL\",\"value\":\"1\"}"
refused "a name of no kind" 400 'email:' POST $to "{\"accountId\":$anna,\"form\":\"SAN\",\"value\":\"anna\"}"
refused "the same twice" 400 . POST $to "{\"accountId\":$anna,\"form\":\"SAN\",\"value\":\"email:anna@example.org\"}"
refused "our own authority issues nothing now" 409 'enableInternalPki' POST "/ws/admin/user/$anna/certificate" '{}'

# --- the administrator's list of revoked certificates ---
openssl ca -config "$P/conf" -cert "$P/middle.pem" -keyfile "$P/middle.key" -revoke "$P/anna.pem" 2>>"$P/log"
is "revoked there, not yet told" "$(me anna)" anna
crls
refused_now() { [ "$(cert anna)" = 401 ]; }
ok "the new list is read a moment after it is there" wait_for 20 refused_now
is "the others are as before" "$(me finger)" robot
echo nonsense >"$P/crls.new" && mv "$P/crls.new" "$P/crls.pem"
ok "a broken list is told" wait_for 20 grep -q 'web_unchanged.*crls.pem' "$log"
is "and the last good one counts" "$(cert anna) $(me finger)" "401 robot"
done_testing
