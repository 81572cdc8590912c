/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verbs.h: the verbs about jobs, one file each.  Contract: struct cli_verb in cli/cli.h. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stddef.h>

#include "cli/cli.h"

/* The n-th verb, in the order of the help; NULL past the last one. */
const struct cli_verb *cli_verb_nth(size_t n);

int cli_completion(struct cli *cli, int argc, char **argv);
int cli_enqueue(struct cli *cli, int argc, char **argv);
int cli_job(struct cli *cli, int argc, char **argv);
int cli_jobs(struct cli *cli, int argc, char **argv);
int cli_log(struct cli *cli, int argc, char **argv);
int cli_files(struct cli *cli, int argc, char **argv);
int cli_link(struct cli *cli, int argc, char **argv);
int cli_get(struct cli *cli, int argc, char **argv);
int cli_kill(struct cli *cli, int argc, char **argv);
int cli_cancel(struct cli *cli, int argc, char **argv);
int cli_pause(struct cli *cli, int argc, char **argv);
int cli_resume(struct cli *cli, int argc, char **argv);
int cli_restart(struct cli *cli, int argc, char **argv);
int cli_schedule(struct cli *cli, int argc, char **argv);
int cli_node(struct cli *cli, int argc, char **argv);
int cli_purge(struct cli *cli, int argc, char **argv);
int cli_progress(struct cli *cli, int argc, char **argv);
int cli_message(struct cli *cli, int argc, char **argv);
int cli_import(struct cli *cli, int argc, char **argv);
int cli_export(struct cli *cli, int argc, char **argv);
int cli_param(struct cli *cli, int argc, char **argv);
int cli_audit(struct cli *cli, int argc, char **argv);
int cli_definition(struct cli *cli, int argc, char **argv);
int cli_certificate(struct cli *cli, int argc, char **argv);

/* Configuration, whatever kind the verb is (admin.c); does it know the word (list, show,
 * create, set, delete)? */
int cli_admin(struct cli *cli, int argc, char **argv);
bool cli_admin_has(const char *word);
int cli_webhook(struct cli *cli, int argc, char **argv);
/* Does cli_webhook() know it (ping, deliveries, delivery, again)? */
bool cli_webhook_has(const char *word);
/* Does cli_definition() know it (sign, verify, keygen, secret)? */
bool cli_definition_has(const char *word);

#endif
