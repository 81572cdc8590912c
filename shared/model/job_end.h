/* SPDX-License-Identifier: Apache-2.0 */
/* model/job_end.h: how one attempt of a job ended, as its node saw it: what history will say. */
#ifndef MODEL_JOB_END_H
#define MODEL_JOB_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOB_END_REASON_MAX 1000
#define JOB_END_MESSAGES_MAX 100

enum job_end_state { JOB_END_ENDED, JOB_END_CRASHED, JOB_END_KILLED };

struct job_end_file {
	char guid[37];
	char sha256[65];
	char *path; /* relative to the node's delivery store */
	char *name; /* as the job called it, valid UTF-8, shown to users */
	int64_t size_bytes;
};

/*
 * Invariants: exit_code >= 0 excludes signal > 0; neither when it never ran.  Owns reason,
 * messages and files.
 */
struct job_end {
	int64_t id;
	int32_t attempt;
	enum job_end_state state;
	int exit_code; /* -1: none */
	int signal; /* 0: none */
	char *reason; /* up to JOB_END_REASON_MAX bytes; "": nothing to say */
	bool has_run; /* the times and measures below mean something */
	int64_t started_us, ended_us; /* wall clock of the node */
	int64_t user_us, system_us, max_rss_kb;
	bool lost; /* its node failed, not the job: the definition's on_node_loss decides */
	bool no_progress; /* progress becomes -1: it was not meant to run */
	char **messages;
	size_t n_messages;
	size_t n_unsaid; /* messages beyond JOB_END_MESSAGES_MAX */
	struct job_end_file *files;
	size_t n_files, files_size;
};

/* Nothing is known of the end yet; job_end_free() it. */
void job_end_init(struct job_end *end, int64_t id, int32_t attempt);

/* State and reason, cut between characters; a reason that is already set stays in front: "first;
 * second". */
void job_end_set(struct job_end *end, enum job_end_state state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Something to tell the users of this job; the first 100 are kept (1000 bytes of
 * each), the rest counted. */
void job_end_say(struct job_end *end, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Takes path and name over. */
void job_end_add_file(struct job_end *end, const char *guid, char *path, char *name,
		      int64_t size_bytes, const char *sha256);

/* Add what more says: its messages and files, which it has no longer, and if end is ENDED its state and reason. */
void job_end_join(struct job_end *end, struct job_end *more);

/* Forget messages and files (a database that refuses them must still learn of the end). */
void job_end_strip(struct job_end *end);

const char *job_end_state_name(enum job_end_state state);
void job_end_free(struct job_end *end);

#endif
