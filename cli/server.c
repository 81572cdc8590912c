/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/server.h"

#include <stdio.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/client_conf.h"
#include "cli/output.h"
#include "model/version.h"

int
server_refused(const struct jqm_error *error, struct err *err)
{
	/* The kinds have the numbers of ours (client/handle.c). */
	return err_set(err, (enum err_kind)error->kind, "%s", error->text);
}

int
server_said(int rc, const struct jqm_error *error, struct err *err)
{
	return rc == 0 ? 0 : server_refused(error, err);
}

struct jqm *
server_open(const struct cli *cli, struct err *err)
{
	struct jqm_options options = JQM_OPTIONS_INIT;
	struct jqm_error error;
	struct client_conf conf;
	struct jqm *server = NULL;

	if (client_conf_find(cli, &conf, err) == -1)
		return NULL;
	options.user = conf.user;
	options.password = conf.password;
	options.ca_file = conf.ca_file;
	options.certificate_file = conf.certificate;
	options.key_file = conf.key;
	options.program = "jqm/" JQM_VERSION;
	if (jqm_open(conf.url, &options, &server, &error) == -1 ||
	    jqm_keep_answers(server, cli->json, &error) == -1)
		(void)server_refused(&error, err);
	client_conf_free(&conf);
	return server;
}

void
server_print_answer(const struct jqm *server)
{
	size_t len;
	const char *text = jqm_answer(server, &len);

	if (text != NULL)
		output_document(stdout, text, len);
}
