/* SPDX-License-Identifier: Apache-2.0 */
/*
 * corpus_main.h: what every tests/fuzz/fuzz_NAME.c includes last.  Under libFuzzer (-DFUZZING) it
 * only declares the target; otherwise it is main(): every file of the corpus runs once, so that make
 * check keeps what fuzzing has found.
 *
 *	fuzz_NAME [DIRECTORY...]	default: tests/fuzz/corpus/NAME, else tests/fuzz/corpus/fuzz_NAME
 */
#ifndef FUZZ_CORPUS_MAIN_H
#define FUZZ_CORPUS_MAIN_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An invariant of a target: ends the process with its text, which libFuzzer reports as a crash. */
#define FUZZ_CHECK(condition)                                                            \
	do {                                                                             \
		if (!(condition)) {                                                      \
			(void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
				      #condition);                                       \
			abort();                                                         \
		}                                                                        \
	} while (0)

#include <stdio.h>
#include <stdlib.h>

#ifndef FUZZING

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Run one file, in memory of exactly its size: a sanitizer sees a read behind its end.  0, or -1. */
static int
run_input(const char *path)
{
	struct stat st;
	FILE *file = fopen(path, "rbe");
	uint8_t *data = NULL;
	size_t size = 0;
	int rc = -1;

	if (file == NULL || fstat(fileno(file), &st) == -1)
		goto cleanup;
	size = (size_t)st.st_size;
	data = malloc(size > 0 ? size : 1);
	if (data == NULL || fread(data, 1, size, file) != size)
		goto cleanup;
	(void)fprintf(stderr, "# %s\n", path); /* the last one named is the one that crashed */
	(void)LLVMFuzzerTestOneInput(data, size);
	rc = 0;

cleanup:
	if (file != NULL)
		(void)fclose(file);
	free(data);
	return rc;
}

/* Inputs run, or -1 when the directory or one of its files cannot be read. */
static int
run_directory(const char *directory)
{
	struct dirent **entries = NULL;
	int count = scandir(directory, &entries, NULL, alphasort);
	int inputs = 0;

	for (int i = 0; i < count; i++) {
		char path[1024];

		(void)snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && inputs != -1)
			inputs = run_input(path) == -1 ? -1 : inputs + 1;
		free(entries[i]);
	}
	free(entries);
	return count == -1 ? -1 : inputs;
}

/* One line of TAP.  0, or 1 when nothing could be run. */
static int
report_directory(int number, const char *directory)
{
	int inputs = run_directory(directory);

	if (inputs > 0) {
		(void)printf("ok %d - corpus %s (%d inputs)\n", number, directory, inputs);
		return 0;
	}
	(void)printf("not ok %d - corpus %s (%s)\n", number, directory,
		     inputs == 0 ? "no inputs" : "could not be read");
	return 1;
}

int
main(int argc, char **argv)
{
	const char *name = program_invocation_short_name;
	char own[512];
	struct stat st;
	int failed = 0;

	(void)printf("1..%d\n", argc > 1 ? argc - 1 : 1);
	for (int i = 1; i < argc; i++)
		failed |= report_directory(i, argv[i]);
	if (argc > 1)
		return failed;
	(void)snprintf(own, sizeof(own), "tests/fuzz/corpus/%s",
		       strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name);
	if (stat(own, &st) == -1)
		(void)snprintf(own, sizeof(own), "tests/fuzz/corpus/%s", name);
	return report_directory(1, own);
}

#endif
#endif
