#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each member of each object the web API takes, with every kind of wrong value and at its limits: from openapi.json, so
# that what is new comes in by itself.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Shell true
enqueue Shell >/dev/null
ok "a second queue" test "$(send_code POST /ws/admin/q '{"name":"second","description":""}')" = 204
every=1
[ "${JQM_VARIANT:-release}" != asan ] || every=5
begun=$SECONDS
# shellcheck disable=SC2154 # of stack.sh
/usr/bin/python3 "$here/lib/fields.py" "$PORT" "$HOME_DIR/root-password" "$every" >"$WORK/results" 2>"$WORK/words"
is "the driver had nothing to complain of" "$(tail -n 5 "$WORK/words")" ''
results_of "$WORK/results"
diag "$((SECONDS - begun)) s"
is "and all goes on" "$(code GET /ws/client/q)" 200
done_testing
