/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model/job_def.h: what may be run, and the Java class loading contexts definitions may name.
 *
 * Structs and all they point to live in a struct memory (model/memory.h).  Texts are UTF-8, sizes
 * count characters, as the tables' constraints do.
 */
#ifndef MODEL_JOB_DEF_H
#define MODEL_JOB_DEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/parameter_type.h"
#include "model/value.h"

struct err;

#define JOB_DEF_NAME_MAX 255
#define JOB_DEF_TAG_MAX 50
#define RUN_AS_MAX 32
#define JOB_DEF_TEXT_MAX 1024
#define QUEUE_NAME_MAX 255
#define PARAMETER_KEY_MAX 50
#define PARAMETER_VALUE_MAX 1000
#define PARAMETERS_MAX 1000
#define CONCURRENCY_KEY_MAX 100
#define SIGNATURE_CHARS 113
#define CONSUMPTION_MAX 100000 /* units of a mapping, items of a resource */

/* What a run may use; not set: the node's own limit where it has one, else none. */
struct job_def_limits {
	struct opt_int64 run_max_s; /* then it is killed */
	struct opt_int64 grace_ms; /* from TERM to KILL, whoever kills */
	struct opt_int64 log_max_bytes; /* of each output; head and tail are kept */
	struct opt_int64 files_max_bytes, files_max_count; /* delivered; 0: no limit */
	struct opt_int64 memory_max_bytes;
	struct opt_int64 cpu_max_s; /* processor time */
	struct opt_int64 processes_max;
	struct opt_int64 umask;
	const char *working_directory; /* absolute or below the job repository; NULL: that one */
};

#define EXIT_CODES_MAX 255

/* A failed attempt is followed by another one while there are fewer than attempts_max. */
struct job_def_retry {
	struct opt_int64 attempts_max; /* 1: none */
	const char
	    *backoff; /* FIXED; EXPONENTIAL: delay_s is doubled each time up to delay_max_s */
	struct opt_int64 delay_s, delay_max_s;
	int *exit_codes; /* only after these */
	size_t exit_codes_len; /* 0: after any failure */
};

/*
 * One job definition.  Invariants, verified by job_def_check():
 *   1. every text has the size and presence job_def_texts says, and is one of the choices there;
 *   2. every number has the range and presence job_def_numbers says;
 *   3. at most 1000 parameters, keys of 1 to 50 characters, values of 1 to 1000; those for resource
 *      managers are numbers (job_def_parameter_check());
 *   4. at most EXIT_CODES_MAX exit codes of 1 to 255;
 *   5. an exponential delay starts below its cap.
 * The database's job_def_check() has the same ranges.
 */
struct job_def {
	const char *name; /* the unique key users type */
	const char *description;
	const char *path; /* a command line, a program, or a jar: path_type tells */
	const char *path_type;
	const char *class_name; /* usually "none" for processes */
	const char *queue_name; /* NULL: keep the queue it has, else the default queue */
	const char *application, *module, *keyword1, *keyword2, *keyword3; /* NULL: none */
	const char *execution_context; /* name; NULL: none */
	bool highlander; /* at most one waiting and one running */
	bool can_be_restarted;
	struct opt_bool enabled; /* not set: keep what it is, else enabled */
	struct opt_bool external; /* JQM's; not set: keep what it is, else false */
	const char *java_opts; /* JQM's; NULL: keep what it is, else none */
	struct opt_int64 priority; /* 1 to 10; 0: none; not set: keep what it is, else none */
	struct opt_int64 alert_after_min; /* running longer is worth a warning */
	struct job_def_limits limits;
	struct job_def_retry retry;
	const char *on_node_loss; /* CRASH, REQUEUE, HOLD */
	struct opt_int64 node_losses_max; /* REQUEUE and HOLD so many times */
	const char *concurrency_key; /* of its jobs, unless a request names another; NULL: none */
	const char *run_as; /* account of the node's system; NULL: the one of JQM */
	const char *signature; /* crypto/signature.h; NULL: keep what it is, else none */
	struct text_map parameters; /* defaults of its jobs */
	struct parameter_type_list parameter_types; /* what else is said of these and others */
	int line; /* where a document describes it; 0: not from a document */
};

/* What is not said means: start from here.  The columns' defaults are the same. */
extern const struct job_def job_def_defaults;

/* A text of a struct and what it must be. */
struct model_text {
	const char *field; /* as users know it: the element's name */
	size_t offset; /* of the const char * in the struct */
	size_t min, max; /* characters */
	bool needed; /* NULL is refused */
	const char *const *choices; /* NULL-terminated; NULL: any text */
};
extern const struct model_text job_def_texts[];
extern const size_t job_def_texts_len;

/* A number of a struct and what it must be. */
struct model_number {
	const char *field; /* as users know it */
	size_t offset; /* of the struct opt_int64 in the struct */
	int64_t min, max;
	bool needed; /* not set is refused */
};
extern const struct model_number job_def_numbers[];
extern const size_t job_def_numbers_len;

/* Is this value (NULL: absent) what row asks for?  0, or -1 with an ERR_INVALID naming the field. */
int model_text_check(const struct model_text *row, const char *value, struct err *err);
int model_number_check(const struct model_number *row, const struct opt_int64 *value,
		       struct err *err);

/* Is the pair a possible parameter?  0, or -1 with an ERR_INVALID naming the key. */
int parameter_check(const char *key, const char *value, struct err *err);

/*
 * The same for a parameter of a definition, where com.enioka.jqm.rm.quantity.[NAME.]consumption must be a
 * number from 1 to 100000, com.enioka.jqm.rm.discrete.[NAME.]consumption one from 0 to 100000.
 */
int job_def_parameter_check(const char *key, const char *value, struct err *err);

/* Do its members fit together?  0, or -1 with an ERR_INVALID that names one. */
int job_def_retry_check(const struct job_def_retry *retry, struct err *err);

/* Verify the invariants.  0, or -1 with an ERR_INVALID that names the definition and the field. */
int job_def_check(const struct job_def *def, struct err *err);

/* Runs when a Java job starts; stored, never used by our runner. */
struct event_handler {
	const char *class_name;
	struct text_map parameters;
};

/* Java class loading options; the same texts as JQM's, 1024 characters at most. */
struct execution_context {
	const char *name; /* the key, 1 to 255 characters */
	const char *hidden_classes, *allowed_runners; /* NULL: none */
	const char *extra_classpath_dirs, *excluded_class_prefixes; /* NULL: none */
	bool child_first, tracing;
	bool persistent;
	struct event_handler *handlers;
	size_t handlers_len;
	int line;
};
extern const struct model_text execution_context_texts[];
extern const size_t execution_context_texts_len;

/* 0, or -1 with ERR_INVALID that names the context and the member. */
int execution_context_check(const struct execution_context *context, struct err *err);

/* What one descriptor describes; names are unique in each list. */
struct job_def_set {
	struct job_def *defs;
	size_t defs_len;
	struct execution_context *contexts;
	size_t contexts_len;
};

#endif
