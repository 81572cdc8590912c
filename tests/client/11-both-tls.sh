#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same suite over TLS: with a password, with a client certificate; the database, whose nodes speak TLS.
. "$(dirname "$0")/suite.sh"
tls_up
export JQM_SUITE_URL=$URL JQM_SUITE_USER=root JQM_SUITE_PASSWORD=${AUTH#*:} JQM_SUITE_CA=$ROOTS
suite tls
unset JQM_SUITE_USER JQM_SUITE_PASSWORD
(umask 077 && "$JQM" certificate create root -o "$WORK/root.pem" >/dev/null)
export JQM_SUITE_CERTIFICATE=$WORK/root.pem
suite certificate
(umask 077 && echo wrong >"$WORK/wrong")
is "a certificate goes before the password beside it" \
	"$(JQM_CERTIFICATE_FILE=$WORK/root.pem JQM_USER=root JQM_PASSWORD_FILE=$WORK/wrong "$JQM" jobs --limit 1 --json 2>&1 | jq length)" 1
like "which was wrong" "$(JQM_USER=root JQM_PASSWORD_FILE=$WORK/wrong "$JQM" jobs 2>&1)" 'login or password is wrong'
unset JQM_SUITE_CERTIFICATE JQM_SUITE_CA
export JQM_SUITE_URL=$DATABASE
suite database-tls
done_testing
