/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jqm.h: the client library of JQM, a job queue server.
 *
 * One interface, two ways to a server; the address given to jqm_open() says which:
 *
 *	https://HOST:PORT   http://...       its web service, as an account of JQM
 *	postgresql://...    host=... (libpq) its database, as the database's role jqm_client
 *
 * Calls.  Each returns 0, or -1 and says why in *error (which may be NULL for who does not care).  After -1 nothing
 * stands in what the call would have filled in, and nothing was done; but JQM_UNCERTAIN: it may have been done, look.
 * What a call wants may not be NULL unless its words allow it: that is JQM_INVALID, never a crash; so is a handle that is
 * NULL or closed.
 *
 * Memory.  What a call gives is the caller's and is freed with the function named beside it; freeing NULL does nothing.
 * What a call takes is only read, and not kept after it has returned.  Texts are UTF-8; a text that is not there is NULL.
 * Running out of memory ends the process.
 *
 * Threads.  There is no state but what handles hold: any number of threads, each with handles of its own.  A handle
 * serves one call at a time.  A forked child opens its own.
 *
 * Versions.  Structs the caller fills in begin with their size, which their _INIT sets: always use it.  Structs the library
 * gives may get members at their end: never copy or allocate one.  New numbers may come to the enums.
 *
 * Moments are milliseconds since 1970-01-01 UTC; 0: none.
 */
#ifndef JQM_H
#define JQM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define JQM_API __attribute__((visibility("default")))
#else
#define JQM_API
#endif

/* ---- errors ---- */

/* What the caller can do about it. */
enum jqm_kind {
	JQM_OK = 0,
	JQM_INVALID = 1, /* the call is wrong: never repeat it unchanged */
	JQM_DENIED = 2, /* wrong password, or the account may not do this */
	JQM_NOT_FOUND = 3, /* there is no such job, queue, definition, file */
	JQM_CONFLICT = 4, /* its state forbids it (any more): read it again, then decide */
	JQM_STALE = 5, /* it was changed meanwhile: read it again, then decide */
	JQM_TOO_LARGE = 6, /* over a limit of the server or of this library */
	JQM_BUSY = 7, /* not reached, or not now: the same call may work later */
	JQM_UNCERTAIN = 8, /* no answer that makes sense came: it may or may not have been done */
	JQM_INTERNAL = 9, /* the server failed, or what it said makes no sense */
	JQM_STOPPED = 10 /* the caller's own function wanted no more */
};

struct jqm_error {
	int32_t kind; /* enum jqm_kind */
	char text[508]; /* why, for a human: one line, no secret in it */
};

/* "not found" for JQM_NOT_FOUND; never NULL. */
JQM_API const char *jqm_kind_name(int32_t kind);

/* ---- a server ---- */

struct jqm; /* a handle */

struct jqm_options {
	size_t size;
	/* Of the web service: account and password, or a certificate (PEM) with its key (NULL: in the same file), which goes first. */
	const char *user, *password;
	const char *certificate_file, *key_file;
	/* Authorities to trust, PEM.  NULL: the system's; of files fetched for a database, the cluster's own too. */
	const char *ca_file;
	const char *program; /* who calls, for the server's logs; NULL: "libjqm" */
	uint32_t patience_s; /* a server of which nothing comes for so long is dead; 0: 60 */
};
#define JQM_OPTIONS_INIT                           \
	{                                          \
		.size = sizeof(struct jqm_options) \
	}

/*
 * Make a handle (jqm_free()).  Nothing is sent yet: whether the server is there and knows the account the first call tells.
 *
 * Of a database the address is any connection string of libpq, several hosts included; the role is jqm_client unless it
 * names another, and the password stands there, or in libpq's password file.  user, password and certificate of options are
 * then refused: they mean the web service.  What the database gives is not limited to what some account may see.
 * options may be NULL.
 */
JQM_API int jqm_open(const char *url, const struct jqm_options *options, struct jqm **client_out,
		     struct jqm_error *error);

/*
 * Let go of connections and passwords.  From then on each call on the handle is JQM_INVALID.  The memory of the handle stays
 * until jqm_free(), which does this too.
 */
JQM_API void jqm_close(struct jqm *client);

/* Close and free *client, and make it NULL.  jqm_free(NULL) and *client == NULL are fine. */
JQM_API void jqm_free(struct jqm **client);

/*
 * What the server said to the last call on the handle, as it came: the JSON of the web service (openapi.json has it), also
 * with what a server newer than this library says; of a new job from a database only {"id":N}.  Kept from now on if keep,
 * else no longer.
 */
JQM_API int jqm_keep_answers(struct jqm *client, bool keep, struct jqm_error *error);

/*
 * It, and its length unless len_out is NULL.  NULL: no answers are kept, or there is none: the call failed, had none (an order),
 * or fetched bytes.  The handle's own: it goes with the next call.
 */
JQM_API const char *jqm_answer(const struct jqm *client, size_t *len_out);

/* "0.1.0" */
JQM_API const char *jqm_version(void);

/* ---- jobs: new ones ---- */

struct jqm_parameter {
	const char *key; /* 1 to 50 characters */
	const char
	    *value; /* 1 to 1,000 characters; of what the library gives: "********" of a secret */
	bool secret; /* nobody reads its value back; through the web service only */
};

/* One wish to run a job.  NULL, 0 and false leave the choice to the definition. */
struct jqm_request {
	size_t size;
	const char *application_name; /* the job definition; needed, unless schedule_id is there */
	const char *user; /* for whom; NULL: the caller's account */
	const char *queue_name;
	int32_t priority; /* 1 to 10, 10 first */
	const struct jqm_parameter *parameters; /* over the definition's */
	size_t parameters_len;
	const char *application, *module, *keyword1, *keyword2, *keyword3,
	    *session_id; /* to find it by */
	const char *email; /* who is told when it is over */
	const char *trace_id;
	int64_t parent_id; /* the job it belongs to */
	int64_t schedule_id; /* one more run of that schedule */
	int64_t run_after_ms; /* not before */
	bool held; /* it waits until jqm_release() */
	const char *const
	    *wait_for; /* jobs that must end before: "12", "success:12", "failure:12", "end:12" */
	size_t wait_for_len;
	int32_t max_attempts; /* tries while it fails, 1 to 100 */
	const char *concurrency_key; /* the limit of the cluster it counts for */
	const char *idempotency_key; /* sent again within a day, it is the job of the first time */
	/* Make a schedule in place of a job: a cron expression, and how it is meant. */
	const char *recurrence;
	const char *time_zone, *day_rule, *overlap, *misfire; /* NULL: the defaults */
};
#define JQM_REQUEST_INIT                           \
	{                                          \
		.size = sizeof(struct jqm_request) \
	}

/*
 * Put a job into its queue; *id_out is its number, or that of the schedule when there is a recurrence.  When 0 comes back it
 * is on the server's disk.  Of a highlander that waits already it is the number of that job.
 */
JQM_API int jqm_enqueue(struct jqm *client, const struct jqm_request *request, int64_t *id_out,
			struct jqm_error *error);

/* n requests, at most 10,000, all or none; ids_out has room for n, in the same order. */
JQM_API int jqm_enqueue_all(struct jqm *client, const struct jqm_request *const *requests, size_t n,
			    int64_t *ids_out, struct jqm_error *error);

/* Once more what a job was that is over. */
JQM_API int jqm_enqueue_again(struct jqm *client, int64_t id, int64_t *new_id_out,
			      struct jqm_error *error);

/* A new job in place of one that crashed or was killed, once. */
JQM_API int jqm_restart(struct jqm *client, int64_t id, int64_t *new_id_out,
			struct jqm_error *error);

/* ---- jobs: orders.  JQM_NOT_FOUND: no such job; JQM_CONFLICT: its state forbids it. ---- */

JQM_API int jqm_cancel(struct jqm *client, int64_t id,
		       struct jqm_error *error); /* one that waits */
JQM_API int jqm_kill(struct jqm *client, int64_t id, struct jqm_error *error); /* wherever it is */
JQM_API int jqm_delete(struct jqm *client, int64_t id,
		       struct jqm_error *error); /* one that waits, without a trace */
JQM_API int jqm_hold(struct jqm *client, int64_t id,
		     struct jqm_error *error); /* one that waits: until jqm_release() */
JQM_API int jqm_release(struct jqm *client, int64_t id, struct jqm_error *error);
JQM_API int jqm_pause(struct jqm *client, int64_t id,
		      struct jqm_error *error); /* one that runs stands still */
JQM_API int jqm_resume(struct jqm *client, int64_t id, struct jqm_error *error);

/* Of one that waits: another queue; the place-th (1: first) of its queue and priority; not before a moment. */
JQM_API int jqm_set_queue(struct jqm *client, int64_t id, int64_t queue_id,
			  struct jqm_error *error);
JQM_API int jqm_set_position(struct jqm *client, int64_t id, int64_t place,
			     struct jqm_error *error);
JQM_API int jqm_set_run_after(struct jqm *client, int64_t id, int64_t ms, struct jqm_error *error);
/* 1 to 10, 10 first; 0: none.  Of any that is not over. */
JQM_API int jqm_set_priority(struct jqm *client, int64_t id, int32_t priority,
			     struct jqm_error *error);

/*
 * The same to n jobs, at most 100,000.  Those that are not there, or whose state forbids it, are passed over (of a kill also
 * those held); *done_out, which may be NULL: to how many it was done.
 */
JQM_API int jqm_kill_all(struct jqm *client, const int64_t *ids, size_t n, int64_t *done_out,
			 struct jqm_error *error);
JQM_API int jqm_hold_all(struct jqm *client, const int64_t *ids, size_t n, int64_t *done_out,
			 struct jqm_error *error);
JQM_API int jqm_release_all(struct jqm *client, const int64_t *ids, size_t n, int64_t *done_out,
			    struct jqm_error *error);
JQM_API int jqm_set_queue_all(struct jqm *client, const int64_t *ids, size_t n, int64_t queue_id,
			      int64_t *done_out, struct jqm_error *error);
/* Once more each that is over, cancelled ones left out; new_ids_out has room for n, *n_out were made. */
JQM_API int jqm_enqueue_again_all(struct jqm *client, const int64_t *ids, size_t n,
				  int64_t *new_ids_out, size_t *n_out, struct jqm_error *error);

/* ---- jobs: what is known of them ---- */

/* Where a job is in its life. */
#define JQM_SUBMITTED "SUBMITTED" /* waits for its turn */
#define JQM_SCHEDULED "SCHEDULED" /* waits for a moment or for other jobs */
#define JQM_HOLDED "HOLDED" /* waits until released */
#define JQM_ATTRIBUTED "ATTRIBUTED" /* a node has it */
#define JQM_RUNNING "RUNNING"
#define JQM_ENDED "ENDED" /* over: well */
#define JQM_CRASHED "CRASHED" /* over: not well */
#define JQM_CANCELLED "CANCELLED" /* over: never ran */
#define JQM_KILLED "KILLED" /* over: on somebody's order */

/* An attempt that failed and was followed by another. */
struct jqm_attempt {
	int64_t attempt;
	const char *node_name;
	int64_t started_ms, ended_ms;
	bool exited,
	    signalled; /* which of the two below it is; neither: it did not end by itself */
	int32_t exit_code, signal;
	const char *reason;
};

struct jqm_job {
	int64_t id;
	const char *application_name; /* its definition */
	const char *state;
	bool over; /* nothing will change any more */
	int64_t queue_id; /* 0: the queue is gone */
	const char *queue_name;
	const char *node_name;
	const char *user; /* for whom */
	const char *submitted_by; /* the account that asked for it */
	int64_t parent_id, schedule_id, restart_of; /* 0: none */
	int32_t priority; /* 0: none */
	int64_t position; /* orders jobs of a priority; no rank */
	int64_t progress;
	int64_t enqueued_ms, run_after_ms, started_ms, ended_ms;
	bool exited, signalled; /* how its process ended, once it did */
	int32_t exit_code, signal;
	const char *end_reason; /* in words, when the code does not tell */
	const char *application, *module, *keyword1, *keyword2, *keyword3, *session_id, *email,
	    *trace_id;
	const char *definition_keyword1, *definition_keyword2, *definition_keyword3;
	const char *concurrency_key;
	bool highlander, from_schedule, late;
	const struct jqm_parameter *parameters;
	size_t parameters_len;
	const char *const *messages;
	size_t messages_len;
	const char *const *wait_for;
	size_t wait_for_len;
	int64_t attempt, max_attempts, failures, node_losses;
	const struct jqm_attempt *const *attempts; /* earlier ones */
	size_t attempts_len;
};

JQM_API int jqm_job_read(struct jqm *client, int64_t id, struct jqm_job **job_out,
			 struct jqm_error *error);
JQM_API void jqm_job_free(struct jqm_job *job);

enum jqm_column {
	JQM_BY_ID = 1,
	JQM_BY_APPLICATION_NAME,
	JQM_BY_QUEUE_NAME,
	JQM_BY_STATE,
	JQM_BY_ENQUEUED,
	JQM_BY_ATTRIBUTED,
	JQM_BY_STARTED,
	JQM_BY_ENDED,
	JQM_BY_USER,
	JQM_BY_PARENT,
	JQM_BY_SESSION
};

/*
 * Which jobs.  A text: NULL any, "" those without, with a % in it a pattern (% any characters, _ one), else equal.  A
 * number: 0 any, -1 those without.  Both ends of a period are included.  All that is said must hold.
 */
struct jqm_query {
	size_t size;
	bool live, past; /* where to look: among jobs that are not over, over */
	int64_t id, parent_id, queue_id;
	const char *const *application_names; /* one of them */
	size_t application_names_len;
	const char *const *states; /* one of them */
	size_t states_len;
	const char *user, *session_id, *queue_name, *node_name;
	const char *application, *module, *keyword1, *keyword2, *keyword3;
	const char *definition_application, *definition_module, *definition_keyword1,
	    *definition_keyword2, *definition_keyword3;
	int64_t enqueued_from_ms, enqueued_until_ms, started_from_ms, started_until_ms,
	    ended_from_ms, ended_until_ms;
	int32_t sort_by; /* enum jqm_column; 0: JQM_BY_ID */
	bool descending;
	/* Pages.  By the last job of the page before, sorted by id (best); or by rows to leave out. */
	int64_t after_id;
	int64_t first_row;
	int64_t page_size; /* 0: 50; at most 20,000 */
	bool count; /* tell the total, too: that reads all that match */
};
#define JQM_QUERY_INIT                           \
	{                                        \
		.size = sizeof(struct jqm_query) \
	}

struct jqm_jobs {
	size_t len;
	const struct jqm_job *const *items;
	int64_t total; /* all that match, on whatever page; -1: not asked for */
};

JQM_API int jqm_jobs_read(struct jqm *client, const struct jqm_query *query,
			  struct jqm_jobs **jobs_out, struct jqm_error *error);
JQM_API void jqm_jobs_free(struct jqm_jobs *jobs);

/*
 * Lists without a query, and all that the own token of a job may ask for: the newest jobs, live and past, the newest first; of
 * parent_id (0: all) its children only.  At most n, 1 to 1,000, with numbers below before_id (0: all): a page goes on
 * behind the last job of the page before.  No total.
 */
JQM_API int jqm_jobs_newest(struct jqm *client, int64_t parent_id, int64_t before_id, int32_t n,
			    struct jqm_jobs **jobs_out, struct jqm_error *error);

/* The oldest jobs that are not over, the oldest first, at most n, 1 to 1,000.  No total. */
JQM_API int jqm_jobs_live(struct jqm *client, int32_t n, struct jqm_jobs **jobs_out,
			  struct jqm_error *error);

/* ---- what a job says ---- */

struct jqm_texts {
	size_t len;
	const char *const *items;
};
JQM_API void jqm_texts_free(struct jqm_texts *texts);

JQM_API int jqm_messages(struct jqm *client, int64_t id, struct jqm_texts **texts_out,
			 struct jqm_error *error);
JQM_API int jqm_progress(struct jqm *client, int64_t id, int64_t *progress_out,
			 struct jqm_error *error);
/* Add a message of 1 to 1,024 characters; say how far a job that runs is, 0 to 2147483647. */
JQM_API int jqm_say(struct jqm *client, int64_t id, const char *text, struct jqm_error *error);
JQM_API int jqm_set_progress(struct jqm *client, int64_t id, int64_t progress,
			     struct jqm_error *error);

/* ---- files and logs ---- */

/*
 * Takes the next len bytes: 0, or anything else for no more (the call is then JQM_STOPPED).  Bytes it got before a call
 * failed stay as they are, the start of a whole.
 */
typedef int jqm_sink(void *arg, const void *data, size_t len);

struct jqm_file {
	int64_t id;
	const char *original_name; /* as its job named it: anything, trust it with no path */
	const char *family; /* a tag its job chose */
	int64_t size_bytes;
	const char *sha256; /* 64 hexadecimal digits */
	const char *random_id; /* the GUID under which the simple API has it */
};
struct jqm_files {
	size_t len;
	const struct jqm_file *const *items;
};

/* The files a job left; none is no error. */
JQM_API int jqm_files(struct jqm *client, int64_t id, struct jqm_files **files_out,
		      struct jqm_error *error);
JQM_API void jqm_files_free(struct jqm_files *files);

/* The bytes of one.  Of a database they come from the node that has it, see libjqm(3). */
JQM_API int jqm_file_fetch(struct jqm *client, int64_t file_id, jqm_sink *sink, void *arg,
			   struct jqm_error *error);

/*
 * The same of one that is named by its number in digits or its random_id, as people hand it about; a database knows it by its
 * number only.  name, which may be NULL, has room for name_size bytes and gets the name under which the server offers it,
 * cut to that: trust it with no path; "": it offers none.
 */
JQM_API int jqm_file_get(struct jqm *client, const char *file, jqm_sink *sink, void *arg,
			 char *name, size_t name_size, struct jqm_error *error);

/* Give a job that waits a file, which it fetches when it runs; one of that name is replaced. */
JQM_API int jqm_input_give(struct jqm *client, int64_t id, const char *name, const void *data,
			   size_t len, struct jqm_error *error);

enum jqm_log { JQM_STDOUT = 0, JQM_STDERR = 1 };

/*
 * What an attempt of a job printed (0: the newest), from byte from on, as it is now.  *next_out, which may be NULL: from
 * where on the rest will be, while it grows.  Bytes that a log's limit has cut out are left out.  Nothing there (yet) is no
 * error; that the job never ran, or its log is gone, is JQM_NOT_FOUND.
 */
JQM_API int jqm_log_fetch(struct jqm *client, int64_t id, enum jqm_log which, int32_t attempt,
			  int64_t from, jqm_sink *sink, void *arg, int64_t *next_out,
			  struct jqm_error *error);

/* All of it as it is kept: where the limit has cut something out there is a line that says so. */
JQM_API int jqm_log_show(struct jqm *client, int64_t id, enum jqm_log which, int32_t attempt,
			 jqm_sink *sink, void *arg, struct jqm_error *error);

/* A place in a log that is followed, and what is known there.  Begin with 0 in all. */
struct jqm_log_place {
	size_t size;
	int32_t
	    attempt; /* whose log; 0: the newest, whose number comes here as soon as it has one */
	int64_t next; /* from this byte on */
	/* Told by each call. */
	int32_t newest_attempt; /* more than attempt: it was tried again; 0: not told */
	int64_t cut; /* bytes before those that come, which the limit has cut out */
	int64_t written; /* all the job has printed; less than next: it was emptied; -1: not told */
};
#define JQM_LOG_PLACE_INIT                           \
	{                                            \
		.size = sizeof(struct jqm_log_place) \
	}

/*
 * Go on at a place: as jqm_log_fetch(), and *place is moved behind each byte that sink took, also when the call fails later.
 * What it tells is there before sink gets the first byte.  Of a job that was tried again the next log is that of attempt + 1,
 * from 0 on; one that never began has none (JQM_NOT_FOUND), and those up to newest_attempt may be that.
 */
JQM_API int jqm_log_continue(struct jqm *client, int64_t id, enum jqm_log which,
			     struct jqm_log_place *place, jqm_sink *sink, void *arg,
			     struct jqm_error *error);

/* ---- queues ---- */

struct jqm_queue {
	int64_t id;
	const char *name;
	const char *description;
};
struct jqm_queues {
	size_t len;
	const struct jqm_queue *const *items;
};
JQM_API int jqm_queues(struct jqm *client, struct jqm_queues **queues_out, struct jqm_error *error);
JQM_API void jqm_queues_free(struct jqm_queues *queues);

/* No node takes its jobs any more; all that are mapped to it do; every job that waits in it is cancelled. */
JQM_API int jqm_queue_pause(struct jqm *client, int64_t queue_id, struct jqm_error *error);
JQM_API int jqm_queue_resume(struct jqm *client, int64_t queue_id, struct jqm_error *error);
JQM_API int jqm_queue_clear(struct jqm *client, int64_t queue_id, struct jqm_error *error);

enum jqm_queue_state {
	JQM_QUEUE_RUNNING = 1,
	JQM_QUEUE_PARTIALLY_RUNNING = 2,
	JQM_QUEUE_PAUSED = 3
};
JQM_API int jqm_queue_status(struct jqm *client, int64_t queue_id, int32_t *state_out,
			     struct jqm_error *error);
/* How many of its jobs may run at the same time. */
JQM_API int jqm_queue_capacity(struct jqm *client, int64_t queue_id, int64_t *capacity_out,
			       struct jqm_error *error);

/* ---- definitions and schedules ---- */

struct jqm_schedule {
	int64_t id;
	const char *application_name; /* the definition it runs */
	const char *cron_expression;
	const char *time_zone, *day_rule, *overlap, *misfire;
	int32_t priority; /* 0: the definition's */
	int64_t queue_id; /* 0: the definition's */
	const char *queue_name;
	bool enabled;
	int64_t next_ms; /* 0: never, or not known yet */
	const char *problem;
	const struct jqm_parameter *parameters;
	size_t parameters_len;
};
struct jqm_schedules {
	size_t len;
	const struct jqm_schedule *const *items;
};

struct jqm_definition {
	int64_t id;
	const char *application_name; /* its unique name */
	const char *description;
	int64_t queue_id;
	const char *queue_name;
	const char *application, *module, *keyword1, *keyword2, *keyword3;
	bool highlander, can_be_restarted;
	const struct jqm_parameter *parameters;
	size_t parameters_len;
	const struct jqm_schedule *const *schedules;
	size_t schedules_len;
};
struct jqm_definitions {
	size_t len;
	const struct jqm_definition *const *items;
};

/* All; those of that application tag. */
JQM_API int jqm_definitions(struct jqm *client, const char *application,
			    struct jqm_definitions **out, struct jqm_error *error);
JQM_API void jqm_definitions_free(struct jqm_definitions *definitions);
/* The one of that name. */
JQM_API int jqm_definition_read(struct jqm *client, const char *name, struct jqm_definition **out,
				struct jqm_error *error);
JQM_API void jqm_definition_free(struct jqm_definition *definition);

/* A schedule is made by jqm_enqueue() with a recurrence. */
JQM_API int jqm_schedules(struct jqm *client, struct jqm_schedules **out, struct jqm_error *error);
JQM_API void jqm_schedules_free(struct jqm_schedules *schedules);
JQM_API int jqm_schedule_read(struct jqm *client, int64_t schedule_id, struct jqm_schedule **out,
			      struct jqm_error *error);
JQM_API void jqm_schedule_free(struct jqm_schedule *schedule);

/* The next n times it is due, 1 to 100 (fewer when there are no more), as RFC 3339 has them, with the offset of its time zone. */
JQM_API int jqm_schedule_next(struct jqm *client, int64_t schedule_id, int32_t n,
			      struct jqm_texts **times_out, struct jqm_error *error);

/* Its jobs stay. */
JQM_API int jqm_schedule_delete(struct jqm *client, int64_t schedule_id, struct jqm_error *error);
JQM_API int jqm_schedule_pause(struct jqm *client, int64_t schedule_id, struct jqm_error *error);
JQM_API int jqm_schedule_resume(struct jqm *client, int64_t schedule_id, struct jqm_error *error);
/* 0: the definition's. */
JQM_API int jqm_schedule_set_queue(struct jqm *client, int64_t schedule_id, int64_t queue_id,
				   struct jqm_error *error);
JQM_API int jqm_schedule_set_priority(struct jqm *client, int64_t schedule_id, int32_t priority,
				      struct jqm_error *error);
JQM_API int jqm_schedule_set_cron(struct jqm *client, int64_t schedule_id,
				  const char *cron_expression, struct jqm_error *error);

#ifdef __cplusplus
}
#endif

#endif
