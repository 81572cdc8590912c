#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A hostile user and passwords: guessing, learning who has an account, locking others out, wearing the server out.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
stack_up
bob='dusty lamp over the river'
account bob "$bob"
id=$ACCOUNT
at() { # ADDRESS LOGIN PASSWORD [CURL ARG...]: all of 127.0.0.0/8 is this machine
	curl -sS -m 60 --interface "$1" -o /dev/null -w '%{http_code}' -u "$2:$3" "${@:4}" "$URL/ws/client/q"
}

# Guessing costs more and more, at the address that guesses.
log_in bob bob "$bob" >/dev/null
is "bob at home" "$(at 127.0.0.9 bob "$bob")" 200
codes=$(for i in $(seq 11); do at 127.0.0.2 bob "guess $i"; echo; done | sort | uniq -c | tr -s ' \n' ' ')
is "ten guesses, then a pause" "$codes" " 10 401 1 429 "
is "in which the right one is not even looked at" "$(at 127.0.0.2 bob "$bob")" 429
is "its owner elsewhere does not notice" "$(at 127.0.0.9 bob "$bob")" 200
is "nor does his session, wherever it is" "$(curl -sS -o /dev/null -w '%{http_code}' --interface 127.0.0.2 -b "$WORK/bob.jar" "$URL/ws/client/q")" 200
is "others at the same address" "$(at 127.0.0.2 root "${AUTH#*:}")" 200

# Nobody is locked: what strangers do is forgotten, and the account is as it was.
is "the account is not locked" "$(sql "SELECT locked FROM jqm.account WHERE id = $id")" f

# Who has no account, is locked, over, without password, or with a second factor: all are told the same.
sql "INSERT INTO jqm.account (login, password_hash, locked, expiration_date) SELECT v.login, a.password_hash, v.locked, v.ends FROM jqm.account AS a,
     (VALUES ('locked', true, NULL::timestamptz), ('over', false, now() - interval '1 s'), ('coded', false, NULL)) AS v(login, locked, ends) WHERE a.id = $id;
     INSERT INTO jqm.account (login, internal, password_hash, expiration_date) SELECT 'temp', true, password_hash, now() - interval '1 s' FROM jqm.account WHERE id = $id;
     INSERT INTO jqm.account (login) VALUES ('bare');
     INSERT INTO jqm.account_totp (account_id, secret, confirmed) SELECT id, substr(sha256('s'), 1, 20), true FROM jqm.account WHERE login = 'coded'" >/dev/null
answer() { curl -sS -m 30 --interface 127.0.0.3 -D - -u "$1:$bob" "$URL/ws/client/q" | tr -d '\r' | sed 's/"requestId":"[0-9a-f]*"//; /^Date/d'; }
unknown=$(answer nobody)
like "a stranger is refused" "$unknown" '^HTTP/1.1 401'
for login in locked over coded bare temp; do
	is "account $login with the right password is told the same" "$(answer $login)" "$unknown"
done
session_answer() { jq -nc --arg l "$1" --arg p "$2" '{login: $l, password: $p}' | curl -sS -m 30 --interface 127.0.0.4 -D - -H 'Content-Type: application/json' --data-binary @- "$URL/ws/session" | tr -d '\r' | sed 's/"requestId":"[0-9a-f]*"//; /^Date/d'; }
unknown=$(session_answer nobody "$bob")
for login in locked over bare temp; do
	is "and where sessions begin: $login" "$(session_answer $login "$bob")" "$unknown"
done

# And after the same time: the median of each, one after the other, without a computation that is remembered.
# One of each in turn, so that all meet the same machine; where that is busy, once more.
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }
median() { sort -n "$1" | sed -n "$(($(wc -l <"$1") / 2 + 1))p"; }
alike() { [ "$1" -lt $((2 * $2 + 20)) ] && [ "$2" -lt $((2 * $1 + 20)) ]; }
for round in 1 2 3; do
	for i in 1 2 3 4 5 6 7 8 9; do
		for login in bob nobody locked; do
			from=$(now_ms)
			at "127.$round.${#login}.$i" "$login" "wrong $i" >/dev/null
			echo $(($(now_ms) - from)) >>"$WORK/times.$round.$login"
		done
	done
	known=$(median "$WORK/times.$round.bob") unknown=$(median "$WORK/times.$round.nobody") locked=$(median "$WORK/times.$round.locked")
	diag "ms for a wrong password: known $known, unknown $unknown, locked $locked"
	alike "$known" "$unknown" && alike "$known" "$locked" && break
done
ok "an unknown account takes as long as a known one" alike "$known" "$unknown"
ok "a locked one too" alike "$known" "$locked"

# From very many addresses at once: strangers wait, whoever is known does not.
seq 1 140 | xargs -P2 -I{} curl -sS -m 60 -o /dev/null --interface 127.9.{}.1 -u bob:wrong "$URL/ws/client/q"
forget() { sql "UPDATE jqm.account SET email = '$1-${EPOCHREALTIME/./}@example.org' WHERE id = $id" >/dev/null; } # so that the password is computed anew
# The wait may be over by then; each guess that finds it so makes the next one twice as long.
for n in $(seq 8); do
	forget "one$n"
	at "127.9.$n.2" bob wrong >/dev/null
	stranger=$(at "127.0.$n.66" bob "$bob")
	[ "$stranger" != 429 ] || break
done
is "a stranger waits, even one with the right password" "$stranger" 429
is "the owner at a place he is known from does not" "$(at 127.0.0.9 bob "$bob")" 200
forget two
is "nor does who sits at the machine itself" "$(at 127.0.0.1 bob "$bob")" 200
is "a machine that guesses has not made the server slow for others" "$(at 127.0.0.88 root "${AUTH#*:}")" 200

# Hashes are the dear part: many wrong passwords at once leave workers to those who need no hash.
good_ms() { # of each of 30 requests
	local i from
	for i in $(seq 30); do
		from=$(now_ms)
		at 127.0.0.9 root "${AUTH#*:}" >/dev/null
		echo $(($(now_ms) - from))
	done
}
for round in 1 2 3; do # what else the machine does may be another thing a moment later
	good_ms >"$WORK/quiet.$round"
	quiet=$(median "$WORK/quiet.$round")
	: >"$WORK/flood.now"
	seq 1 150 | xargs -P24 -I{} curl -sS -m 60 -o /dev/null -w '%{http_code}\n' --interface "127.8.{}.$round" -u "flood$round-{}:wrong" "$URL/ws/client/q" >"$WORK/flood.now" &
	flood=$!
	wait_for 20 test -s "$WORK/flood.now"
	good_ms >"$WORK/busy.$round"
	busy=$(median "$WORK/busy.$round")
	wait $flood
	cat "$WORK/flood.now" >>"$WORK/flood"
	diag "ms for a good request: quiet $quiet, during a flood $busy; answers to the flood:" "$(sort "$WORK/flood.now" | uniq -c)"
	[ "$busy" -ge $((3 * quiet + 150)) ] || break
done
ok "good users are answered during a flood of wrong passwords" [ "$busy" -lt $((3 * quiet + 150)) ]
is "who floods is told to come back, or that it was wrong" "$(grep -vc '^\(401\|503\)$' "$WORK/flood")" 0

# All who have the right password at the beginning of a day come in, also when nobody has been here before.
first_logins() { # COUNT COMMAND-ARGS...: their statuses, all at once
	sql "DELETE FROM jqm.account_network" >/dev/null
	forget "$1"
	seq 1 "$1" | xargs -P"$1" -I{} curl -sS -m 60 -o /dev/null -w '%{http_code}\n' --interface 127.7.{}.1 "${@:2}" | sort | uniq -c | tr -s ' \n' ' '
}
# nginx lets ten a second through, and few may wait behind it: a machine too busy for so many computations says 503 to some,
# and they come again.  Other scenarios have the machine for a while only; so it has a minute to show that it needs none of that.
computation_ms() {
	local from
	forget computed
	from=$(now_ms)
	at 127.0.0.9 bob "$bob" >/dev/null
	echo $(($(now_ms) - from))
}
computes_slowly() { # now
	local n
	for n in 1 2 3; do computation_ms; done >"$WORK/computation"
	[ $((16 * $(median "$WORK/computation"))) -gt 3000 ]
}
all_come_in() { # WANT COUNT COMMAND-ARGS...: what they are told, once it is what is wanted or the minute is over
	local want=$1 came deadline=$((SECONDS + 60))
	shift
	until came=$(first_logins "$@") && [ "$came" = "$want" ]; do
		[ $SECONDS -ge $deadline ] || continue
		computes_slowly || break
		diag "a computation takes $(median "$WORK/computation") ms here"
		came=$(first_logins "$1" --retry 20 --retry-delay 1 "${@:2}" 2>/dev/null)
		break
	done
	printf '%s' "$came"
}
is "16 first logins at once wait a little" "$(all_come_in " 16 200 " 16 -u "bob:$bob" "$URL/ws/client/q")" " 16 200 "
is "by the form and by JSON too: what they sent is kept" "$(all_come_in " 12 204 " 12 -H 'Content-Type: application/json' -d "$(jq -nc --arg p "$bob" '{login: "bob", password: $p}')" "$URL/ws/session")$(all_come_in " 12 302 " 12 --data-urlencode username=bob --data-urlencode "password=$bob" "$URL/auth/login.html")" " 12 204  12 302 "
nok "waiting is no fault for a log" grep -q limiting "$HOME_DIR/log/nginx-error.log"

# A second factor cannot be guessed either: codes count like passwords.
sql "UPDATE jqm.account_totp SET last_step = 0" >/dev/null
codes=$(for i in $(seq 11); do jq -nc --arg p "$bob" --arg c "$((100000 + i))" '{login: "coded", password: $p, code: $c}' |
	curl -sS -m 30 --interface 127.0.0.5 -o /dev/null -w '%{http_code}\n' -H 'Content-Type: application/json' --data-binary @- "$URL/ws/session"; done | sort | uniq -c | tr -s ' \n' ' ')
is "ten guesses of a code, then a pause" "$codes" " 10 401 1 429 "
try_code() { # ADDRESS CODE
	jq -nc --arg p "$bob" --arg c "$2" '{login: "coded", password: $p, code: $c}' |
		curl -sS -m 30 --interface "$1" -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' --data-binary @- "$URL/ws/session"
}
is "nor is there another guess from another address" "$(try_code 127.0.0.71 100099) $(try_code 127.0.0.72 100098)" "429 429"
sql "UPDATE jqm.account_totp SET tried_at = now() - interval '31 s'" >/dev/null
is "half a minute later there is one" "$(try_code 127.0.0.71 100099) $(try_code 127.0.0.72 100098)" "401 429"
ok "a temporary account that is over is removed" wait_for 20 sh -c "[ \"\$($(printf %q "$JQM") psql --home $(printf %q "$HOME_DIR") -XAtqc \"SELECT count(*) FROM jqm.account WHERE login = 'temp'\")\" = 0 ]"
done_testing
