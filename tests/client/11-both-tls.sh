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
unset JQM_SUITE_CERTIFICATE JQM_SUITE_CA
export JQM_SUITE_URL=$DATABASE
suite database-tls
done_testing
