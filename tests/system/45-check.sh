#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --check of the programs says what is wrong with an installation before it is started.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
ini=$HOME_DIR/conf/jqm.ini

said=$("$JQM_BIN/jqm-runner" --check --config "$ini")
is "the runner of a stack that works finds nothing wrong" $? 0
like "and names whom the node is served by" "$said" 'is served by this installation.s runner now'
said=$("$JQM_BIN/jqm-fcgi" --check --config "$ini")
is "neither does the web API" $? 0
like "nor with its database" "$said" '^ok: database$'
is "the stack goes on" "$(code GET /ws/client/q)" 200

sed -e "s|^delivery_store.*|delivery_store = \"$WORK/nowhere\"|" -e "s|^socket.*|socket = \"$WORK/$(printf 'x%.0s' {1..100})\"|" "$ini" >"$WORK/wrong.ini"
chmod 600 "$WORK/wrong.ini"
said=$("$JQM_BIN/jqm-fcgi" --check --config "$WORK/wrong.ini")
is "what is wrong for the web API ends in failure" $? 1
like "a missing directory is named" "$said" '^wrong: fcgi:delivery_store ".*/nowhere": No such file'
like "a socket's path that is too long is named" "$said" '^wrong: fcgi:socket ".*" is too long'
like "and counted" "$said" '^2 wrong$'

ok "down" "$JQM" down --home "$HOME_DIR"
said=$("$JQM_BIN/jqm-fcgi" --check --config "$ini")
is "without a database, the web API's check ends in failure" $? 1
like "which it names" "$said" '^wrong: database: '
said=$("$JQM_BIN/jqm-runner" --check --config "$ini")
is "and the runner's" $? 1
like "likewise" "$said" '^wrong: database: '
"$JQM_BIN/jqm-fcgi" --check --config "$WORK/none.ini" >"$WORK/out"
is "a configuration that is not there is wrong" $? 1
like "by its name" "$(cat "$WORK/out")" '^wrong: .*none.ini'
done_testing
