#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Client certificates of the cluster's own authority: who they speak for, from the first to the last moment.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
tls_up
ok "the node speaks TLS a moment after enableWsApiSsl was set" tls_is_on

# cert FILE [ARG...]: status of a call with that certificate;  me FILE: whose it is taken for
cert() { curl -sS -m 30 --cert "$1" -o "$WORK/answer" -w '%{http_code}' "${@:2}" "$URL/ws/admin/me"; }
me() { curl -sS -m 30 --cert "$1" "${@:2}" "$URL/ws/admin/me" | jq -r .login; }
# issue ID BODY FILE: a new certificate with its key
issue() {
	send POST "/ws/admin/user/$1/certificate" "$2" >"$WORK/issued"
	jq -r '.privateKey // empty, .certificate' "$WORK/issued" >"$3" && chmod 600 "$3"
}
issued() { jq -r ".$1" "$WORK/issued"; }
account() { # LOGIN [SQL for the expiration date]
	sql "INSERT INTO jqm.account (login, expiration_date) VALUES ('$1', ${2:-NULL}) RETURNING id"
}
anna=$(account anna)
sql "INSERT INTO jqm.account_role SELECT $anna, id FROM jqm.role WHERE name = 'client read only'" >/dev/null

issue "$anna" '{"days":30}' "$WORK/anna.pem"
is "POST /ws/admin/user/{id}/certificate issues one" "$(api_status)" 200
is "it speaks for its account, which has no password" "$(me "$WORK/anna.pem")" anna
is "it begins no session, which would outlive it, whatever stands beside it" \
	"$(curl -sS --cert "$WORK/anna.pem" -H 'Authorization: Basic nonsense' -H 'X-Requested-With: XMLHttpRequest' -o /dev/null -D - "$URL/ws/admin/me" | grep -ci '^set-cookie\|^HTTP/[0-9.]* 200')" 1
is "with the account's permissions" \
	"$(curl -sS --cert "$WORK/anna.pem" -o /dev/null -w '%{http_code}' "$URL/ws/admin/user")" 403
is "it goes before a password" "$(me "$WORK/anna.pem" -u "$AUTH")" anna
is "a wrong password beside it matters as little" "$(me "$WORK/anna.pem" -u root:wrong)" anna
long=$(printf '𝄞%.0s' {1..255})
issue "$(account "$long")" '{"days":30}' "$WORK/long.pem"
is "the longest login has one, too" "$(me "$WORK/long.pem")" "$long"
is "without one a password will do" "$(json GET /ws/admin/me | jq -r .login)" root
is "it lives as long as was asked for" \
	"$(openssl x509 -in "$WORK/anna.pem" -noout -checkend $((29 * 86400)) >/dev/null && openssl x509 -in "$WORK/anna.pem" -noout -checkend $((31 * 86400)) >/dev/null; echo $?)" 1
ok "it is signed by the root everybody may read" \
	openssl verify -CAfile "$ROOTS" -purpose sslclient "$WORK/anna.pem"
is "which is told without a login" \
	"$(curl -sS "$URL/ws/pki/root.pem" | openssl x509 -noout -fingerprint)" "$(openssl x509 -in "$ROOTS" -noout -fingerprint)"
is "GET /ws/pki/root.pem" "$(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/pki/root.pem")" 200
is "GET /ws/pki/crl.pem" "$(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/pki/crl.pem")" 200
is "a node's certificate tells where the list is, in clear" \
	"$(openssl x509 -in "$HOME_DIR/state/tls/node.pem" -noout -ext crlDistributionPoints | grep -o 'http://.*')" "http://127.0.0.1:$PORT/ws/pki/crl/1"
is "GET /ws/pki/crl/1 there" "$(curl -sS "http://127.0.0.1:$PORT/ws/pki/crl/1" | openssl crl -inform DER -noout -issuer)" \
	"$(openssl x509 -in "$ROOTS" -noout -subject | sed 's/^subject=/issuer=/')"
is "GET /ws/pki/crl/999: of a root there is not" "$(curl -sS -o /dev/null -w '%{http_code}' "$URL/ws/pki/crl/999")" 404

# --- what JQM's consoles fetch ---
curl -sS -u "$AUTH" -D "$WORK/head" -o "$WORK/user.zip" "$URL/ws/admin/user/$anna/certificate"
is "GET /ws/admin/user/{id}/certificate is JQM's archive" \
	"$(unzip -Z1 "$WORK/user.zip" | tr '\n' ' ')" "ca.cer client.cer client.pfx "
word=$(tr -d '\r' <"$WORK/head" | sed -n 's/^JQM-Certificate-Password: //p')
like "its PKCS#12 file has a password of its own" "$word" '^[A-Za-z0-9]{24}$'
(cd "$WORK" && unzip -q user.zip)
ok "which opens it" openssl pkcs12 -in "$WORK/client.pfx" -passin "pass:$word" -nodes -out "$WORK/pfx.pem"
nok "JQM's constant one does not" openssl pkcs12 -in "$WORK/client.pfx" -passin pass:SuperPassword -noout
is "what is in it is a certificate of the account" "$(me "$WORK/pfx.pem")" anna
is "the next one has another password" \
	"$([ "$(curl -sS -u "$AUTH" -D - -o /dev/null "$URL/ws/admin/user/$anna/certificate" | tr -d '\r' | sed -n 's/^JQM-Certificate-Password: //p')" != "$word" ] && echo other)" other
sql "INSERT INTO jqm.global_parameter (key, value) VALUES ('compatibleClientPfx', 'true')" >/dev/null
curl -sS -u "$AUTH" -o "$WORK/old.zip" "$URL/ws/admin/user/$anna/certificate"
(cd "$WORK" && unzip -qo old.zip client.pfx)
ok "with compatibleClientPfx it has JQM's" openssl pkcs12 -in "$WORK/client.pfx" -passin pass:SuperPassword -nodes -out "$WORK/old.pem"
like "and is readable for old Java" \
	"$(openssl pkcs12 -in "$WORK/client.pfx" -passin pass:SuperPassword -info -nodes 2>&1)" 'pbeWithSHA1And3-KeyTripleDES-CBC'
is "a page of another site does not issue any" \
	"$(code GET "/ws/admin/user/$anna/certificate" -H 'Sec-Fetch-Site: cross-site')" 403

# --- a key that never leaves its machine ---
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout "$WORK/own.key" \
	-subj '/CN=root/O=whoever' -addext 'subjectAltName=DNS:root' -out "$WORK/own.csr" 2>/dev/null
issue "$anna" "$(jq -n --rawfile r "$WORK/own.csr" '{request: $r}')" "$WORK/own.pem"
is "a signing request is signed" "$(api_status)" 200
is "no key is told then" "$(issued privateKey)" null
cat "$WORK/own.key" >>"$WORK/own.pem"
is "what name stands in the request counts for nothing" "$(me "$WORK/own.pem")" anna
like "not even in the certificate" "$(openssl x509 -in "$WORK/own.pem" -noout -subject -ext subjectAltName 2>&1)" '^subject=CN = anna'

# --- bad orders ---
mallory=$(account mallory)
locked=$(account locked)
sql "UPDATE jqm.account SET locked = true WHERE id = $locked" >/dev/null
gone=$(account gone "now() - interval '1 day'")
before=$(sql 'SELECT count(*) FROM jqm.certificate')
to=/ws/admin/user/$anna/certificate
refused "for nobody" 404 'no account 999999' POST /ws/admin/user/999999/certificate '{}'
refused "for a locked account" 409 'account "locked" is locked' POST "/ws/admin/user/$locked/certificate" '{}'
refused "for one that has expired" 409 'account "gone" has expired' POST "/ws/admin/user/$gone/certificate" '{}'
refused "for no day" 400 days POST "$to" '{"days":0}'
refused "for a thousand years" 400 days POST "$to" '{"days":365000}'
refused "for a text of days" 400 days POST "$to" '{"days":"long"}'
refused "for what is no request" 400 'signing request' POST "$to" '{"request":"please"}'
refused "in place of somebody else's" 404 'no certificate 1' POST "$to" '{"replaces":1}'
openssl req -new -newkey rsa:1024 -nodes -keyout /dev/null -subj /CN=x -out "$WORK/weak.csr" 2>/dev/null
refused "for a weak key" 400 '2048' POST "$to" "$(jq -n --rawfile r "$WORK/weak.csr" '{request: $r}')"
is "an archive for 0 days" "$(code GET "$to?days=0")" 400
is "no order was half done" "$(sql 'SELECT count(*) FROM jqm.certificate')" "$before"
is "who may not change accounts gets none" \
	"$(curl -sS --cert "$WORK/anna.pem" -o /dev/null -w '%{http_code}' "$URL$to")" 403

# --- the list ---
is "GET /ws/admin/certificate lists them" \
	"$(json GET "/ws/admin/certificate?user=$anna" | jq 'length, (map(.accountId) | unique)' | tr -d ' \n')" "5[$anna]"
id=$(sql "SELECT min(id) FROM jqm.certificate WHERE account_id = $anna")
is "GET /ws/admin/certificate/{id}: one of them" "$(json GET "/ws/admin/certificate/$id" | jq -r '.kind, .name, .issuedBy' | tr '\n' ' ')" "CLIENT anna root "
is "one there is not" "$(code GET /ws/admin/certificate/999999)" 404
is "the node's own is among them" "$(json GET /ws/admin/certificate | jq '[.[] | select(.kind == "NODE")] | length > 0')" true

# --- revocation ---
# Two requests on one connection, the certificate revoked between them.
kept() {
	{
		printf 'GET /ws/admin/me HTTP/1.1\r\nHost: x\r\n\r\n'
		wait_for 20 grep -q '"login":"anna"' "$WORK/kept"
		code DELETE "/ws/admin/certificate/$id?reason=laptop%20lost" >"$WORK/revoked"
		printf 'GET /ws/admin/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
		wait_for 20 grep -q 'HTTP/1.1 401' "$WORK/kept"
	} | tee "$JQM_RECORD/kept.sent" | timeout 60 openssl s_client -quiet -connect "localhost:$PORT" -CAfile "$ROOTS" -cert "$WORK/anna.pem" \
		-key "$WORK/anna.pem" >"$WORK/kept" 2>/dev/null
}
kept
cp "$WORK/kept" "$JQM_RECORD/kept.got"
is "DELETE /ws/admin/certificate/{id}" "$(cat "$WORK/revoked")" 204
is "a revoked certificate is refused on the connection that was open" \
	"$(grep -o 'HTTP/1.1 [0-9]*' "$WORK/kept" | tr '\n' ' ')" "HTTP/1.1 200 HTTP/1.1 401 "
is "and on a new one" "$(cert "$WORK/anna.pem")" 401
is "with a good password too" "$(cert "$WORK/anna.pem" -u "$AUTH")" 401
like "the answer says why" "$(jq -r .userReadableMessage "$WORK/answer")" 'revoked'
is "another certificate of the account is not touched" "$(me "$WORK/own.pem")" anna
serial=$(sql "SELECT serial FROM jqm.certificate WHERE id = $id")
listed() { curl -sS "$URL/ws/pki/crl.pem" | openssl crl -noout -text | grep -qi "Serial Number: 0*$1"; }
ok "the list says so a moment later" wait_for 20 listed "$serial"
loaded() { openssl crl -in "$HOME_DIR/state/tls/crl.pem" -noout -text | grep -qi "$1"; }
ok "that of nginx too" wait_for 20 loaded "$serial"
ok "the list is signed by the root" openssl crl -in "$HOME_DIR/state/tls/crl.pem" -CAfile "$ROOTS" -noout
is "once more changes nothing" "$(code DELETE "/ws/admin/certificate/$id?reason=again")" 204
is "what was the reason stays" "$(json GET "/ws/admin/certificate/$id" | jq -r '.reason, .revokedBy' | tr '\n' ' ')" "laptop lost root "
is "one there is not cannot be revoked" "$(code DELETE /ws/admin/certificate/999999)" 404

# --- renewal ---
old=$(sql "SELECT max(id) FROM jqm.certificate WHERE account_id = $anna")
issue "$anna" "{\"replaces\":$old}" "$WORK/new.pem"
is "the new one counts" "$(me "$WORK/new.pem")" anna
is "the one it replaces does not" "$(cert "$WORK/own.pem")" 401

# --- the account's own end ---
issue "$mallory" '{}' "$WORK/mallory.pem"
is "as long as the account is good its certificate is" "$(me "$WORK/mallory.pem")" mallory
sql "UPDATE jqm.account SET locked = true WHERE id = $mallory" >/dev/null
is "a locked account" "$(cert "$WORK/mallory.pem")" 401
sql "UPDATE jqm.account SET locked = false, expiration_date = now() - interval '1 s' WHERE id = $mallory" >/dev/null
is "an expired account" "$(cert "$WORK/mallory.pem")" 401
sql "UPDATE jqm.account SET expiration_date = NULL WHERE id = $mallory" >/dev/null
is "and back" "$(cert "$WORK/mallory.pem")" 200
is "the account is deleted" "$(code DELETE "/ws/admin/user/$mallory")" 204
is "its certificate is nobody's" "$(cert "$WORK/mallory.pem")" 401
mallory=$(account mallory)
is "also when somebody of that name is back" "$(cert "$WORK/mallory.pem")" 401
is "it was revoked with the account" "$(sql "SELECT count(*) FROM jqm.certificate WHERE name = 'mallory' AND revoked_at IS NOT NULL AND account_id IS NULL")" 1

# --- forgeries ---
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/ca.key" -out "$WORK/ca.pem" -days 30 \
	-subj "/O=JQM/OU=$(openssl x509 -in "$ROOTS" -noout -subject -nameopt multiline | sed -n 's/.*organizationalUnitName *= //p')/CN=JQM-CA" 2>/dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/forged.pem" -subj /CN=root 2>/dev/null |
	openssl x509 -req -CA "$WORK/ca.pem" -CAkey "$WORK/ca.key" -set_serial "0x$serial" -days 5 >>"$WORK/forged.pem" 2>/dev/null
is "another authority with the names of ours" \
	"$(openssl x509 -in "$WORK/ca.pem" -noout -subject)" "$(openssl x509 -in "$ROOTS" -noout -subject)"
is "its certificate for root proves nothing" "$(cert "$WORK/forged.pem")" 401
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/self.pem" -subj /CN=root -days 5 2>/dev/null >>"$WORK/self.pem"
is "nor does one that signed itself" "$(cert "$WORK/self.pem")" 401
own=$HOME_DIR/state/tls/node.pem
door() { curl -sS -m 30 --cert "$1" -o "$WORK/answer" -w '%{http_code}' "$URL$2"; }
define Leaves 'echo "text" > "$JQM_JI_DELIVERY_DIR/a.txt"; echo "I ran"'
job=$(enqueue Leaves)
ok "a job left a file" wait_job "$job"
guid=$(sql "SELECT random_id FROM jqm.deliverable WHERE job_instance_id = $job")
is "a node's certificate opens what is for nodes: GET /ws/node/file/{guid}" "$(door "$own" "/ws/node/file/$guid") $(cat "$WORK/answer")" "200 text"
is "GET /ws/node/job/{id}/{log}" "$(door "$own" "/ws/node/job/$job/stdout") $(cat "$WORK/answer")" "200 I ran"
is "GET /ws/node/log" "$(door "$own" "/ws/node/log?latest=1")" 200
is "no account's does" "$(door "$WORK/new.pem" "/ws/node/file/$guid") $(door "$WORK/forged.pem" "/ws/node/file/$guid") $(code GET "/ws/node/file/$guid")" "401 401 401"
is "the node's own is no account's" "$(cert "$HOME_DIR/state/tls/node.pem" 2>/dev/null)" 401
lie=$(curl -sS -m 30 -o /dev/null -w '%{http_code}' "$URL/ws/admin/me" -H 'Ssl-Client-Verify: SUCCESS' \
	-H 'SSL_CLIENT_VERIFY: SUCCESS' -H 'Ssl-Client-Cert: x' -H 'SSL_CLIENT_CERT: x' -H 'Remote-User: root' \
	-H 'REMOTE_USER: root' -H 'X-Ssl-Client-Verify: SUCCESS' -H 'X-Forwarded-User: root')
is "headers that claim a certificate prove nothing" "$lie" 401
is "not even beside one of less" \
	"$(curl -sS --cert "$WORK/new.pem" -H "SSL_CLIENT_CERT: $(jq -sRr @uri "$WORK/forged.pem")" "$URL/ws/admin/me" | jq -r .login)" anna

# --- logins that would be a second name in a subject ---
odd=$(sql "INSERT INTO jqm.account (login) VALUES ('x,CN=root+O=\"y\"/CN=root') RETURNING id")
issue "$odd" '{}' "$WORK/odd.pem"
is "a login with commas and quotes speaks for itself" "$(me "$WORK/odd.pem")" 'x,CN=root+O="y"/CN=root'
done_testing
