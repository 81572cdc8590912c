# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Browsers of a scenario, each with its own cookies; behind stack.sh.
#
#	account LOGIN PASSWORD [ROLE]     made by root; its number in ACCOUNT
#	log_in NAME LOGIN PASSWORD [CODE] the status; NAME's cookies are in $WORK/NAME.jar
#	in_session NAME METHOD PATH [CURL ARG...]     body; as a page of ours would ask; status: api_status
#	session_code NAME METHOD PATH [CURL ARG...]   the status
#	me_of NAME                        the login a browser is logged in with, or the status
#	totp SECRET [STEPS]               the device's code, of now or of so many steps later

account() { # LOGIN PASSWORD [ROLE]
	local role
	role=$(sql "SELECT id FROM jqm.role WHERE name = '${3:-client}'")
	send POST /ws/admin/user "$(jq -nc --arg l "$1" --arg p "$2" --argjson r "$role" '{login: $l, newPassword: $p, roles: [$r]}')" >/dev/null
	# shellcheck disable=SC2034 # for the scenario
	ACCOUNT=$(sql "SELECT id FROM jqm.account WHERE login = '$1'")
}

log_in() { # NAME LOGIN PASSWORD [CODE]
	jq -nc --arg l "$2" --arg p "$3" --arg c "${4-}" '{login: $l, password: $p, code: $c}' |
		curl -sS -m 30 -b "$WORK/$1.jar" -c "$WORK/$1.jar" -o "$WORK/$1.body" -w '%{http_code}' -X POST \
			-H 'Content-Type: application/json' --data-binary @- "$URL/ws/session"
}
in_session() { # NAME METHOD PATH [CURL ARG...]
	local name=$1 method=$2 path=$3
	shift 3
	touch "$WORK/$name.jar"
	curl -sS -m 30 -b "$WORK/$name.jar" -c "$WORK/$name.jar" -X "$method" -H "Origin: $URL" -o - \
		-H 'Content-Type: application/json' -w '%{stderr}%{http_code}' "$URL$path" "$@" 2>"$STATUS_FILE"
}
session_code() { in_session "$@" >/dev/null; api_status; }
me_of() { # NAME
	local body
	body=$(in_session "$1" GET /ws/admin/me)
	[ "$(api_status)" = 200 ] && jq -r .login <<<"$body" || api_status
}
# The cookie's value.
token_of() { awk '$6 ~ /jqm-session$/ {print $7}' "$WORK/$1.jar"; }

totp() { # SECRET [STEPS]
	python3 -c '
import base64, hashlib, hmac, struct, sys, time
key = base64.b32decode(sys.argv[1])
mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + int(sys.argv[2])), hashlib.sha1).digest()
at = mac[19] & 15
print("%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000))' "$1" "${2:-0}"
}
