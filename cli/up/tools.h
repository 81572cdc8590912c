/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/up/tools.h: where the programs are: ours beside the running one, PostgreSQL's and nginx in the
 * system's places.  JQM_PG_BIN (a directory) and JQM_NGINX (a file) override.
 */
#ifndef UP_TOOLS_H
#define UP_TOOLS_H

struct err;
struct home;

struct tools {
	char *bin_dir; /* our programs */
	char *share_dir; /* sql/, nginx/, samples/ */
	char *pg_dir; /* initdb, postgres, psql */
	int pg_major;
	char *nginx;
};
#define TOOLS_INIT                        \
	{                                 \
		NULL, NULL, NULL, 0, NULL \
	}

/*
 * Find all of them.  An existing database decides for the PostgreSQL of its version.  -1: err names
 * what is missing and the Debian package that has it.
 */
int tools_find(const struct home *home, struct tools *out, struct err *err);

/* The parts, for verbs that need only one. */
int tools_find_ours(struct tools *out, struct err *err);
int tools_find_nginx(struct tools *out, struct err *err);
int tools_find_postgres(const struct home *home, struct tools *out, struct err *err);

void tools_free(struct tools *tools);

/* "DIR/name" in fresh memory. */
char *tools_file(const char *dir, const char *name);

#endif
