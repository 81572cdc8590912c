/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a configuration file: refused with a reason, or every value is within its row. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "conf/settings.h"

#include "corpus_main.h"

static void
check_row(const struct settings *settings, const struct setting *row)
{
	const char *text = settings_text(settings, row->key);

	FUZZ_CHECK(text == NULL || text[0] != '\0');
	FUZZ_CHECK(text == NULL || str_utf8_valid(text, strlen(text)));
	if (row->type == SETTING_INT || row->type == SETTING_SIZE) {
		int64_t value = settings_int(settings, row->key);

		FUZZ_CHECK(value >= row->min && value <= row->max);
	}
	if (row->type == SETTING_PATH)
		FUZZ_CHECK(text == NULL || text[0] == '/');
}

static void
check_environment(const struct settings *settings)
{
	const char *name, *value;

	for (size_t n = 0; settings_job_environment(settings, n, &name, &value) == 0; n++) {
		FUZZ_CHECK(name[0] != '\0' && strchr(name, '=') == NULL);
		for (const char *c = name; *c != '\0'; c++)
			FUZZ_CHECK(*c < 'a' || *c > 'z');
		FUZZ_CHECK(str_utf8_valid(value, strlen(value)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct settings *settings;
	char path[40];
	int fd = memfd_create("settings", MFD_CLOEXEC);

	FUZZ_CHECK(fd != -1 && fchmod(fd, 0600) == 0 && fd_write_all(fd, data, size) == 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	settings = settings_read(path, &err);
	if (settings == NULL) {
		FUZZ_CHECK(err.kind == ERR_INVALID || err.kind == ERR_TOO_LARGE);
		FUZZ_CHECK(strstr(err.text, path) != NULL);
		FUZZ_CHECK(str_utf8_valid(err.text, strlen(err.text)));
	} else {
		for (size_t i = 0; i < settings_table_len; i++)
			check_row(settings, &settings_table[i]);
		check_environment(settings);
	}
	settings_free(settings);
	fd_close(&fd);
	return 0;
}
