/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_sqlstate.c: SQLSTATE to err_kind, and the words of an error.  The only such mapping. */
#include "db/db_private.h"

#include <string.h>

#include "base/str.h"

/* The first match of a prefix decides. */
static const struct {
	const char *prefix;
	enum err_kind kind;
} kinds[] = {
	{ "JQ400", ERR_INVALID },  { "JQ403", ERR_DENIED },   { "JQ404", ERR_NOT_FOUND },
	{ "JQ409", ERR_CONFLICT }, { "JQ412", ERR_STALE },    { "JQ413", ERR_TOO_LARGE },
	{ "22", ERR_INVALID },     { "23502", ERR_INVALID },  { "23514", ERR_INVALID },
	{ "42501", ERR_DENIED },   { "23503", ERR_CONFLICT }, { "23505", ERR_CONFLICT },
	{ "23P01", ERR_CONFLICT }, { "40001", ERR_BUSY },     { "40P01", ERR_BUSY },
	{ "55P03", ERR_BUSY },     { "57014", ERR_BUSY },     { "57P0", ERR_BUSY },
	{ "53", ERR_BUSY },        { "08", ERR_BUSY },        { "25006", ERR_BUSY },
	{ "26000", ERR_BUSY },
};

/* Where the server finds that a prepared statement's result has another type now; its words for it
 * depend on lc_messages. */
#define RESULT_TYPE_CHECK "RevalidateCachedQuery"

enum err_kind
db_sqlstate_kind(const char *sqlstate)
{
	if (sqlstate == NULL || sqlstate[0] == '\0')
		return ERR_BUSY;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (str_starts(sqlstate, kinds[i].prefix))
			return kinds[i].kind;
	}
	return ERR_INTERNAL;
}

bool
db_sqlstate_retry_tx(const char *sqlstate)
{
	return sqlstate != NULL &&
	       (strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0);
}

bool
db_sqlstate_lacks_table(const char *sqlstate)
{
	return sqlstate != NULL && strcmp(sqlstate, "42P01") == 0;
}

bool
db_sqlstate_wants_reconnect(const char *sqlstate)
{
	return sqlstate != NULL &&
	       (strcmp(sqlstate, "25006") == 0 || strcmp(sqlstate, "26000") == 0 ||
		strcmp(sqlstate, "0A000") == 0);
}

/*
 * A row that no partition is there for breaks no rule: one may be made.  Of the violations of a CHECK it is the
 * one without a constraint; that of a domain names a type.
 */
static bool
lacks_partition(const PGresult *pg, const char *sqlstate)
{
	return sqlstate != NULL && strcmp(sqlstate, "23514") == 0 &&
	       PQresultErrorField(pg, PG_DIAG_TABLE_NAME) != NULL &&
	       PQresultErrorField(pg, PG_DIAG_CONSTRAINT_NAME) == NULL;
}

/* Copy text as one line: each run of line ends and blanks around it becomes one blank. */
static void
one_line(char *dst, size_t size, const char *text)
{
	size_t len = 0;

	for (; *text != '\0' && len + 1 < size; text++) {
		bool blank = *text == '\n' || *text == '\r' || *text == '\t' || *text == ' ';

		if (!blank)
			dst[len++] = *text;
		else if (len > 0 && dst[len - 1] != ' ')
			dst[len++] = ' ';
	}
	if (len > 0 && dst[len - 1] == ' ')
		len--;
	dst[len] = '\0';
}

int
db_result_err(const PGresult *pg, const char *what, struct err *err)
{
	const char *sqlstate = PQresultErrorField(pg, PG_DIAG_SQLSTATE);
	const char *primary = PQresultErrorField(pg, PG_DIAG_MESSAGE_PRIMARY);
	enum err_kind kind = db_sqlstate_kind(sqlstate);
	const char *detail = PQresultErrorField(pg, PG_DIAG_MESSAGE_DETAIL);
	const char *raised_in = PQresultErrorField(pg, PG_DIAG_SOURCE_FUNCTION);
	char text[ERR_TEXT_SIZE];

	if (primary == NULL)
		primary = PQresultErrorMessage(pg);
	if (sqlstate != NULL && str_starts(sqlstate, "JQ")) {
		(void)err_set(err, kind, "%s", primary);
		if (detail != NULL)
			err_set_key(err, detail);
		return -1;
	}
	if (sqlstate != NULL && strcmp(sqlstate, "0A000") == 0 && raised_in != NULL &&
	    strcmp(raised_in, RESULT_TYPE_CHECK) == 0)
		kind = ERR_BUSY;
	if (lacks_partition(pg, sqlstate))
		kind = ERR_BUSY;
	one_line(text, sizeof(text), primary);
	if (kind == ERR_INVALID || kind == ERR_CONFLICT || kind == ERR_DENIED)
		return err_set(err, kind, "%s", text);
	return err_set(err, kind, "%s: %s (%s)", what, text,
		       sqlstate != NULL ? sqlstate : "no code");
}

int
db_conn_err(const PGconn *conn, enum err_kind kind, const char *what, struct err *err)
{
	char text[ERR_TEXT_SIZE];

	one_line(text, sizeof(text), conn != NULL ? PQerrorMessage(conn) : "out of memory");
	return err_set(err, kind, "%s: %s", what, text);
}

int
db_lost_err(const char *what, bool read_only, struct err *err)
{
	if (read_only)
		return err_set(err, ERR_BUSY, "%s: the connection to the database was lost", what);
	return err_set(err, ERR_UNCERTAIN,
		       "%s: the connection to the database was lost before the answer came, it may "
		       "have been done",
		       what);
}
