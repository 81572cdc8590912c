/* SPDX-License-Identifier: Apache-2.0 */
/* cli/up.h: the verbs of the embedded stack.  Contract: struct cli_verb in cli/cli.h; see up/README.md. */
#ifndef CLI_UP_H
#define CLI_UP_H

struct cli;

int cli_up(struct cli *cli, int argc, char **argv);
int cli_down(struct cli *cli, int argc, char **argv);
int cli_status(struct cli *cli, int argc, char **argv);
int cli_psql(struct cli *cli, int argc, char **argv);
int cli_user(struct cli *cli, int argc, char **argv); /* reset-password; else cli_admin() */
int cli_db(struct cli *cli, int argc, char **argv);
int cli_nginx(struct cli *cli, int argc, char **argv);
int cli_secrets(struct cli *cli, int argc, char **argv);
int cli_pki(struct cli *cli, int argc, char **argv);
int cli_setup(struct cli *cli, int argc, char **argv);
int cli_doctor(struct cli *cli, int argc, char **argv);

#endif
