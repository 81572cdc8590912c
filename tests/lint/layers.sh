#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who may include whom (docs/architecture.md): arrows go up the list only, and each third-party library
# has its home (libcurl three: HTTP as a client, SMTP, HTTP to strangers).
set -u
status=0
say() { echo "$*"; status=1; }

allowed() { # FOLDER -> the folders it may include besides itself
	case $1 in
	shared/base) echo "" ;;
	shared/conf | shared/crypto | shared/db | shared/model | shared/wire) echo "base" ;;
	shared/store) echo "base model db" ;;
	shared/codec) echo "base model" ;;
	shared/pki) echo "base conf crypto db model store" ;;
	fcgi) echo "base conf crypto db model store codec pki fcgi/handlers" ;;
	fcgi/handlers) echo "base conf crypto db model store codec pki fcgi" ;;
	runner) echo "base conf crypto db model store wire" ;;
	notifier) echo "base conf db" ;;
	events) echo "base conf crypto db model" ;;
	hooks) echo "base conf crypto db" ;;
	keeper) echo "base wire" ;;
	client) echo "base crypto db model codec client/include" ;;
	client/include | client/examples) echo "" ;;
	cli) echo "base conf crypto db model store codec pki cli/up client/include" ;;
	cli/up) echo "base conf crypto db model store codec pki cli" ;;
	cli/setup) echo "base conf crypto db model store codec pki cli cli/up" ;;
	cli/doctor) echo "base conf crypto db model store codec pki cli cli/up" ;;
	*) echo "" ;;
	esac
}

# The command line is built on the library: its verbs know jqm.h alone.  Administration, which jqm.h does not cover, and links
# go through one file over the same handle; a new node is asked whether it is well before anybody has an account there.
may() { # FILE HEADER : what the folders' rules do not allow and is so all the same
	case $1:$2 in
	cli/api_client.c:client/http_refusal.h | cli/api_client.c:client/web_request.h) ;;
	cli/setup/setup_start.c:client/http_client.h) ;;
	*) return 1 ;;
	esac
}
administers() { # FILE : may it include cli/api_client.h?
	case $1 in
	cli/api_client.c | cli/admin.c | cli/admin_assign.c | cli/audit.c | cli/audit_list.c | cli/certificate.c | cli/definition.c | \
		cli/definition_server.c | cli/export.c | cli/import.c | cli/link.c | cli/node.c | cli/param.c | cli/purge.c | cli/webhook.c) ;;
	*) return 1 ;;
	esac
}

for f in $(git ls-files -co --exclude-standard 'shared/*.[ch]' 'fcgi/*.[ch]' 'runner/*.[ch]' 'keeper/*.[ch]' 'notifier/*.[ch]' 'events/*.[ch]' 'hooks/*.[ch]' 'cli/*.[ch]' 'client/*.[ch]'); do
	folder=$(dirname "$f")
	own=${folder#shared/}
	for inc in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$f"); do
		from=$(dirname "$inc")
		[ "$from" != . ] || { say "$f: #include \"$inc\" names no folder"; continue; }
		[ "$inc" != cli/api_client.h ] || administers "$f" || say "$f: verbs of jobs call jqm.h, not $inc"
		[ "$from" = "$own" ] && continue
		! may "$f" "$inc" || continue
		case " $(allowed "$folder") " in *" $from "*) ;; *) say "$f: $folder may not include $inc" ;; esac
	done
	if [ "$folder" = fcgi/handlers ] && [ "${f##*.}" = c ]; then
		for inc in $(sed -n 's/^#include "fcgi\/handlers\/\([^"]*\)".*/\1/p' "$f"); do
			[ "$inc" = "$(basename "$f" .c).h" ] || [ "$inc" = handlers.h ] ||
				say "$f: a handler may not include another handler ($inc)"
		done
	fi
done

home() { # HEADER PATTERN... : only these files may include the library
	local header=$1 f p fine
	shift
	for f in $(git ls-files -co --exclude-standard '*.[ch]' | grep -v ^tests/ | xargs grep -lE "^#include <($header)" 2>/dev/null); do
		fine=0
		for p in "$@"; do
			# shellcheck disable=SC2254
			case $f in $p) fine=1 ;; esac
		done
		[ $fine = 1 ] || say "$f includes <$header...>, whose home is $*"
	done
}
home 'libpq' 'shared/db/*'
home 'jansson' 'shared/codec/doc_json.[ch]' 'shared/codec/doc_json_*.[ch]'
home 'libxml/' 'shared/codec/xml_reader.c'
home 'zip\.h' 'shared/codec/zip_write.c'
home 'openssl/' 'shared/crypto/*'
home 'iniparser|dictionary' 'shared/conf/conf_file.c'
home 'fcgiapp|fcgios|fcgi_' 'fcgi/accept_loop.c' 'fcgi/request.c' 'fcgi/response.c'
home 'curl/' 'client/http_client.c' 'notifier/smtp.c' 'hooks/post.c'
exit $status
