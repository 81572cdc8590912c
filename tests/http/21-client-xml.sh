#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The client API in XML, asked as JQM's own Java clients ask: their Accept, their root names.
. "$(dirname "$0")/../lib/stack.sh"
stack_up
JAVA_OLD='text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2'
JAVA_NEW='text/html, image/gif, image/jpeg, */*; q=0.2'
PROLOG='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
java() { api "$@" -H "Accept: $JAVA_OLD"; }
post_xml() { java POST "$1" -H 'Content-Type: application/xml' --data-binary "$2"; }
element() { sed -n "s/.*<$1>\([^<]*\)<\/$1>.*/\1/p"; } # of the XML on standard input
content_type() { curl -sS -m 30 -u "$AUTH" -o /dev/null -w '%{http_code} %{content_type}' -H "Accept: $1" "$URL/ws/client/ji"; }

define Greet 'echo "hello $1"; echo data > "$JQM_JI_DELIVERY_DIR/out.csv"'
answer=$(post_xml /ws/client/ji "$PROLOG<jobRequest><applicationName>Greet</applicationName><sessionID>s&amp;1</sessionID><user>alice</user><priority>4</priority><parameters><entry><key>who</key><value>&lt;world&gt;</value></entry></parameters></jobRequest>")
like "an enqueue of the 2.2 client is answered in XML" "$answer" '^<\?xml version="1.0" encoding="UTF-8" standalone="yes"\?><jobInstance><id>[0-9]+</id>'
id=$(printf '%s' "$answer" | element id)
like "with parameters and messages, at least empty" "$answer" '<parameters><entry><key>who</key><value>&lt;world&gt;</value></entry></parameters>.*<messages/>'
ok "the job ends" wait_job "$id"
job=$(java GET "/ws/client/ji/$id")
is "its state" "$(printf '%s' "$job" | element state)" ENDED
is "its session, unescaped and escaped again" "$(printf '%s' "$job" | element sessionID)" 's&amp;1'
is "its priority" "$(printf '%s' "$job" | element priority)" 4
like "its dates" "$(printf '%s' "$job" | element endDate)" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{3})?Z$'
unlike "nothing is written for what is absent" "$job" '<email|<runAfter|<signal'
is "its parameter reached it as it was" "$(api GET "/ws/client/ji/$id/stdout" -H "Accept: $JAVA_OLD")" 'hello <world>'
like "its files" "$(java GET "/ws/client/ji/$id/files")" '<deliverables><deliverable><filePath>[^<]+</filePath><fileFamily>out.csv</fileFamily>'

answer=$(post_xml /ws/client/ji "<jobRequestBaseImpl><applicationName>Greet</applicationName><traceId>t1</traceId><startState>HOLDED</startState><parameters/></jobRequestBaseImpl>")
like "the root name of the 3.5 client is as good" "$answer" '<traceId>t1</traceId>'
like "a list stands under its plural name" "$(java GET /ws/client/ji)" "^<\?xml [^>]*><jobInstances><jobInstance><id>$id</id>.*</jobInstance></jobInstances>$"
like "queues" "$(java GET /ws/client/q)" '<queues><queue><id>[0-9]+</id><name>DEFAULT</name>'
like "definitions" "$(java GET /ws/client/jd)" '<jobDefs><jobDef><id>[0-9]+</id>.*<applicationName>Greet</applicationName>'
like "one definition by its name" "$(java GET /ws/client/jd/name/Greet)" '<jobDef><id>[0-9]+</id>.*<applicationName>Greet</applicationName>.*</jobDef>$'
is "an unknown definition is 404" "$(code GET /ws/client/jd/name/Nobody)" 404
is "an empty list has its two tags" "$(java GET /ws/client/jd/none)" "$PROLOG<jobDefs></jobDefs>"

is "old Java gets XML" "$(content_type "$JAVA_OLD")" '200 application/xml'
is "newer Java gets XML" "$(content_type "$JAVA_NEW")" '200 application/xml'
is "who has no wish gets XML" "$(content_type '*/*')" '200 application/xml'
is "the consoles get JSON" "$(content_type 'application/json, text/plain, */*')" '200 application/json'
is "who wants neither gets 406" "$(content_type 'text/html')" '406 application/json'

refused() { # DESCRIPTION STATUS PATTERN BODY
	local body
	body=$(post_xml /ws/client/ji "$4")
	is "$1: status" "$(api_status)" "$2"
	like "$1: says why, in JSON as JQM does" "$body" "^\{\"userReadableMessage\":\".*$3"
}
refused "no XML" 400 'line 1' '<jobRequest>'
refused "another root" 400 'root element' '<query/>'
refused "a document type" 400 'DOCTYPE' '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><jobRequest><applicationName>&x;</applicationName></jobRequest>'
refused "a wrong number" 400 'priority' '<jobRequest><applicationName>Greet</applicationName><priority>high</priority></jobRequest>'
refused "a wrong date" 400 'runAfter' '<jobRequest><applicationName>Greet</applicationName><runAfter>31/12/2030</runAfter></jobRequest>'
refused "an empty body" 400 'empty' ''
done_testing
