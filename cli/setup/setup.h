/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/setup/setup.h: jqm setup: from installed programs and a PostgreSQL to a node that runs.
 *
 * Each step looks first and does only what is missing, so that a second run changes nothing and an interrupted one
 * is gone on with.  Each thing that was done is noted once (setup_did()).
 */
#ifndef SETUP_SETUP_H
#define SETUP_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/up/account.h"

struct cli;

/* What was asked for, by options or on the terminal; NULL: nothing was said of it.  Owned. */
struct setup_wish {
	char *database; /* what the programs connect to */
	char *admin; /* an administrator's connection: make roles, database, schema */
	char *admin_password_file;
	char *node, *url;
	bool new_passwords; /* also for roles that are there */
	bool no_start; /* only tell what to start */
};

/* What was done and found; in memory shared with the children that work as other accounts. */
#define SETUP_DONE_MAX 100
struct setup_report {
	size_t len;
	char lines[SETUP_DONE_MAX][200];
	bool root_is_new; /* the account root has no password yet */
	bool schema_changed;
	struct err err; /* of a child */
};

/* Where everything is.  Owned. */
struct setup_places {
	char *prefix; /* "", or a directory all of it is below, for tests and images */
	char *etc, *lib, *log, *run, *keeper_run;
	char *ini, *passfile, *secrets_key, *audit_key, *root_password;
};

struct setup {
	struct cli *cli;
	struct setup_wish wish;
	struct setup_places places;
	struct account account; /* the programs' */
	bool is_root;
	bool is_new; /* there was no configuration before */
	bool has_web; /* the web API is installed here, not only the runner */
	char *bin, *share; /* our programs; NULL: no schema files are installed */
	char *conninfo, *node, *url; /* as the configuration says, or will */
	char *
	    passwords; /* text of the file of passwords, while an administrator works; NULL: none */
	struct setup_report *report;
};

/* Note what was done. */
void setup_did(struct setup *setup, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Run fn as account, in a child that becomes it, if we are root; else, or with NULL, as we are, in a child too.
 * What it notes and its err come back; nothing else of setup does.
 */
typedef int setup_fn(struct setup *setup, struct err *err);
int setup_as(struct setup *setup, const struct account *account, setup_fn *fn, struct err *err);

/* setup_files.c: directories, keys and configuration, each with its owner and mode. */
void setup_places_init(struct setup_places *places, const char *prefix);
void setup_places_free(struct setup_places *places);
int setup_directories(struct setup *setup, struct err *err);
int setup_keys(struct setup *setup, struct err *err);
int setup_own_file(struct setup *setup, const char *path, struct err *err);
int setup_write(struct setup *setup, const char *path, const char *text, size_t len,
		struct err *err);

/* setup_conf.c: read what the configuration says, and compare it with what was asked; write it. */
int setup_read_conf(struct setup *setup, struct err *err);
int setup_compare_conf(const struct setup *setup, const char *url, struct err *err);
int setup_write_conf(struct setup *setup, struct err *err);

/* setup_wish.c: what is still open is asked for on a terminal, or has a default; -1: it must be said. */
int setup_complete(struct setup *setup, struct err *err);

/* setup_admin.c: roles, their passwords, database and schema, by an administrator. */
int setup_admin(struct setup *setup, struct err *err);

/* Bring the schema up to date, by the connection of an administrator or of the owner. */
int setup_schema(struct setup *setup, const char *conninfo, struct err *err);

/* setup_database.c: can each program connect?  Schema and root's first password. */
int setup_database(struct setup *setup, struct err *err);

/* setup_start.c: units enabled and started, and the web API asked. */
bool setup_has_systemd(const struct setup *setup);
int setup_start(struct setup *setup, struct err *err);
/* The n-th command that starts a program by hand, in fresh memory; NULL past the last. */
char *setup_command(const struct setup *setup, size_t n);

/* setup_passfile.c: the roles that log in and the file of their passwords, in libpq's form. */
extern const char *const setup_roles[];
extern const size_t setup_roles_len;
int setup_make_passfile(struct setup *setup, struct err *err);
/* The password of a role out of text, a line "*:*:*:ROLE:PASSWORD", in fresh memory; NULL: none. */
char *setup_password_of(const char *text, const char *role);

#endif
