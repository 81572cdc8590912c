/* SPDX-License-Identifier: Apache-2.0 */
/* cli/one_job.h: verbs that take the number of one job and nothing else. */
#ifndef CLI_ONE_JOB_H
#define CLI_ONE_JOB_H

#include <stdint.h>

#include "base/buf.h"

struct cli;
struct err;
struct jqm;

struct one_job {
	struct cli *cli;
	struct jqm *server;
	int64_t id;
	struct buf json; /* what --json prints when all is done; empty: the server's answer */
};

/* Read the number and let work do the rest: 0 or -1.  The exit code of the verb. */
int one_job_do(struct cli *cli, int argc, char **argv,
	       int (*work)(struct one_job *job, struct err *err));

#endif
