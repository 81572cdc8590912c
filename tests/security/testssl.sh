#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make security: testssl.sh looks at the TLS of a node.  It takes minutes, so make check leaves it out.
. "$(dirname "$0")/../lib/stack.sh"
command -v testssl >/dev/null || {
	absent "what testssl.sh says" "package testssl.sh is not installed"
	done_testing
}
stack_up
tls_up
ok "the node speaks TLS" tls_is_on
testssl --quiet --color 0 --warnings off --add-ca "$ROOTS" --jsonfile "$WORK/findings" \
	-p -s -f -P -S -h -U "https://localhost:$PORT" >"$WORK/testssl.log" 2>&1
is "testssl.sh came to its end" "$(jq -r 'map(.id) | any(. == "scanTime")' "$WORK/findings")" true
diag "$(jq -r 'group_by(.severity) | map(.[0].severity + ": " + (length | tostring)) | join(", ")' "$WORK/findings")" \
	"$(grep -E '^ *(SSLv|TLS 1|Testing|Forward|Server cipher|Signature|Heartbleed|ROBOT|Secure Renego|CRIME|BREACH|SWEET32|FREAK|DROWN|LOGJAM|BEAST|LUCKY13|Winshock|RC4|POODLE|Strict Transport|HTTP Status|Session Resum)' "$WORK/testssl.log" | cut -c1-140)"
ok "it looked at much" test "$(jq length "$WORK/findings")" -gt 60
# Of this machine and not of the node: ciphers its openssl lacks, who may issue for the name localhost.
is "it found nothing above informational" "$(jq -r '.[] | select(.severity | test("^(OK|INFO)$") | not)
	| select(.id | test("^(engine_problem|DNS_CAArecord)$") | not) | [.severity, .id, .finding] | join(" ")' "$WORK/findings")" ""
done_testing
