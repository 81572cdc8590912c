/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/args.h: the arguments of a verb, one at a time.
 *
 * Options are "--name value", "--name=value", "--flag", "-p value", "-pvalue"; they may stand before
 * and after words; "--" ends them.  --config FILE, --home D, --json and --help are known to every verb and
 * stored in struct cli (--help ends the verb).
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;

struct args_option {
	const char *name; /* "queue" for --queue */
	char letter; /* 'q' for -q, or 0 */
	bool has_value;
};

struct args {
	struct cli *cli;
	int argc;
	char **argv;
	const struct args_option *options;
	size_t options_len;
	int at; /* next argument */
	bool words_only; /* "--" was seen */
	int exit_code; /* when args_next() returned ARGS_STOP */
	const char *value; /* of the option, or the word; borrowed from argv */
};

enum {
	ARGS_END = -1, /* nothing left */
	ARGS_WORD = -2, /* value is an argument that is no option */
	ARGS_STOP = -3 /* wrong (already said) or help (already printed): end with exit_code */
};

/* Start behind argv[0]. */
void args_init(struct args *args, struct cli *cli, int argc, char **argv,
	       const struct args_option *options, size_t options_len);

/* The next one: index of an option, or one of the values above. */
int args_next(struct args *args);

/* The first word of a verb that takes no options but the common ones before it; "" when there is none. */
const char *args_first_word(int argc, char **argv);

/*
 * Which of n rows (structs of row_size bytes, the word of each its first member, a const char *) has that word; n when
 * none has.
 */
size_t args_choice(const char *word, const void *rows, size_t n, size_t row_size);

/* The positive number of a job: 0, or -1 and exit_code (already said). */
int args_job_id(struct args *args, const char *text, int64_t *id_out);

/*
 * A verb that takes at most n words and no options: those given replace words[0..].  0; -1 and *code_out
 * (already said).
 */
int args_words(struct cli *cli, int argc, char **argv, const char **words, size_t n, int *code_out);

/* A verb that takes a job id and nothing else: 0 and *id_out, or -1 and exit_code (already said). */
int args_one_job(struct args *args, int64_t *id_out);

/*
 * The common options before the verb.  Index of the verb in argv (argc when there is none); -1 when
 * wrong (already said).  --help, -h and --version stand for the verbs of that name.
 */
int args_leading(struct cli *cli, int argc, char **argv);

#endif
