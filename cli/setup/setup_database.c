/* SPDX-License-Identifier: Apache-2.0 */
/* The database as the programs will see it. */
#include "cli/setup/setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/up/database.h"
#include "db/db.h"

static int
connect_as(const struct setup *setup, const char *role, struct err *err)
{
	char *conninfo = db_conninfo_as(setup->conninfo, role);
	struct db *db = db_new(conninfo, "jqm setup");
	int rc = db_connect(db, err);

	if (rc == -1 && strstr(err->text, "password authentication failed") != NULL)
		rc =
		    err_set(err, ERR_DENIED,
			    "role %s has another password than \"%s\" says: bring that file from a "
			    "node that runs, or give --new-passwords with --create or --admin",
			    role, setup->places.passfile);
	else if (rc == -1)
		rc = err_prefix(err, "as %s", role);
	db_free(db);
	free(conninfo);
	return rc;
}

/* As the account of the programs. */
static int
prove(struct setup *setup, struct err *err)
{
	char *owner = db_conninfo_as(setup->conninfo, "jqm_owner");
	int rc = 0;

	for (size_t i = 0; i < setup_roles_len && rc == 0; i++)
		rc = connect_as(setup, setup_roles[i], err);
	if (rc == 0)
		rc = setup_schema(setup, owner, err);
	if (rc == 0)
		rc = database_root_is_new(owner, &setup->report->root_is_new, err);
	free(owner);
	return rc;
}

static int
give_first_password(struct setup *setup, struct err *err)
{
	char *owner = db_conninfo_as(setup->conninfo, "jqm_owner");
	char password[FIRST_PASSWORD_SIZE];
	int rc = database_first_password(setup->places.root_password, password, err);

	if (rc == 0)
		rc = database_give_first_password(owner, password, err);
	explicit_bzero(password, sizeof(password));
	free(owner);
	return rc;
}

/* Written by us, since the account cannot write there; then read by the account. */
static int
make_first_password(struct setup *setup, struct err *err)
{
	char password[FIRST_PASSWORD_SIZE];
	size_t done = setup->report->len;
	int rc = database_first_password(setup->places.root_password, password, err);

	explicit_bzero(password, sizeof(password));
	if (rc == 0)
		rc = setup_own_file(setup, setup->places.root_password, err);
	if (rc == 0)
		rc = setup_as(setup, &setup->account, give_first_password, err);
	setup->report->len = done;
	if (rc == 0)
		setup_did(setup, "made %s", setup->places.root_password);
	return rc;
}

int
setup_database(struct setup *setup, struct err *err)
{
	if (setup_as(setup, &setup->account, prove, err) == -1)
		return err_prefix(err, "the database");
	return setup->report->root_is_new ? make_first_password(setup, err) : 0;
}
