/* SPDX-License-Identifier: Apache-2.0 */
#include "model/joblog_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGS_A_DIRECTORY 1000

void
joblog_name(char out[JOBLOG_NAME_SIZE], int64_t job_id, int32_t attempt, const char *stream)
{
	char number[16] = "";

	if (attempt > 0)
		(void)snprintf(number, sizeof(number), ".%" PRId32, attempt);
	(void)snprintf(out, JOBLOG_NAME_SIZE, "%" PRId64 "/%010" PRId64 "%s.%s.log",
		       job_id / LOGS_A_DIRECTORY, job_id, number, stream);
}

int32_t
joblog_attempt_of_link(const char *target, int64_t job_id, const char *stream)
{
	char name[JOBLOG_NAME_SIZE];
	const char *dot = strchr(target, '.');
	long attempt = dot == NULL ? 0 : strtol(dot + 1, NULL, 10);

	if (attempt < 1 || attempt > INT32_MAX)
		return 0;
	joblog_name(name, job_id, (int32_t)attempt, stream);
	return strcmp(strchr(name, '/') + 1, target) == 0 ? (int32_t)attempt : 0;
}
