/* SPDX-License-Identifier: Apache-2.0 */
/* cli/files.c: jqm files. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/api_client.h"
#include "cli/one_job.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "codec/wire_object.h"
#include "model/deliverable.h"

enum { GUID_WIDTH = 36, BYTES_WIDTH = 12 };

static void
print_files(const struct deliverable *files, size_t len)
{
	(void)printf("%-*s %*s %s\n", GUID_WIDTH, "GUID", BYTES_WIDTH, "BYTES", "NAME");
	for (size_t i = 0; i < len; i++) {
		output_column(stdout, files[i].random_id == NULL ? "" : files[i].random_id,
			      GUID_WIDTH);
		(void)printf(" %*" PRId64 " ", BYTES_WIDTH, files[i].size_bytes);
		if (files[i].original_name != NULL)
			output_text(stdout, files[i].original_name);
		(void)putchar('\n');
	}
}

static int
show_files(struct one_job *job, struct err *err)
{
	struct wire_items files;

	if (api_files(job->api, job->id, &job->pool.memory, &files, &job->json, err) == -1)
		return -1;
	if (!job->cli->json)
		print_files(files.items, files.len);
	return 0;
}

int
cli_files(struct cli *cli, int argc, char **argv)
{
	return one_job_do(cli, argc, argv, show_files);
}
