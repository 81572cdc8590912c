#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mails about jobs, with a real mail server that is well, down, slow, or refuses.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
define Good 'echo fine >"$JQM_JI_DELIVERY_DIR/r.txt"'
define Bad 'exit 3'
define Long 'exec tail -f /dev/null'
mkdir -p "$WORK/mail"
SMTP_PORT=$(free_port)
ini=$HOME_DIR/conf/jqm.ini

server_pid() { cat "$WORK/mail/pid" 2>/dev/null; }
server_down() {
	local pid
	pid=$(server_pid) || return 0
	rm -f "$WORK/mail/pid"
	kill -9 "$pid" && wait "$pid" 2>/dev/null
	true
}
at_exit server_down
server_up() { # MODE
	echo "$1" >"$WORK/mail/mode"
	/usr/bin/python3 "$(dirname "$0")/../lib/mail_server.py" "$SMTP_PORT" "$WORK/mail" 2>>"$WORK/mail/log" &
	wait_for 20 test -s "$WORK/mail/pid" || diag "$(cat "$WORK/mail/log")"
}
mode() { echo "$1" >"$WORK/mail/mode"; }
notifier_pid() { cat "$HOME_DIR/run/jqm-notifier.pid" 2>/dev/null; }
is_new_notifier() { [ -n "$(notifier_pid)" ] && [ "$(notifier_pid)" != "$1" ]; }
# Ends the notifier as asked; the supervisor starts it again, with the settings as they are now.
restart_notifier() { # SIGNAL
	local old
	old=$(notifier_pid)
	kill "-$1" "$old"
	wait_for 20 is_new_notifier "$old"
}
settings() { # LINE...: section [mail] anew
	sed -i '/^\[mail\]/,/^# end of mail/d' "$ini"
	{ echo '[mail]' && printf '%s\n' "$@" && echo '# end of mail'; } >>"$ini"
	restart_notifier TERM
}
job() { # NAME ADDRESS
	api POST /ws/simple/ji --data-urlencode "applicationname=$1" --data-urlencode "mail=$2"
}
over() { # NAME ADDRESS -> id of an ended job
	local id
	id=$(job "$1" "$2")
	wait_job "$id" 20
	echo "$id"
}
# The mail to ADDRESS, decoded: headers, an empty line, the text.
mail_to() {
	/usr/bin/python3 - "$WORK/mail" "$1" <<-'P'
	import email, email.policy, glob, sys
	found = []
	for path in glob.glob(sys.argv[1] + "/*.eml"):
	    with open(path, "rb") as f:
	        m = email.message_from_binary_file(f, policy=email.policy.default)
	    if m["X-RcptTo"] == sys.argv[2]:
	        found.append(m)
	for m in found:
	    for k, v in m.items():
	        print(k + ": " + v)
	    print()
	    print(m.get_content())
	sys.exit(not found)
	P
}
mails_to() { mail_to "$1" | grep -c '^Message-ID: '; }
arrives() { wait_for "${2:-20}" mail_to "$1"; }
waiting() { sql "SELECT count(*) FROM jqm.mail WHERE recipient = '$1'"; }
is_gone() { [ "$(waiting "$1")" = 0 ]; }
was_tried() { [ -n "$(sql "SELECT last_error FROM jqm.mail WHERE recipient = '$1'")" ]; }
error_of() { sql "SELECT last_error FROM jqm.mail WHERE recipient = '$1'"; }
messages() { sql "SELECT string_agg(text_message, ';') FROM jqm.message WHERE job_instance_id = $1"; }
seen() { grep -cF -- "$1" "$WORK/mail/seen"; }
was_seen() { [ "$(seen "$1")" -gt 0 ]; }
# Not to wait for the back-off, which tests/db/test_mail.c looks at.
due_now() { sql "UPDATE jqm.mail SET next_try_at = now(); NOTIFY jqm_mail"; }

# --- No mail server: nothing piles up, and the job says so.
id=$(over Good nobody@example.org)
ok "without a mail server the mail is dropped" wait_for 20 is_gone nobody@example.org
is "and the job says so" "$(messages "$id")" "no mail was sent: no mail server is configured"
is "a job without an address says nothing" "$(messages "$(over Good '')")" ""

# --- Settings that make no sense.
wrong() { # DESCRIPTION PATTERN LINE...
	local what=$1 pattern=$2
	shift 2
	sed '/^\[mail\]/,/^# end of mail/d' "$ini" >"$WORK/wrong.ini"
	{ echo '[mail]' && printf '%s\n' "$@"; } >>"$WORK/wrong.ini"
	chmod 600 "$WORK/wrong.ini"
	"$JQM_BIN/jqm-notifier" --config "$WORK/wrong.ini" >"$WORK/out" 2>&1
	is "$what is refused" $? 1
	like "with the reason" "$(cat "$WORK/out")" "$pattern"
}
echo 's3cret' >"$WORK/password" && chmod 644 "$WORK/password"
host="smtp_host = 127.0.0.1"
wrong "a server without a sender" "setting mail:from is missing" "$host"
wrong "a sender that is no address" 'mail:from: .* is no address' "$host" 'from = "a b"'
wrong "a host that is none" 'mail:smtp_host: "a/b" is no name' 'smtp_host = a/b' 'from = a@b.org'
wrong "a user without a password" 'mail:password_file is missing' "$host" 'from = a@b.org' 'user = jqm'
wrong "a password file others can read" 'password_file.*can be read by others' \
    "$host" 'from = a@b.org' 'user = jqm' "password_file = $WORK/password"
is "no configuration: usage" "$("$JQM_BIN/jqm-notifier" >/dev/null 2>&1; echo $?)" 2

# --- Each end.
server_up accept
common=("$host" "smtp_port = $SMTP_PORT" 'from = jqm@example.org')
ok "a notifier with a mail server starts" settings "${common[@]}" # with patience: a busy machine's mail server is slow, too
id=$(over Good 'ended@example.org, second@example.org')
ok "the mail of an ended job arrives" arrives ended@example.org
like "its subject" "$(mail_to ended@example.org)" "^Subject: \\[JQM\\] Job $id Good ENDED\$"
like "its text" "$(mail_to ended@example.org)" '^Queue: +DEFAULT$'
like "and what the job left" "$(mail_to ended@example.org)" '^  r\.txt$'
like "and where to look" "$(mail_to ended@example.org)" "jqm log $id\$"
like "each address has its own" "$(arrives second@example.org && mail_to second@example.org)" '^To: second@example.org$'
id=$(over Bad crashed@example.org)
ok "the mail of a crashed job arrives" arrives crashed@example.org
like "with the exit code" "$(mail_to crashed@example.org)" "^Subject: \\[JQM\\] Job $id Bad CRASHED: exit code 3\$"
id=$(job Long killed@example.org)
ok "a job runs" wait_for 20 job_is "$id" RUNNING
"$JQM" kill "$id"
ok "the mail of a killed job arrives" arrives killed@example.org
like "with who did it" "$(mail_to killed@example.org)" "^Subject: \\[JQM\\] Job $id Long KILLED: killed by root\$"
id=$(sql "SELECT jqm.enqueue('Good', email => 'cancelled@example.org', held => true)")
sql "SELECT jqm.cancel($id, 'bob')"
ok "the mail of a cancelled job arrives" arrives cancelled@example.org
like "with who did it" "$(mail_to cancelled@example.org)" "^Subject: \\[JQM\\] Job $id Good CANCELLED: cancelled by bob\$"
sql "UPDATE jqm.job_def SET alert_after_min = 30 WHERE name = 'Long'"
id=$(job Long late@example.org)
ok "a job runs" wait_for 20 job_is "$id" RUNNING
sql "UPDATE jqm.job_instance SET started_at = now() - interval '31 min' WHERE id = $id"
ok "the mail of a job that runs long arrives" arrives late@example.org
like "with how long" "$(mail_to late@example.org)" "^Subject: \\[JQM\\] Job $id Long runs longer than 30 min\$"
"$JQM" kill "$id"
define 'Grüße ☺' true
id=$(sql "SELECT jqm.enqueue('Grüße ☺', user_name => E'bob\r\nBcc: victim@example.org', email => 'odd@example.org',
    parameters => '{\"secret\": \"hunter2\"}')")
ok "the mail of a job with odd names arrives" arrives odd@example.org
like "the name is whole" "$(mail_to odd@example.org)" "^Subject: \\[JQM\\] Job $id Grüße ☺ ENDED\$"
unlike "no name becomes a header, no parameter is told" "$(mail_to odd@example.org)" '^Bcc|hunter2'
is "an address that is none is refused" \
    "$(code POST /ws/simple/ji --data-urlencode applicationname=Good --data-urlencode $'mail=a@b.org\nBcc: x@y')" 400

# --- The server is down, then up.
server_down
id=$(over Good down@example.org)
ok "while the server is down a mail is kept" wait_for 20 was_tried down@example.org
like "with the reason" "$(error_of down@example.org)" 'connect'
server_up accept
due_now
ok "when it is up the mail arrives" arrives down@example.org 40
is "the job says nothing of it" "$(messages "$id")" ""

# --- Not now; never.
mode 451
id=$(over Good grey@example.org)
ok "a mail that is not accepted now is kept" wait_for 20 was_tried grey@example.org
like "with what the server said" "$(error_of grey@example.org)" '^451 4.7.1 greylisted, try again$'
due_now
ok "and arrives at the next try" arrives grey@example.org
mode 550
id=$(over Good no@example.org)
ok "a mail that is refused is given up" wait_for 20 is_gone no@example.org
is "and the job says why" "$(messages "$id")" "mail to no@example.org could not be sent: 550-5.1.1 no such user 5.1.1 here  [1m"
is "it was tried once" "$(seen 'RCPT no@example.org')" 1
mode 554-text
id=$(over Good tone@example.org)
ok "so is one whose text is refused" wait_for 20 is_gone tone@example.org
is "and the job says why" "$(messages "$id")" "mail to tone@example.org could not be sent: 554 5.6.0 not in this tone"
mode 553-sender
id=$(over Good sender@example.org)
ok "where our sender is refused mails are kept: an administrator can help" wait_for 20 was_tried sender@example.org
like "with what the server said" "$(error_of sender@example.org)" '^553 5.7.1 who are you$'
is "nobody was told the address" "$(seen 'RCPT sender@example.org')" 0
mode accept
due_now
ok "and arrive when it is not refused any more" arrives sender@example.org

# --- A server that never answers holds up nobody; a notifier that is killed loses nothing.
mode hang
settings "${common[@]}" 'timeout_ms = 2000'
id=$(over Good slow@example.org)
ok "a mail is on its way to a slow server" wait_for 20 was_seen 'RCPT slow@example.org'
from_ms=$((${EPOCHREALTIME/./} / 1000))
for n in 1 2 3; do is "jobs go on ending meanwhile ($n)" "$(job_state "$(over Good "slow$n@example.org")")" ENDED; done
took_ms=$((${EPOCHREALTIME/./} / 1000 - from_ms))
[ $took_ms -lt 60000 ]
tap_result $? "in $took_ms ms"
ok "the slow server is given up for now" wait_for 20 was_tried slow@example.org
due_now
deadline_seen() { [ "$(grep -c '^DATA' "$WORK/mail/seen")" -gt "$1" ]; }
before=$(grep -c '^DATA' "$WORK/mail/seen")
sed -i 's/^timeout_ms = 2000$/timeout_ms = 30000/' "$ini" # for the next one
ok "the next mail is in the middle" wait_for 40 deadline_seen "$before"
ok "a notifier that is killed then is started again" restart_notifier KILL
mode accept
for n in '' 1 2 3; do ok "mail arrives: slow$n" arrives "slow$n@example.org" 60; done
is "once each" "$(mails_to slow@example.org) $(mails_to slow1@example.org) $(mails_to slow2@example.org) $(mails_to slow3@example.org)" "1 1 1 1"
mid=$(mail_to slow@example.org | sed -n 's/^Message-ID: //p')
ok "a mail tried again has the same Message-ID" sh -c "[ \$(grep -cF '$mid' '$WORK/mail/seen') -ge 2 ]"

# --- TERM in the middle.
mode hang
settings "${common[@]:0:3}" 'timeout_ms = 600000'
id=$(over Good term@example.org)
ok "a mail is in the middle" wait_for 20 was_seen 'RCPT term@example.org'
from_ms=$((${EPOCHREALTIME/./} / 1000))
ok "TERM ends the notifier all the same" restart_notifier TERM
took_ms=$((${EPOCHREALTIME/./} / 1000 - from_ms))
[ $took_ms -lt 60000 ] # it would wait for ten minutes
tap_result $? "within seconds ($took_ms ms)"
is "the mail was not forgotten" "$(error_of term@example.org)" "the notifier was stopped"
mode accept
due_now
ok "and arrives from the next one" arrives term@example.org

# --- Encryption and login.
settings "${common[@]}" 'tls = required'
id=$(over Good tls@example.org)
ok "where encryption is required and not offered nothing is sent" wait_for 20 was_tried tls@example.org
like "and the reason is kept" "$(error_of tls@example.org)" 'STARTTLS'
is "the address was not told" "$(seen tls@example.org)" 0
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail.test -keyout "$WORK/mail/key.pem" \
    -out "$WORK/mail/cert.pem" 2>/dev/null
mode tls
sql "UPDATE jqm.mail SET last_error = NULL"
due_now
ok "nor where the certificate is worth nothing" wait_for 40 was_tried tls@example.org
like "and the reason is kept" "$(error_of tls@example.org)" 'certificate'
is "the address was not told" "$(seen tls@example.org)" 0
settings "${common[@]}"
id=$(over Good offered@example.org)
ok "by default what is offered is taken" arrives offered@example.org
like "and the mail came encrypted" "$(mail_to offered@example.org)" '^X-Tls: yes$'
mode auth
id=$(over Good nologin@example.org)
ok "where a login is wanted and we have none mails are kept" wait_for 20 was_tried nologin@example.org
like "with what the server said" "$(error_of nologin@example.org)" '^530 '
chmod 600 "$WORK/password"
settings "${common[@]}" 'tls = none' 'user = jqm' "password_file = $WORK/password"
id=$(over Good account@example.org)
ok "with the right password mail is accepted" arrives account@example.org 40
due_now
ok "and the mails that were kept arrive" arrives nologin@example.org
echo wrong >"$WORK/password"
settings "${common[@]}" 'tls = none' 'user = jqm' "password_file = $WORK/password"
id=$(over Good login@example.org)
ok "a wrong password is the server's trouble, not the mail's" wait_for 20 was_tried login@example.org
is "it is kept" "$(waiting login@example.org)" 1
unlike "no password is in the log" "$(cat "$HOME_DIR/log/jqm-notifier.log")" 's3cret|wrong"'
ok "the stack goes down while a mail waits" "$JQM" down --home "$HOME_DIR"
done_testing
