# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Requests of every kind for one worker, right and wrong ones; and what memory it has.
#
#	mix URL AUTH TIMES DIR       each kind TIMES times, over kept connections; DIR takes the bodies
#	MIX_KINDS                    how many kinds there are
#	worker_of PIDFILE            the only worker of that master
#	private_kb PID               what the process has in memory of its own; our programs show nobody more than that

export MIX_KINDS=18

mix() { # URL AUTH TIMES DIR
	local url=$1 many="n=[1-$3]" dir=$4 json=application/json xml=application/xml
	local call=(curl -sS -m 300 -o /dev/null -u "$2")
	[ -e "$dir/query.json" ] || {
		printf '{"applicationName":["M%%"],"user":"mix","statuses":["HOLDED"],"pageSize":20,"queryLiveInstances":true,"sortby":[{"col":"USERNAME","order":"ASCENDING"}]}' >"$dir/query.json"
		printf '<query><user>mix</user><pageSize>20</pageSize><queryLiveInstances>true</queryLiveInstances><queryHistoryInstances>true</queryHistoryInstances></query>' >"$dir/query.xml"
		printf '<jobRequest><applicationName>Mixed</applicationName><user>mix</user><startState>HOLDED</startState><priority>0</priority><parameters><entry><key>a</key><value>b</value></entry></parameters></jobRequest>' >"$dir/request.xml"
		printf '[{"applicationName":"Mixed","startState":"HOLDED"},{"applicationName":"Mixed","startState":"HOLDED","parameters":[{"key":"a","value":"b"}]}]' >"$dir/requests.json"
		printf '{"applicationName":"Nobody","priority":3}' >"$dir/nobody.json"
		printf '{"applicationName":["x"' >"$dir/torn.json"
		printf '<query><user>torn' >"$dir/torn.xml"
	}
	"${call[@]}" "$url/ws/client/ji/1?$many"
	"${call[@]}" -H "Accept: $json" "$url/ws/client/ji/1?$many"
	"${call[@]}" "$url/ws/client/ji?newest=10&$many"
	"${call[@]}" "$url/ws/client/ji/1/stdout?$many"
	"${call[@]}" "$url/ws/client/jd?$many"
	"${call[@]}" "$url/ws/client/q?$many"
	"${call[@]}" "$url/ws/simple/status?id=1&$many"
	"${call[@]}" "$url/ws/admin/jd?$many"
	"${call[@]}" "$url/ws/client/ji/999999?$many"
	"${call[@]}" "$url/ws/no/such/path?$many"
	"${call[@]}" -H "Content-Type: $json" --data-binary @"$dir/query.json" "$url/ws/client/ji/query?$many"
	"${call[@]}" -H "Content-Type: $xml" --data-binary @"$dir/query.xml" "$url/ws/client/ji/query?$many"
	"${call[@]}" -H "Content-Type: $xml" --data-binary @"$dir/request.xml" "$url/ws/client/ji?$many"
	"${call[@]}" -H "Content-Type: $json" --data-binary @"$dir/requests.json" "$url/ws/client/ji/bulk/requests?$many"
	"${call[@]}" -H "Content-Type: $json" --data-binary @"$dir/nobody.json" "$url/ws/client/ji?$many"
	"${call[@]}" -H "Content-Type: $json" --data-binary @"$dir/torn.json" "$url/ws/client/ji/query?$many"
	"${call[@]}" -H "Content-Type: $xml" --data-binary @"$dir/torn.xml" "$url/ws/client/ji/query?$many"
	"${call[@]}" --data 'applicationname=Mixed&parameterNames=a' "$url/ws/simple/ji?$many"
}

worker_of() { pgrep -P "$(cat "$1")" -x jqm-fcgi; }
private_kb() { awk -v kb="$(($(getconf PAGESIZE) / 1024))" '{ print ($2 - $3) * kb }' "/proc/$1/statm"; }
