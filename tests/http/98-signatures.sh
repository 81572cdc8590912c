#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Definitions are signed with a key that is never on the server, and a node runs nothing else.
. "$(dirname "$0")/../lib/stack.sh"
stack_dir
jqm() { "$JQM" "$@"; }
fails() { # DESCRIPTION CODE PATTERN COMMAND...
	local said
	said=$("${@:4}" 2>&1)
	is "$1: exit code" $? "$2"
	like "$1: says why" "$said" "$3"
}
signature() { json GET "/ws/admin/jd/$1" | jq -r .signature; }

(umask 077 && echo 'a phrase' >"$WORK/phrase")
like "keygen makes a key" "$(jqm definition keygen "$WORK/key")" '^key +[0-9a-f]{16}$'
is "the private part is for its owner only" "$(stat -c %a "$WORK/key")" 600
fails "keygen replaces nothing" 1 'is there already' jqm definition keygen "$WORK/key"
ok "keygen with a passphrase" jqm definition keygen "$WORK/locked" --passphrase-file "$WORK/phrase"
like "is encrypted" "$(cat "$WORK/locked")" 'BEGIN ENCRYPTED PRIVATE KEY'
mkdir -m 755 "$WORK/trusted" && cp "$WORK/key.pub" "$WORK/trusted/" && chmod 644 "$WORK/trusted/key.pub"

stack_up --node alpha
define Signed 'echo signed'
define Plain 'echo plain'
is "a definition is not signed at first" "$(signature 1)" null
fails "verify: none is" 1 '2 not signed by these keys' jqm definition verify --trusted "$WORK/trusted"
fails "sign shows what it would sign, and does not without --yes" 1 'jarPath +echo signed' jqm definition sign Signed --key "$WORK/key"
is "nothing was changed" "$(signature 1)" null
ok "sign --yes" jqm definition sign Signed --key "$WORK/key" --yes
like "the API tells the signature" "$(signature 1)" '^ed25519:[0-9a-f]{16}:[A-Za-z0-9+/]{86}==$'
like "verify tells whose it is" "$(jqm definition verify Signed --trusted "$WORK/trusted")" '^Signed +good +[0-9a-f]{16} key\.pub$'
like "verify by other keys" "$(jqm definition verify Signed --trusted "$WORK/locked.pub")" '^Signed +untrusted '
fails "sign without the passphrase" 4 'its passphrase is not given' jqm definition sign Plain --key "$WORK/locked" --yes
ok "sign with it" jqm definition sign Plain --key "$WORK/locked" --passphrase-file "$WORK/phrase" --yes
fails "sign what is not there" 3 'is not there' jqm definition sign Nobody --key "$WORK/key" --yes
fails "verify needs keys" 2 '--trusted' jqm definition verify

jqm export Signed >"$WORK/signed.xml"
like "an export has it" "$(cat "$WORK/signed.xml")" '<signature>ed25519:'
jqm definition set Signed description=words priority=4 parameters=a=b
like "words, order and data do not touch it" "$(signature 1)" '^ed25519:'
jqm definition set Signed jarPath='echo other'
is "another command, and it is gone" "$(signature 1)" null
ok "the export brings it back" jqm import "$WORK/signed.xml"
like "with the command" "$(jqm definition verify Signed --trusted "$WORK/trusted")" '^Signed +good'
sed '/<signature>/d' "$WORK/signed.xml" >"$WORK/bare.xml"
ok "a file without signature that changes nothing signed" jqm import "$WORK/bare.xml"
like "leaves it" "$(signature 1)" '^ed25519:'
refused "what is none" 400 'field "signature"' PUT /ws/admin/jd/1 "$(json GET /ws/admin/jd/1 | jq -c '.signature = "ed25519:x"')"
refused "nor this" 400 'field "signature" is none' PUT /ws/admin/jd/1 "$(json GET /ws/admin/jd/1 | jq -c '.signature = (.signature | sub("ed"; "xd"))')"

sed 's/echo signed/echo offline/; /<signature>/d' "$WORK/signed.xml" >"$WORK/new.xml"
jqm definition sign --file "$WORK/new.xml" --key "$WORK/key" --yes >"$WORK/new-signed.xml"
like "a file is signed without any server" "$(jqm definition verify --file "$WORK/new-signed.xml" --trusted "$WORK/key.pub")" '^Signed +good'
sed -i 's/echo offline/echo 0ffline/' "$WORK/new-signed.xml"
fails "and verified" 1 '^Signed +wrong' jqm definition verify --file "$WORK/new-signed.xml" --trusted "$WORK/key.pub"
sed -i 's/echo 0ffline/echo offline/' "$WORK/new-signed.xml"
ok "import of it" jqm import "$WORK/new-signed.xml"

# From here on the node wants signatures.
"$JQM" down --home "$HOME_DIR" >/dev/null
sed -i "/^\[runner\]/a require_signature = yes\ntrusted_keys = $WORK/trusted" "$HOME_DIR/conf/jqm.ini"
"$JQM" up --detach --home "$HOME_DIR" >"$WORK/up.log" 2>&1 || diag "$(cat "$WORK/up.log")"
job=$(enqueue Signed)
wait_job "$job"
is "a signed one runs" "$(job_state "$job")" ENDED
job=$(enqueue Plain)
wait_job "$job"
is "one signed by a key the node does not trust does not" "$(job_state "$job")" CRASHED
like "the reason is told" "$(job_reason "$job")" '^definition "Plain" is signed by key [0-9a-f]{16}, which this node does not trust$'
sql "ALTER TABLE jqm.job_def DISABLE TRIGGER job_def_unsign; UPDATE jqm.job_def SET path = 'touch $WORK/owned' WHERE name = 'Signed'; ALTER TABLE jqm.job_def ENABLE TRIGGER job_def_unsign" >/dev/null
job=$(enqueue Signed)
wait_job "$job"
is "a row changed by the owner of the database is not run" "$(job_state "$job")" CRASHED
like "it is said why" "$(job_reason "$job")" 'is not what key [0-9a-f]{16} signed: somebody changed it$'
ok "nothing of it was executed" test ! -e "$WORK/owned"
like "the node's log raises it" "$(cat "$HOME_DIR"/log/*runner*.log)" "error jqm-runner definition_refused job=$job "
refusals() { [ "$(json GET /ws/metrics | sed -n 's/^jqm_definitions_refused_total{node="alpha",queue="DEFAULT"} //p')" = 2 ]; }
ok "and monitoring is told: both that were refused are counted" wait_for 20 refusals
done_testing
