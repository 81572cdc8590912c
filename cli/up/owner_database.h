/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up/owner_database.h: the database a verb is about, as who owns it. */
#ifndef UP_OWNER_DATABASE_H
#define UP_OWNER_DATABASE_H

struct cli;

/*
 * The connection string: of --config FILE as jqm_owner unless it names somebody, else of the home, whose owner we become.
 * free() it; NULL with the exit code (said).
 */
char *owner_database(struct cli *cli, int *code_out);

#endif
