/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/up/demo.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/up/home.h"
#include "cli/up/stack.h"
#include "cli/up/sup.h"
#include "cli/up/tools.h"
#include "cli/up/tree.h"

#define SAMPLE "AccessReport"
#define WORDS_MAX 32
#define OUTPUT_MAX_BYTES 65536
#define GUID_CHARS 36

/* Run "jqm WORD... --home HOME"; its output goes to out, or with NULL to ours. */
static int
run_jqm(struct stack *stack, const char *const *words, struct buf *out, struct err *err)
{
	char *program = tools_file(stack->tools.bin_dir, "jqm");
	char *output = home_file(&stack->home, "tmp/demo-output");
	const char *argv[WORDS_MAX + 4] = { program };
	size_t n = 1;
	int rc;

	for (; *words != NULL && n <= WORDS_MAX; words++)
		argv[n++] = *words;
	argv[n++] = "--home";
	argv[n++] = stack->home.path;
	(void)unlink(output);
	rc = sup_tool(&stack->sup, argv, out == NULL ? NULL : output, err);
	if (rc == 0 && out != NULL)
		rc = fd_read_file(output, out, err);
	(void)unlink(output);
	free(output);
	free(program);
	return rc;
}

/* The files of share/jqm/samples with this ending.  The caller globfree()s. */
static int
find_samples(const struct stack *stack, const char *ending, glob_t *out, struct err *err)
{
	char *pattern = str_printf("%s/samples/*%s", stack->tools.share_dir, ending);
	int rc = 0;

	if (glob(pattern, 0, NULL, out) != 0)
		rc = err_set(err, ERR_NOT_FOUND, "there are no samples \"%s\"", pattern);
	free(pattern);
	return rc;
}

static int
copy_programs(const struct stack *stack, struct err *err)
{
	char *to = home_file(&stack->home, "jobs/samples");
	glob_t found;
	int rc = fd_make_dirs(to, 0700, err);

	if (rc == 0)
		rc = find_samples(stack, ".sh", &found, err);
	if (rc == 0) {
		for (size_t i = 0; i < found.gl_pathc && rc == 0; i++) {
			char *target = tools_file(to, strrchr(found.gl_pathv[i], '/') + 1);

			rc = tree_copy_file(found.gl_pathv[i], target, err);
			free(target);
		}
		globfree(&found);
	}
	free(to);
	return rc;
}

static int
import_definitions(struct stack *stack, bool quiet, struct err *err)
{
	const char *words[WORDS_MAX] = { "import" };
	struct buf report = BUF_INIT(OUTPUT_MAX_BYTES);
	glob_t found;
	size_t n = 1;
	int rc = find_samples(stack, ".xml", &found, err);

	if (rc == -1)
		return -1;
	for (size_t i = 0; i < found.gl_pathc && n < WORDS_MAX - 1; i++)
		words[n++] = found.gl_pathv[i];
	words[n] = NULL;
	rc = run_jqm(stack, words, quiet ? &report : NULL, err);
	buf_free(&report);
	globfree(&found);
	return rc;
}

/* Enqueue the sample and wait for its end; *id_out is the job. */
static int
run_sample(struct stack *stack, int64_t *id_out, struct err *err)
{
	const char *const words[] = { "enqueue", SAMPLE, "--wait", NULL };
	struct buf out = BUF_INIT(OUTPUT_MAX_BYTES);
	int rc = run_jqm(stack, words, &out, err);

	if (rc == 0) {
		char *line = buf_take(&out);

		line[strcspn(line, "\n")] = '\0';
		if (num_int64(line, 1, INT64_MAX, id_out) == -1)
			rc = err_set(err, ERR_INTERNAL, "\"%.60s\" is not the id of a job", line);
		free(line);
	}
	buf_free(&out);
	return rc;
}

/* Print text, each line moved to the right, nothing in it able to steer a terminal. */
static void
print_indented(const struct buf *text)
{
	const char *at = buf_text(text);

	while (*at != '\0') {
		size_t len = strcspn(at, "\n");
		struct buf line = BUF_INIT(OUTPUT_MAX_BYTES);

		output_escape(&line, at, len);
		(void)printf("  %s\n", buf_text(&line));
		buf_free(&line);
		at += len + (at[len] == '\n');
	}
}

/* The last line of "jqm files": GUID, size, name. */
static void
print_file(const struct stack *stack, struct buf *files)
{
	struct buf name = BUF_INIT(OUTPUT_MAX_BYTES);
	const char *line, *blank;

	while (files->len > 0 && files->data[files->len - 1] == '\n')
		files->data[--files->len] = '\0';
	line = strrchr(buf_text(files), '\n');
	if (line == NULL)
		return; /* only the headings */
	line++;
	blank = strrchr(line, ' ');
	if (blank != NULL && strlen(line) > GUID_CHARS)
		output_escape(&name, blank + 1, strlen(blank + 1));
	(void)printf("\nA file it delivered, %s (as root):\n\n"
		     "  %s://127.0.0.1:%d/ws/simple/file?id=%.*s\n",
		     buf_text(&name), stack_scheme(stack), stack->port, GUID_CHARS, line);
	buf_free(&name);
}

int
demo_run(struct stack *stack, bool quiet, struct err *err)
{
	struct buf log = BUF_INIT(OUTPUT_MAX_BYTES), files = BUF_INIT(OUTPUT_MAX_BYTES);
	char id_text[24] = "";
	const char *const log_words[] = { "log", id_text, NULL };
	const char *const files_words[] = { "files", id_text, NULL };
	int64_t id = 0;
	int rc;

	/* The home's own account and address, whatever our caller's environment says. */
	(void)unsetenv("JQM_URL");
	(void)unsetenv("JQM_USER");
	(void)unsetenv("JQM_PASSWORD_FILE");
	(void)unsetenv("JQM_CONFIG");
	(void)fflush(stdout);
	rc = copy_programs(stack, err);
	if (rc == 0)
		rc = import_definitions(stack, quiet, err);
	if (rc == 0)
		rc = run_sample(stack, &id, err);
	(void)snprintf(id_text, sizeof(id_text), "%" PRId64, id);
	if (rc == 0)
		rc = run_jqm(stack, log_words, &log, err);
	if (rc == 0)
		rc = run_jqm(stack, files_words, &files, err);
	if (rc == 0 && !quiet) {
		(void)printf("\nJob %s, definition " SAMPLE ", has run.  It printed:\n\n", id_text);
		print_indented(&log);
		print_file(stack, &files);
	}
	if (rc == -1)
		(void)err_prefix(err, "the demonstration failed");
	buf_free(&log);
	buf_free(&files);
	return rc;
}
