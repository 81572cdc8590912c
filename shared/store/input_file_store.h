/* SPDX-License-Identifier: Apache-2.0 */
/* store/input_file_store.h: files given to jobs that wait (sql/schema/0025). */
#ifndef STORE_INPUT_FILE_STORE_H
#define STORE_INPUT_FILE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "model/value.h"

struct db;
struct err;
struct memory;

/* Any bytes. */
struct input_file {
	const unsigned char *bytes;
	size_t len;
};

/* ERR_NOT_FOUND; ERR_CONFLICT: the job waits no more, or has enough; ERR_INVALID: the name. */
int input_file_add(struct db *db, int64_t job_id, const char *name, const struct input_file *file,
		   int64_t *id_out, struct err *err);

/* Names of the files of a job. */
int input_file_names(struct db *db, int64_t job_id, struct memory *memory, struct text_list *out,
		     struct err *err);

/* ERR_NOT_FOUND. */
int input_file_read(struct db *db, int64_t job_id, const char *name, struct memory *memory,
		    struct input_file *out, struct err *err);

#endif
