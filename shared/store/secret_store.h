/* SPDX-License-Identifier: Apache-2.0 */
/* store/secret_store.h: every sealed value in the database, for who changes the keys. */
#ifndef STORE_SECRET_STORE_H
#define STORE_SECRET_STORE_H

#include <stdint.h>

struct db;
struct err;

/* One sealed value; texts are borrowed. */
struct stored_secret {
	const char *table; /* job_def, schedule, job_instance, history or webhook */
	int64_t id;
	const char
	    *owner; /* name of the definition it is sealed for, or of hooks WEBHOOK_SECRET_OWNER */
	const char *key, *sealed;
};

/* 0 to go on; -1 with err ends it. */
typedef int stored_secret_fn(void *arg, const struct stored_secret *secret, struct err *err);

/* Give all of them to fn, a thousand rows at a time.  0; -1 with err, fn's or the database's. */
int secret_store_each(struct db *db, stored_secret_fn *fn, void *arg, struct err *err);

/*
 * Put another text in its place, if it is what it was and its row where it was.  0 when it is not, 1 when that was
 * done, or -1.
 */
int secret_store_replace(struct db *db, const struct stored_secret *secret, const char *sealed,
			 struct err *err);

#endif
