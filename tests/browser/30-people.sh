#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who comes to the console, and by which way: roles, sessions that end, a reverse proxy's prefix, TLS with a client certificate.
. "$(dirname "$0")/../lib/stack.sh"
. "$(dirname "$0")/../lib/session.sh"
. "$(dirname "$0")/../lib/browser.sh"
stack_up

define Makes "echo made >\"\$JQM_JI_DELIVERY_DIR/made.txt\""
define Nightly "true"
secret='quiet harbour lantern'
for role in 'config admin' 'config viewer' 'client power user' 'client read only' administrator; do
	account "${role// /-}" "$secret" "$role"
done
account second "$secret" administrator

# A reverse proxy that has us under a prefix.
prefix_port=$(free_port)
mkdir "$WORK/proxy"
cat >"$WORK/proxy/nginx.conf" <<CONF
daemon off;
error_log $WORK/proxy/error.log;
pid $WORK/proxy/nginx.pid;
events {}
http {
	access_log off;
	client_body_temp_path $WORK/proxy/body;
	proxy_temp_path $WORK/proxy/proxy;
	fastcgi_temp_path $WORK/proxy/fastcgi;
	uwsgi_temp_path $WORK/proxy/uwsgi;
	scgi_temp_path $WORK/proxy/scgi;
	server {
		listen 127.0.0.1:$prefix_port;
		location /tools/jqm/ {
			proxy_pass http://127.0.0.1:$PORT/;
			proxy_set_header Host \$http_host;
		}
	}
}
CONF
/usr/sbin/nginx -e "$WORK/proxy/error.log" -c "$WORK/proxy/nginx.conf" &
proxy=$!
at_exit kill "$proxy"
front=http://127.0.0.1:$prefix_port/tools/jqm/
ok "the proxy has it under its prefix" wait_for 20 curl -sfS -o /dev/null "$front"

export CONSOLE_SECRET=$secret CONSOLE_FRONT=$front
browser_run people.mjs 250

account carol "$secret" 'client power user'
send POST "/ws/admin/user/$ACCOUNT/certificate" '{"days":30}' >"$WORK/issued"
jq -r .certificate "$WORK/issued" >"$WORK/carol.pem"
jq -r .privateKey "$WORK/issued" >"$WORK/carol.key"
tls_up
ok "the node speaks TLS" tls_is_on
export CONSOLE_CERTIFICATE=$WORK/carol.pem CONSOLE_KEY=$WORK/carol.key CONSOLE_URL=$URL/
browser_run certificate.mjs 120
done_testing
