/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_conninfo.c: from a connection string to a connection, with our defaults under it. */
#include "db/db_private.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/percent.h"
#include "base/str.h"

#define DEFAULT_PORT "5432" /* of a host without one in a list of ports */
#define CONNINFO_MAX 10000

/* A notice is nobody's error: libpq would print it to stderr. */
static void
ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/*
 * Keywords in the order libpq applies them: what stands before dbname (which it expands as a
 * connection string) is a default, what stands after it wins.
 */
struct target {
	const char *keywords[16];
	const char *values[16];
	int count;
	char idle_s[12], user_timeout_ms[12];
};

static void
target_put(struct target *target, const char *keyword, const char *value)
{
	target->keywords[target->count] = keyword;
	target->values[target->count] = value;
	target->count++;
}

static void
target_fill(struct target *target, const char *conninfo, const char *program, int patience_ms)
{
	bool is_told = patience_ms > 0;

	memset(target, 0, sizeof(*target));
	(void)snprintf(target->idle_s, sizeof(target->idle_s), "%d", patience_ms / 2000 + 1);
	(void)snprintf(target->user_timeout_ms, sizeof(target->user_timeout_ms), "%d", patience_ms);
	target_put(target, "connect_timeout", "5");
	target_put(target, "application_name", program);
	/* Notice a dead peer within half a minute, or as told, instead of two hours. */
	target_put(target, "keepalives_idle", is_told ? target->idle_s : "10");
	target_put(target, "keepalives_interval", is_told ? "1" : "5");
	target_put(target, "keepalives_count", "3");
	target_put(target, "tcp_user_timeout", is_told ? target->user_timeout_ms : "25000");
	/* After a fail-over only the new primary is of use. */
	target_put(target, "target_session_attrs", "read-write");
	target_put(target, "dbname", conninfo);
	target_put(target, "client_encoding", "UTF8");
}

int
db_conninfo_check(const char *conninfo, struct err *err)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);

	/* libpq's own words quote the string, and with it perhaps a password */
	if (options == NULL)
		return err_set(err, ERR_INTERNAL,
			       "cannot read the database connection string: it must be of the form "
			       "\"key=value key=value\" or postgresql://...");
	PQconninfoFree(options);
	return 0;
}

char *
db_conninfo_value(const char *conninfo, const char *keyword)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
	char *value = NULL;

	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		if (strcmp(o->keyword, keyword) == 0 && o->val != NULL && o->val[0] != '\0')
			value = str_dup(o->val);
	}
	PQconninfoFree(options);
	return value;
}

/* As libpq tells the two forms apart; a value of the other form may contain "://" too. */
static bool
is_uri(const char *conninfo)
{
	return str_starts(conninfo, "postgresql://") || str_starts(conninfo, "postgres://");
}

char *
db_conninfo_as(const char *conninfo, const char *role)
{
	char *user = db_conninfo_value(conninfo, "user");
	char *with_role;

	if (user != NULL)
		with_role = str_dup(conninfo);
	else if (is_uri(conninfo))
		with_role = str_printf("%s%cuser=%s", conninfo,
				       strchr(conninfo, '?') == NULL ? '?' : '&', role);
	else
		with_role = str_printf("%s user=%s", conninfo, role);
	free(user);
	return with_role;
}

char *
db_conninfo_with(const char *conninfo, const char *keyword, const char *value)
{
	struct buf out = BUF_INIT(CONNINFO_MAX);

	buf_puts(&out, conninfo);
	/* Of a keyword that stands twice the last one counts. */
	if (is_uri(conninfo)) {
		buf_printf(&out, "%c%s=", strchr(conninfo, '?') == NULL ? '?' : '&', keyword);
		percent_encode(&out, value, "/");
	} else {
		buf_printf(&out, " %s='", keyword);
		for (const char *c = value; *c != '\0'; c++) {
			if (*c == '\'' || *c == '\\')
				buf_putc(&out, '\\');
			buf_putc(&out, *c);
		}
		buf_putc(&out, '\'');
	}
	return buf_take(&out);
}

static int
list_count(const char *list)
{
	int count = 1;

	for (; *list != '\0'; list++)
		count += *list == ',';
	return count;
}

/* Cut the comma-separated list down to its index-th item, in place; a single item serves for all. */
static void
list_pick(char *list, int index)
{
	char *item = list;

	if (list_count(list) == 1)
		return;
	for (; index > 0; index--)
		item = strchr(item, ',') + 1;
	item[strcspn(item, ",")] = '\0';
	memmove(list, item, strlen(item) + 1);
}

/*
 * Several hosts can be tried one by one unless an item is empty (it means a default place) or they
 * come as addresses: then libpq walks the list itself.
 */
int
db_conninfo_hosts(const char *conninfo)
{
	char *hosts = db_conninfo_value(conninfo, "host");
	char *ports = db_conninfo_value(conninfo, "port");
	char *addrs = db_conninfo_value(conninfo, "hostaddr");
	int count = 1;

	if (hosts != NULL && addrs == NULL && hosts[0] != ',' && strstr(hosts, ",,") == NULL &&
	    !str_ends(hosts, ","))
		count = list_count(hosts);
	if (ports != NULL && (list_count(ports) != 1 && list_count(ports) != count))
		count = 1; /* libpq will say what is wrong */
	free(hosts);
	free(ports);
	free(addrs);
	return count;
}

PGconn *
db_conninfo_connect(const char *conninfo, const char *program)
{
	struct target target;
	PGconn *conn;

	target_fill(&target, conninfo, program, 0);
	conn = PQconnectdbParams(target.keywords, target.values, 1);
	(void)PQsetNoticeReceiver(conn, ignore_notice, NULL);
	return conn;
}

PGconn *
db_conninfo_start(const char *conninfo, const char *program, int host_no, int patience_ms)
{
	struct target target;
	char *host = NULL;
	char *port = NULL;
	PGconn *conn;

	target_fill(&target, conninfo, program, patience_ms);
	if (db_conninfo_hosts(conninfo) > 1) {
		host = db_conninfo_value(conninfo, "host");
		port = db_conninfo_value(conninfo, "port");
		list_pick(host, host_no);
		target_put(&target, "host", host);
		if (port != NULL) {
			list_pick(port, host_no);
			/* libpq would pass over an empty value, and see the whole list again. */
			target_put(&target, "port", port[0] == '\0' ? DEFAULT_PORT : port);
		}
	}
	conn = PQconnectStartParams(target.keywords, target.values, 1);
	(void)PQsetNoticeReceiver(conn, ignore_notice, NULL);
	free(host);
	free(port);
	return conn;
}

int
db_conninfo_timeout_ms(PGconn *conn)
{
	PQconninfoOption *options = PQconninfo(conn);
	int64_t timeout_s = 5;

	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		if (strcmp(o->keyword, "connect_timeout") == 0 && o->val != NULL)
			(void)num_int64(o->val, 1, 600, &timeout_s);
	}
	PQconninfoFree(options);
	return (int)timeout_s * 1000;
}
