/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/config_rules.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/log_file.h"
#include "base/str.h"
#include "conf/check_report.h"
#include "conf/settings.h"
#include "model/node.h"
#include "runner/api_address.h"
#include "runner/audit_sealer.h"
#include "runner/dirs_apart.h"
#include "runner/runner.h"
#include "runner/state_dir.h"

/* What is looked at, by all rules. */
struct looked_at {
	const struct runner_config *config;
	const char *state_dir, *log_dir; /* NULL: not given */
	size_t pair; /* of directories, the next to be compared */
};

/* As jqm.node_rules() has it; that it is UTF-8 the file was asked for. */
static int
name_rule(struct looked_at *what, struct err *err)
{
	const char *name = what->config->node_name;
	size_t len = name == NULL ? 0 : strlen(name);

	if (name == NULL)
		return 0;
	if (str_utf8_chars(name) > NODE_NAME_CHARS_MAX)
		return err_set(err, ERR_INVALID, "setting node:name has more than %d characters",
			       NODE_NAME_CHARS_MAX);
	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)name[i]) && (unsigned char)name[i] < 0x80)
			return err_set(err, ERR_INVALID,
				       "setting node:name has a control character");
	if (len > 0 && (name[0] == ' ' || name[len - 1] == ' '))
		return err_set(err, ERR_INVALID, "setting node:name begins or ends with a blank");
	return 0;
}

static int
url_rule(struct looked_at *what, struct err *err)
{
	char host[API_HOST_SIZE];
	int port;

	if (what->config->api_url == NULL ||
	    api_address_read(what->config->api_url, host, &port, err) == 0)
		return 0;
	return err_prefix(err, "setting runner:api_url \"%.*s\"",
			  STR_CUT(what->config->api_url, 100));
}

/* Each call finds one pair more. */
static int
dirs_rule(struct looked_at *what, struct err *err)
{
	const struct runner_config *c = what->config;
	const struct named_dir dirs[] = {
		{ "runner:temp_dir", c->temp_dir, true },
		{ "runner:joblog_dir", c->joblog_dir, true },
		{ "runner:delivery_store", c->delivery_store, true },
		{ "runner:state_dir", what->state_dir, false },
		{ "runner:log_dir", what->log_dir, false },
		{ "runner:job_repository", c->job_repository, false },
	};

	return dirs_apart(dirs, sizeof(dirs) / sizeof(dirs[0]), &what->pair, err);
}

static int
log_file_rule(struct looked_at *what, struct err *err)
{
	const char *path = settings_text(what->config->settings, "runner:log_file");

	if (path != NULL && log_file_check(path, err) == -1)
		return err_prefix(err, "setting runner:log_file");
	return 0;
}

static int
lock_rule(struct looked_at *what, struct err *err)
{
	if (what->state_dir != NULL && state_dir_check_lock(what->state_dir, err) == -1)
		return err_prefix(err, "setting runner:state_dir");
	return 0;
}

static int
audit_key_rule(struct looked_at *what, struct err *err)
{
	const char *path = settings_text(what->config->settings, "audit:key_file");

	if ((path != NULL || what->state_dir != NULL) &&
	    audit_sealer_check_key(path, what->state_dir, err) == -1)
		return err_prefix(err, "setting %s",
				  path != NULL ? "audit:key_file" : "runner:state_dir");
	return 0;
}

int
runner_config_rules(const struct runner_config *config, const char *state_dir, const char *log_dir,
		    struct check_report *report, struct err *err)
{
	static int (*const rules[])(struct looked_at *, struct err *) = {
		name_rule, url_rule, dirs_rule, log_file_rule, lock_rule, audit_key_rule,
	};
	struct looked_at what = { .config = config, .state_dir = state_dir, .log_dir = log_dir };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		while (rules[i](&what, err) == -1) {
			if (report == NULL)
				return -1;
			check_wrong(report, "%s", err->text);
			err_clear(err);
			if (rules[i] != dirs_rule)
				break;
		}
	return 0;
}
