#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The authority's own life: its key under a passphrase, another root in place of the first without anybody shut out,
# a node's certificate renewed in time.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
tls_up
ok "the node speaks TLS" tls_is_on

me() { curl -sS -m 30 --cacert "$2" --cert "$1" "$URL/ws/admin/me" | jq -r .login; }
cert() { curl -sS -m 30 --cert "$1" -o "$WORK/answer" -w '%{http_code}' "$URL/ws/admin/me"; }
create() { "$JQM" certificate create root -o "$1"; }
node_cert() { openssl x509 -in "$HOME_DIR/state/tls/node.pem" -noout "$@"; }
stored() { sql "SELECT split_part(key, E'\n', 1) FROM jqm.pki_key ORDER BY root_id DESC LIMIT 1"; }

ok "jqm certificate create" create "$WORK/one.pem"
is "into a file of one's own" "$(stat -c %a "$WORK/one.pem")" 600
nok "which it does not replace" create "$WORK/one.pem"
cp "$ROOTS" "$WORK/old-roots.pem"
is "it speaks for its account" "$(me "$WORK/one.pem" "$ROOTS")" root
as_it() { env -u JQM_USER -u JQM_PASSWORD_FILE JQM_CERTIFICATE_FILE="$WORK/one.pem" "$JQM" "$@"; }
ok "jqm with a certificate needs no password" as_it jobs
chmod 644 "$WORK/one.pem"
nok "nor does it use a key that others can read" as_it jobs
chmod 600 "$WORK/one.pem"
ok "jqm user certificate is the same verb" "$JQM" user certificate list root
nok "it names no account there is not" "$JQM" certificate create nobody-there -o "$WORK/none.pem"
nok "it asks for a place first" "$JQM" certificate create root
is "without one nothing is issued" "$(sql "SELECT count(*) FROM jqm.certificate WHERE kind = 'CLIENT'")" 1
ok "jqm certificate --pkcs12 tells the password" sh -c '"$0" certificate create root --pkcs12 -o "$1" >"$2"' "$JQM" "$WORK/u.zip" "$WORK/said"
unzip -qo "$WORK/u.zip" client.pfx -d "$WORK"
ok "which opens the file" openssl pkcs12 -in "$WORK/client.pfx" -noout -passin "pass:$(sed -n 's/^password *//p' "$WORK/said")"

# --- the key at rest ---
is "without a passphrase the root's key is stored in clear" "$(stored)" '-----BEGIN PRIVATE KEY-----'
printf 'correct horse battery\n' >"$WORK/word"
chmod 600 "$WORK/word"
printf '[pki]\npassphrase_file = "%s/word"\nkey_type = rsa\n' "$WORK" >>"$HOME_DIR/conf/jqm.ini"
"$JQM" down --home "$HOME_DIR" >/dev/null
ok "with one" "$JQM" up --detach --home "$HOME_DIR"
is "it is sealed at the next start" "$(stored)" '-----BEGIN ENCRYPTED PRIVATE KEY-----'
ok "and signs as before" create "$WORK/two.pem"
is "that one counts" "$(me "$WORK/two.pem" "$ROOTS")" root
printf 'another word\n' >"$WORK/word"
nok "with a wrong one it does not" create "$WORK/three.pem"
ok "which is the server's fault, and told in its log" wait_for 20 grep -q 'status=500.*passphrase is not the one given' "$HOME_DIR/log/jqm-fcgi.log"
ok "what there is goes on" tls_is_on
printf 'correct horse battery\n' >"$WORK/word"

is "no program but the web API may ask for the key" \
	"$(sql "SELECT string_agg(r, ',' ORDER BY r) FROM unnest('{jqm_api,jqm_runner,jqm_notifier,jqm_events,jqm_client,jqm_backup}'::text[]) AS r
	         WHERE has_function_privilege(r, 'jqm.pki_signer()', 'EXECUTE') OR has_table_privilege(r, 'jqm.pki_key', 'SELECT')")" jqm_api
is "and not for the table" "$(sql "SELECT has_table_privilege('jqm_api', 'jqm.pki_key', 'SELECT')")" f

# --- roll-over ---
nok "there is nothing to switch to yet" "$JQM" pki switch --home "$HOME_DIR"
ok "jqm pki next" "$JQM" pki next --home "$HOME_DIR"
nok "one at a time" "$JQM" pki next --home "$HOME_DIR"
two_roots() { [ "$(curl -sS "$URL/ws/pki/root.pem" | grep -c BEGIN)" = 2 ] && [ "$(grep -c BEGIN "$ROOTS")" = 2 ]; }
ok "both roots are told" wait_for 20 two_roots
curl -sS "$URL/ws/pki/root.pem" >"$WORK/both.pem"
is "callers who know the old one only are served" "$(me "$WORK/one.pem" "$WORK/old-roots.pem")" root
ok "jqm pki switch" "$JQM" pki switch --home "$HOME_DIR"
of_rsa() { node_cert -text | grep -q 'Public-Key: (3072 bit)'; }
ok "the node has a certificate of the new root, of the kind that is set" wait_for 20 of_rsa
served() { openssl s_client -connect "localhost:$PORT" -CAfile "$ROOTS" </dev/null 2>/dev/null | openssl x509 -noout -text | grep -q 'Public-Key: (3072 bit)'; }
ok "which it shows" wait_for 20 served
is "a certificate of the old root counts" "$(me "$WORK/one.pem" "$WORK/both.pem")" root
ok "new ones are of the new root" create "$WORK/four.pem"
is "and count as well" "$(me "$WORK/four.pem" "$WORK/both.pem")" root
old=$(sql "SELECT id FROM jqm.pki_root WHERE state = 'OLD'")
like "jqm pki lists them" "$("$JQM" pki --home "$HOME_DIR")" "$old OLD .*"
id=$(sql "SELECT max(id) FROM jqm.certificate WHERE root_id = $old AND kind = 'CLIENT'")
is "one of the old root can be revoked still" "$("$JQM" certificate revoke "$id" --reason 'no longer used'; echo $?)" 0
old_list() { curl -sS "$URL/ws/pki/crl.pem" | awk '/BEGIN/ {n++} {print >("'"$WORK"'/crl." n)}'; for f in "$WORK"/crl.?; do openssl crl -in "$f" -noout -text; done | grep -q 'Revoked Certificates'; }
ok "and is in its list" wait_for 20 old_list
like "jqm pki retire says whom it shuts out" "$("$JQM" pki retire "$old" --home "$HOME_DIR")" '^2 client certificates are refused'
is "they are, at once" "$(cert "$WORK/one.pem")" 401
is "those of the new root are not" "$(me "$WORK/four.pem" "$WORK/both.pem")" root
nok "what signs cannot be retired" "$JQM" pki retire "$((old + 1))" --home "$HOME_DIR"
one_root() { [ "$(curl -sS "$URL/ws/pki/root.pem" | grep -c BEGIN)" = 1 ]; }
ok "one root is told" one_root

# --- a node's certificate ---
serial=$(node_cert -serial)
ok "a render makes no new one without a reason" "$JQM" nginx render --home "$HOME_DIR"
is "so" "$(node_cert -serial)" "$serial"
mine=$(sql "SELECT id FROM jqm.certificate WHERE kind = 'NODE' AND serial = '${serial#serial=}'")
ok "a node's certificate can be revoked" "$JQM" certificate revoke "$mine"
renewed() { [ "$(node_cert -serial)" != "$serial" ]; }
ok "then it gets another" wait_for 20 renewed
serial=$(node_cert -serial)
sql "UPDATE jqm.node SET dns = 'localhost.localdomain'" >/dev/null
"$JQM" nginx render --home "$HOME_DIR" >/dev/null
ok "a new name needs a new one" wait_for 20 renewed
like "which bears it" "$(node_cert -ext subjectAltName)" 'DNS:localhost.localdomain'
done_testing
