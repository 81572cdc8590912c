/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi/joblog_answer.h: a job's log as an answer.
 *
 * nginx sends what is an ordinary file, and any range of a log without its middle in which nothing is
 * missing.  All else of such a log (base/joblog_cut.h) we send ourselves: head, a line about what is
 * missing, tail; with status 200 whatever range was asked for.
 *
 * Of a job with secret parameters we send all ourselves, masked (log_mask.h).
 *
 * Who follows a log wants each byte once while the log grows, loses its middle, is written anew at the
 * job's end: with the query parameter offsets=written a range counts the bytes as the job wrote them,
 * and the answer is a piece of it, 206, beginning where it was asked for or, when that is missing,
 * where the log goes on; 416 when nothing is there yet.  JQM-Attempt says whose log it is,
 * JQM-Newest-Attempt whose is the newest here.
 */
#ifndef FCGI_JOBLOG_ANSWER_H
#define FCGI_JOBLOG_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct exchange;
struct log_mask;

struct joblog_wanted {
	const char *directory; /* of this node's logs */
	const char *location; /* the same as nginx calls it */
	int64_t job_id;
	int32_t attempt; /* 0: the newest */
	const char *stream; /* "stdout" or "stderr" */
	const char *file_name; /* offered to the caller */
	bool as_written;
	const struct log_mask *mask; /* of a job with secret parameters; NULL: nothing is masked */
};

/* ERR_NOT_FOUND: there is no such file here. */
int joblog_answer(struct exchange *x, const struct joblog_wanted *wanted, struct err *err);

#endif
