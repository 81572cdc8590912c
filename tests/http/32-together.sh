#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Requests that come at the same moment, some of them wrong or special: workers enqueue them together, and each caller gets what is his own.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
sql "INSERT INTO jqm.queue (name) VALUES ('HELD')" >/dev/null
sql "INSERT INTO jqm.job_def (name, queue_id, path, path_type) SELECT n, id, 'true', 'DEFAULTSHELLCOMMAND' FROM jqm.queue, unnest(ARRAY['Mine', 'Yours']) AS n WHERE queue.name = 'HELD'" >/dev/null
password=$(cat "$HOME_DIR/root-password")
ask() { # NUMBER FORM: status and answer, beside the number
	echo "$1 $(curl -sS -m 60 -w ' %{http_code}' -u "root:$password" --data "$2&sessionid=s$1" "$URL/ws/simple/ji" | tr '\n' ' ')" >"$WORK/answer.$1"
}
wave() { # FIRST LAST: all at once, of each ten one of an unknown definition, one that is special, one with a text that is too long
	local n
	for n in $(seq "$1" "$2"); do
		case $((n % 10)) in
		3) ask "$n" applicationname=Nobodys ;;
		5) ask "$n" 'applicationname=Yours&concurrencykey=k' ;;
		7) ask "$n" "applicationname=Mine&keyword1=$(printf 'k%.0s' $(seq 60))" ;;
		*) ask "$n" "applicationname=$([ $((n % 2)) = 0 ] && echo Mine || echo Yours)" ;;
		esac &
	done
	wait
}
answers() { cat "$WORK"/answer.* | sort -n; }

wave 1 20 # from then on workers know the account
for first in 21 41 61 81; do wave $first $((first + 19)); done
is "what is right is enqueued, what is wrong is refused" "$(answers | awk '{print $NF}' | sort | uniq -c | xargs)" "80 200 20 400"
is "each is told the number of his own job" "$(answers | awk '$NF == 200 {print $2, "s" $1}' | sort -n)" \
	"$(sql "SELECT id || ' ' || session_key FROM jqm.job_instance ORDER BY id")"
is "of the definition that he named" "$(sql "SELECT count(*) FROM jqm.job_instance AS j JOIN jqm.job_def AS d ON d.id = j.job_def_id WHERE (d.name = 'Mine') = (substr(j.session_key, 2)::int % 2 = 0)")" 80
is "each has a row of the audit trail, of a request of its own" "$(sql "SELECT count(*) || ' ' || count(DISTINCT split_part(a.actor, chr(31), 4)) || ' ' || min(split_part(a.actor, chr(31), 1))
    FROM jqm.audit AS a JOIN jqm.job_instance AS j ON j.id = a.object_id WHERE a.action = 'enqueue' AND a.kind = 'job'")" '80 80 root'
is "the log of the web API tells of each" "$(grep -c ' job_enqueued ' "$HOME_DIR/log/jqm-fcgi.log")" 80
done_testing
