/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/server.h: the way of the command line to a server: one handle of libjqm (client/include/jqm.h), with what client_conf.h
 * found.  Verbs of jobs call jqm.h on it; what jqm.h does not have goes over the same handle (api_client.h).
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "client/include/jqm.h"

struct buf;
struct cli;
struct err;

/* Find the server; connects at the first call (jqm_free() it).  With --json it keeps answers.  NULL with err. */
struct jqm *server_open(const struct cli *cli, struct err *err);

/* What a call of jqm.h said, as err; always -1.  Not of JQM_STOPPED, which is said by a function of ours. */
int server_refused(const struct jqm_error *error, struct err *err);

/* rc of such a call, with its error, when there is one, as err. */
int server_said(int rc, const struct jqm_error *error, struct err *err);

/* Print the answer to the last call, the server's own document, as --json does. */
void server_print_answer(const struct jqm *server);

#endif
