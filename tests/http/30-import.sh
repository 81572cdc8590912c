#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Import of JQM's XML descriptors through the API: the whole file or nothing.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/hostile.sh"
stack_up

definition() { # NAME [MORE_XML]
	printf '<jar><path>echo %s</path><pathType>DEFAULTSHELLCOMMAND</pathType><jobdefinitions><jobDefinition><name>%s</name><description>d</description><canBeRestarted>true</canBeRestarted><javaClassName>none</javaClassName><module>m</module>%s<highlander>false</highlander></jobDefinition></jobdefinitions></jar>' "$1" "$1" "${2:-}"
}
import() { # STATUS PATTERN DESCRIPTION   (document on stdin)
	local body status
	body=$(curl -sS -m 30 -u "$AUTH" -o - -w '\n%{http_code}' -H 'Content-Type: application/xml' --data-binary @- "$URL/ws/admin/jd/xml")
	status=${body##*$'\n'}
	is "$3: status" "$status" "$1"
	like "$3: answer" "$body" "$2"
}
# POST /ws/admin/jd/xml
import 200 '"name": ?"One"' "a good file" < <({ echo '<jqm>'; definition One '<keyword1>k</keyword1>'; definition Two; echo '</jqm>'; })
is "both are there" "$(sql "SELECT string_agg(name, ',' ORDER BY name) FROM jqm.job_def")" One,Two
import 200 'updated' "the same again" < <({ echo '<jqm>'; definition One; echo '</jqm>'; })
is "an absent keyword is cleared" "$(sql "SELECT coalesce(keyword1, 'none') FROM jqm.job_def WHERE name = 'One'")" none
import 200 'updated' "with a keyword, and an empty one" < <({ echo '<jqm>'; definition One '<keyword1>new</keyword1><keyword2></keyword2>'; echo '</jqm>'; })
is "one has a value, the other is empty" "$(sql "SELECT keyword1 || '|' || coalesce(keyword2, 'none') FROM jqm.job_def WHERE name = 'One'")" 'new|'
import 400 'keyword1' "one bad definition in a file" < <(
	echo '<jqm>'
	definition Three
	definition Four "<keyword1>$(head -c 60 /dev/zero | tr '\0' x)</keyword1>"
	echo '</jqm>'
)
is "nothing of that file was kept" "$(sql "SELECT count(*) FROM jqm.job_def WHERE name IN ('Three', 'Four')")" 0
import 400 'line' "a truncated file" < <(printf '<jqm><jar>')
import 400 '' "an empty body" < <(printf '')
import 400 'jqm' "another root" < <(printf '<other/>')
import 400 'DOCTYPE|document type' "an external entity" < <(printf '<!DOCTYPE jqm [<!ENTITY x SYSTEM "file:///etc/passwd">]><jqm>&x;</jqm>')
import 400 'DOCTYPE|document type' "entities that grow" < <(printf '<!DOCTYPE jqm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><jqm>&b;</jqm>')
import 400 'deep|depth' "too deep" < <(repeat '<jqm>' 1000 && repeat '<\/jqm>' 1000)
import 400 'not XML' "a byte NUL" < <({ echo '<jqm>'; definition Nul | sed 's/echo/ec\x00ho/'; echo '</jqm>'; })
import 400 'not XML' "a NUL as a number" < <({ echo '<jqm>'; definition Nul '<keyword1>a&#0;b</keyword1>'; echo '</jqm>'; })
import 400 'not XML' "elements that cross" < <({ echo '<jqm>'; definition Nul | sed 's,</path><pathType>,<pathType></path>,'; echo '</jqm>'; })
# Elements of ours; tests/unit/test_job_def_rules.c has every wrong value of every one.
rules='<priority>7</priority><limits><runMaxSeconds>60</runMaxSeconds><logMaxBytes>1M</logMaxBytes><umask>027</umask></limits><retry><attemptsMax>3</attemptsMax><exitCodes>75,1</exitCodes></retry><onNodeLoss>REQUEUE</onNodeLoss><concurrencyKey>db</concurrencyKey>'
import 200 Ruled "limits, retries and the like" < <({ echo '<jqm>'; definition Ruled "$rules"; echo '</jqm>'; })
ruled() { sql "SELECT concat_ws('|', enabled, priority, run_max_s, log_max_bytes, umask, attempts_max, retry_exit_codes, on_node_loss, concurrency_key) FROM jqm.job_def WHERE name = 'Ruled'"; }
is "are stored" "$(ruled)" 't|7|60|1048576|23|3|{75,1}|REQUEUE|db'
import 200 Ruled "a file of JQM's own, and disabled" < <({ echo '<jqm>'; definition Ruled '<enabled>0</enabled>'; echo '</jqm>'; })
is "the file is the definition, but for the priority" "$(ruled)" 'f|7|1|CRASH'
import 200 Ruled "a file that says neither" < <({ echo '<jqm>'; definition Ruled; echo '</jqm>'; })
is "leaves both alone" "$(ruled)" 'f|7|1|CRASH'
for wrong in '<limits><umask>8</umask></limits>' '<limits><logMaxBytes>1T</logMaxBytes></limits>' '<retry><backoff>NEVER</backoff></retry>' \
	'<retry><exitCodes>0</exitCodes></retry>' '<onNodeLoss>IGNORE</onNodeLoss>' '<concurrencyKey/>' '<priority>11</priority>' '<enabled>no</enabled>' \
	'<parameters><parameter><key>com.enioka.jqm.rm.discrete.ports.consumption</key><value>two</value></parameter></parameters>'; do
	word=$(printf '%s' "$wrong" | grep -oE 'com[a-z.]*consumption|umask|logMaxBytes|backoff|exitCodes|onNodeLoss|concurrencyKey|priority|enabled' | head -1)
	import 400 "line 2.*$word" "$word" < <({ echo '<jqm>'; definition Ruled "$wrong"; echo '</jqm>'; })
done
is "none of these changed anything" "$(ruled)" 'f|7|1|CRASH'
# The route's own limit is above fcgi:body_max_bytes (1 MB): the export of a whole cluster.
{ echo '<jqm>'; definition Large; echo '<!--'; head -c 3000000 /dev/zero | tr '\0' x; echo '--></jqm>'; } >"$WORK/3m.xml"
import 200 '"name": ?"Large"' "3 MB" <"$WORK/3m.xml"
is "jqm import takes it too" "$("$JQM" import "$WORK/3m.xml" 2>&1)" "unchanged definition Large"
{ echo '<jqm><!--'; head -c 9000000 /dev/zero | tr '\0' x; echo '--></jqm>'; } >"$WORK/big.xml"
import 413 'at most' "too big" <"$WORK/big.xml"
import 200 Latin "another encoding, declared" < <({ echo '<?xml version="1.0" encoding="ISO-8859-1"?><jqm>'; definition Latin "<keyword1>$(printf 'caf\xe9')</keyword1>"; echo '</jqm>'; })
is "its texts arrive" "$(sql "SELECT keyword1 FROM jqm.job_def WHERE name = 'Latin'")" "café"
import 400 'UTF-8|encoding' "bad UTF-8" < <(printf '<jqm>\xff\xfe</jqm>')
is "a wrong content type is 415" "$(code POST /ws/admin/jd/xml -H 'Content-Type: application/json' -d '{}')" 415
is "the server still answers" "$(code GET /ws/simple/localnode/health)" 200
done_testing
