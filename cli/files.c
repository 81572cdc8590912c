/* SPDX-License-Identifier: Apache-2.0 */
/* cli/files.c: jqm files. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/one_job.h"
#include "cli/output.h"
#include "cli/server.h"
#include "cli/verbs.h"

enum { GUID_WIDTH = 36, BYTES_WIDTH = 12 };

static void
print_files(const struct jqm_files *files)
{
	(void)printf("%-*s %*s %s\n", GUID_WIDTH, "GUID", BYTES_WIDTH, "BYTES", "NAME");
	for (size_t i = 0; i < files->len; i++) {
		const struct jqm_file *file = files->items[i];

		output_column(stdout, file->random_id == NULL ? "" : file->random_id, GUID_WIDTH);
		(void)printf(" %*" PRId64 " ", BYTES_WIDTH, file->size_bytes);
		if (file->original_name != NULL)
			output_text(stdout, file->original_name);
		(void)putchar('\n');
	}
}

static int
show_files(struct one_job *job, struct err *err)
{
	struct jqm_error error;
	struct jqm_files *files = NULL;

	if (jqm_files(job->server, job->id, &files, &error) == -1)
		return server_refused(&error, err);
	if (!job->cli->json)
		print_files(files);
	jqm_files_free(files);
	return 0;
}

int
cli_files(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, show_files);
}
