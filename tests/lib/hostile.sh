# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Bodies and requests that mean no good, for any door; behind stack.sh.
#
#	bad_json DIR    bad_xml DIR     makes the directory: bodies in files, none of which a door of jobs takes
#	not_refused METHOD PATH TYPE FILE...     sends them all; prints what is not answered by 4xx with an error object.
#	                      MORE: lines of a curl configuration for each; REFUSED: a pattern for the status, if not any 4xx
#	too_much METHOD PATH TYPE     the statuses of 100 MB, of the same in chunks, and of a request that is cut off and
#	                      followed by the same door's answer to a small bad body
#	repeat TEXT COUNT     a text so many times
#	raw SECONDS           standard input is sent as it is, the answer printed, until the server ends it or so long (its first
#	                      byte may take longer); both are kept for answers.py.  statuses: those of such answers

repeat() { head -c "$2" /dev/zero | sed "s/\\x0/$1/g"; }

bad_json() ( # DIR
	mkdir -p "$1" && cd "$1" || exit 1
	printf '' >empty
	printf 'null' >null
	printf 'true' >boolean
	printf '"text"' >text
	printf '1e999' >huge-real
	printf '99999999999999999999' >huge-number
	printf '[99999999999999999999]' >huge-in-list
	printf '[null]' >list-of-null
	printf '[[1]]' >list-of-lists
	printf '[-1]' >negative
	printf '[0]' >zero
	printf '[1.5]' >fraction
	printf '[true]' >list-of-booleans
	printf '{"applicationName":' >cut-off
	printf '{"applicationName":"Plain"}}' >trailing
	printf '{"user":"a","user":"b"}' >twice
	printf '{"applicationName":"\xff\xfe"}' >no-utf8
	printf '{"applicationName":"Pl\0ain"}' >nul-byte
	printf '{"applicationName":"Pl\\u0000ain","user":"\\u0000"}' >nul-escape
	printf '{"applicationName":"\\ud800"}' >lone-surrogate
	printf '{"applicationName":{"a":1},"id":{},"user":[1],"jobInstanceId":[]}' >objects
	{ repeat '[' 1000; repeat ']' 1000; } >deep-lists
	{ repeat '{"a":' 1000; printf '1'; repeat '}' 1000; } >deep-objects
	{ printf '['; repeat '0,' 700000; printf '0]'; } >long
)

bad_xml() ( # DIR
	mkdir -p "$1" && cd "$1" || exit 1
	printf '' >empty
	printf 'no xml' >text
	printf '<jobRequest><applicationName>Plain</jobRequest>' >crossed
	printf '<other/>' >root
	printf '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;"><!ENTITY z "&y;&y;&y;&y;&y;&y;&y;&y;&y;&y;">]><jobRequest><applicationName>&z;&z;&z;</applicationName></jobRequest>' >bomb
	printf '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><query><user>&x;</user></query>' >outside
	printf '<jobRequest><applicationName>Pl\0ain</applicationName></jobRequest>' >nul-byte
	printf '<jobRequest><applicationName>\xff\xfe</applicationName></jobRequest>' >no-utf8
	printf '<?xml version="1.0" encoding="NONE-7"?><jobRequest/>' >encoding
	{ repeat '<a>' 1000; repeat '<\/a>' 1000; } >deep
	printf '<jobRequest><priority><a/></priority></jobRequest>' >elements
	printf '<jobRequest><priority>1</priority><priority>2</priority></jobRequest>' >twice
)

# One curl for all of them, one jq for the answers.
not_refused() { # METHOD PATH TYPE FILE...
	local method=$1 path=$2 type=$3 file next=''
	shift 3
	for file in "$@"; do
		printf '%s' "$next"
		printf '%s = "%s"\n' url "$URL$path" request "$method" user "$AUTH" max-time 30 header "Content-Type: $type" header "Accept: ${ACCEPT:-application/json}" \
			data-binary "@$file" write-out "\\t%{http_code} ${file##*/}\\n"
		printf '%s\n' silent show-error "${MORE:-}"
		next=$'next\n'
	done >"$WORK/hostile.curl"
	curl -K "$WORK/hostile.curl" >"$WORK/hostile.answers" 2>&1
	jq -rR --arg refused "${REFUSED:-^4}" 'capture("^(?<body>.*)\t(?<status>[0-9]{3}) (?<file>[^\t]*)$")
		| select((.status | test($refused) | not) or ((.body | try (fromjson | .errorCode and (.userReadableMessage | length > 5)) catch false) | not))
		| "\(.file): \(.status) \(.body[0:300])"' "$WORK/hostile.answers"
	[ "$(grep -acP '\t[0-9]{3} ' "$WORK/hostile.answers")" -eq $# ] || echo "not as many answers as there were bodies: $# "
}

too_much() { # METHOD PATH TYPE
	local how
	[ -e "$WORK/100m" ] || truncate -s 100M "$WORK/100m"
	for how in 'Expect:' 'Transfer-Encoding: chunked'; do # not recorded: megabytes of nothing
		"${JQM_CURL:-curl}" -sS -m 60 -u "$AUTH" -X "$1" -o "$WORK/answer" -w '%{http_code} ' -H "Content-Type: $3" -H 'Expect:' -H "$how" -T "$WORK/100m" "$URL$2" 2>/dev/null
		jq -e '.errorCode and .userReadableMessage' "$WORK/answer" >/dev/null || printf 'without a reason '
	done
	printf '%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nContent-Type: %s\r\nContent-Length: 500\r\n\r\n{"a":' "$1" "$2" "$(printf '%s' "$AUTH" | base64 -w0)" "$3" | raw_away
	code "$1" "$2" -H "Content-Type: $3" --data-binary '{"a":'
}

raw() { # SECONDS
	local first kept=${JQM_RECORD:-/nowhere}/${EPOCHREALTIME/./}-$BASHPID
	exec 3<>"/dev/tcp/127.0.0.1/$PORT" || return
	tee -p "$kept.sent" >&3 2>/dev/null
	if LC_ALL=C IFS= read -rd '' -n 1 -t 60 first <&3; then
		{
			printf '%s' "$first"
			timeout "$1" cat <&3
		} | tee "$kept.got" 2>/dev/null
	fi
	exec 3>&-
}
raw_away() { # sent, and away
	exec 3<>"/dev/tcp/127.0.0.1/$PORT" || return
	cat >&3
	exec 3>&-
}
statuses() { LC_ALL=C grep -ao 'HTTP/1.1 [0-9]*' | cut -d' ' -f2 | tr '\n' ' '; }
