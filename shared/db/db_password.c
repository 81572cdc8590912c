/* SPDX-License-Identifier: Apache-2.0 */
/* db/db_password.c: passwords of the database's own roles. */
#include "db/db_private.h"

#include <string.h>

#include "base/str.h"

char *
db_password_verifier(struct db *db, const char *role, const char *password, struct err *err)
{
	char *made, *copy;

	if (db_connect(db, err) == -1)
		return NULL;
	made = PQencryptPasswordConn(db->conn, password, role, "scram-sha-256");
	if (made == NULL) {
		(void)err_set(err, ERR_INTERNAL,
			      "could not make what is stored of the password of role \"%s\"", role);
		return NULL;
	}
	copy = str_dup(made);
	explicit_bzero(made, strlen(made));
	PQfreemem(made);
	return copy;
}
