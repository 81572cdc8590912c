#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Secret parameters, signatures and accounts of jobs in the console, in a real browser: secrets.mjs says what is done there.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up
define Tells 'echo "got $JQM_PARAM_pw."; :'
define Signed 'echo signed'
define Plain 'echo plain'
ok "a key" "$JQM" definition keygen "$WORK/key"
ok "one definition is signed" "$JQM" definition sign Signed --key "$WORK/key" --yes
CONSOLE_KEY=$(sql "SELECT split_part(signature, ':', 2) FROM jqm.job_def WHERE name = 'Signed'")
CONSOLE_IDS=$(sql "SELECT string_agg(id::text, ' ' ORDER BY array_position('{Tells,Signed,Plain}', name::text)) FROM jqm.job_def WHERE name IN ('Tells', 'Signed', 'Plain')")
export CONSOLE_KEY CONSOLE_IDS
browser_run secrets.mjs 200
like "what was typed is sealed in the database" "$(sql "SELECT parameters FROM jqm.job_def WHERE name = 'Tells'")" '"pw": \{"secret": "1:[0-9a-f]{16}:'
is "and the account is stored" "$(sql "SELECT run_as FROM jqm.job_def WHERE name = 'Plain'")" batch
done_testing
