/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/joblog_file.h: the file that one attempt of a job wrote one of its outputs into. */
#ifndef FCGI_JOBLOG_FILE_H
#define FCGI_JOBLOG_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/joblog_name.h"

struct err;

struct joblog_file {
	char path[JOBLOG_NAME_SIZE]; /* below the directory of logs */
	int32_t attempt; /* that wrote it */
	int64_t size;
	int fd; /* for reading; -1: not opened, it has no hole */
};

/*
 * Find the log of an attempt (0: the newest that has one here); model/joblog_name.h says how it may be
 * called.  It is opened when it may have a hole, or when open_it.  0, and the caller closes fd; -1:
 * ERR_NOT_FOUND: there is none; ERR_INTERNAL.
 */
int joblog_file_find(const char *directory, int64_t job_id, int32_t attempt, const char *stream,
		     bool open_it, struct joblog_file *out, struct err *err);

#endif
