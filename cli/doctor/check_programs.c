/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs themselves say of this configuration: --check of each, as the account they run as. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/up/child.h"

#define SAID_MAX ((size_t)256 * 1024)

static const char *const programs[] = { "jqm-runner", "jqm-fcgi", "jqm-events" };

static const struct {
	const char *word;
	enum finding_kind kind;
} kinds[] = { { "ok: ", FINDING_OK }, { "note: ", FINDING_NOTE }, { "wrong: ", FINDING_WRONG } };

/* How many lines it had of those a check prints. */
static size_t
relay(struct doctor *doctor, const char *program, char *said)
{
	char *save = NULL;
	size_t lines = 0, fine = 0;

	for (char *line = strtok_r(said, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			if (!str_starts(line, kinds[k].word))
				continue;
			lines++;
			if (kinds[k].kind == FINDING_OK)
				fine++;
			else
				doctor_say(doctor, kinds[k].kind, program, NULL, "%s",
					   line + strlen(kinds[k].word));
		}
	if (fine > 0)
		doctor_say(doctor, FINDING_OK, program, NULL, "--check finds %zu things in order",
			   fine);
	return lines;
}

static void
check_program(struct doctor *doctor, const char *directory, const char *program)
{
	char *path = str_printf("%s/%s", directory, program);
	char check[] = "--check", config[] = "--config";
	char *argv[] = { path, check, config, doctor->config_path, NULL };
	struct buf said = BUF_INIT(SAID_MAX);
	struct err err = ERR_INIT;

	if (access(path, X_OK) == -1)
		doctor_say(doctor, FINDING_NOTE, program, NULL, "is not installed in \"%s\"",
			   directory);
	/* It ends with 1 when it found something, which is for its lines to tell. */
	else if (child_capture(argv, &said, &err) == -1 && said.len == 0)
		doctor_say(doctor, FINDING_WRONG, program, "run it by hand with --check", "%s",
			   err.text);
	else if (relay(doctor, program, said.data) == 0)
		doctor_say(doctor, FINDING_WRONG, program, "run it by hand with --check",
			   "--check said nothing");
	buf_free(&said);
	free(path);
}

void
doctor_check_programs(struct doctor *doctor)
{
	struct err err = ERR_INIT;
	char *directory = path_program_dir(&err);

	if (directory == NULL || doctor->settings == NULL) {
		free(directory);
		return;
	}
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		check_program(doctor, directory, programs[i]);
	free(directory);
}
