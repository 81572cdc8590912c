/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/config_check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/path.h"
#include "base/str.h"
#include "conf/check_report.h"
#include "conf/settings.h"
#include "db/db.h"
#include "db/migrate.h"
#include "runner/accounts_check.h"
#include "runner/keeper_process.h"
#include "runner/runner.h"
#include "runner/state_dir.h"
#include "store/node_store.h"

/* Its directory is made only when it is log_dir; for the file itself see config_rules.h. */
static void
check_log_file(const struct config_check *check, struct check_report *report)
{
	const char *path = settings_text(check->config->settings, "runner:log_file");
	char *directory = path == NULL ? NULL : path_dir(path);

	if (directory != NULL && (check->log_dir == NULL || strcmp(directory, check->log_dir) != 0))
		check_directory_of(report, "runner:log_file", path, CHECK_WRITE);
	free(directory);
}

static void
check_directories(const struct config_check *check, struct check_report *report)
{
	const struct runner_config *c = check->config;

	check_directory(report, "runner:job_repository", c->job_repository, CHECK_READ);
	check_directory(report, "runner:state_dir", check->state_dir, CHECK_MAKE);
	check_directory(report, "runner:log_dir", check->log_dir, CHECK_MAKE);
	check_directory(report, "runner:temp_dir", c->temp_dir, CHECK_MAKE);
	check_directory(report, "runner:delivery_store", c->delivery_store, CHECK_MAKE);
	check_directory(report, "runner:joblog_dir", c->joblog_dir, CHECK_MAKE);
	check_log_file(check, report);
}

/* One that somebody else starts is only waited for. */
static void
check_foreign_keeper(const char *socket_path, struct check_report *report)
{
	struct err err = ERR_INIT;
	struct stat status;

	if (keeper_process_verify(NULL, socket_path, &err) == -1)
		check_wrong(report, "%s", err.text);
	else if (stat(socket_path, &status) == 0 && S_ISSOCK(status.st_mode))
		check_ok(report, "keeper at \"%s\", which others start", socket_path);
	else
		check_note(report, "no keeper is at \"%s\": the runner starts none, it waits",
			   socket_path);
}

static void
check_keeper(const struct config_check *check, struct check_report *report)
{
	struct err err = ERR_INIT;
	char said[256];
	char *table;

	if (check->state_dir == NULL)
		return;
	if (check->keeper_program == NULL) {
		check_foreign_keeper(check->config->keeper_socket, report);
		return;
	}
	table = str_printf("%s/keeper.table", check->state_dir);
	if (keeper_process_verify(check->keeper_program, check->config->keeper_socket, &err) ==
		-1 ||
	    keeper_process_check(check->keeper_program, table, said, sizeof(said), &err) == -1) {
		check_wrong(report, "%s", err.text);
	} else {
		check_ok(report, "keeper \"%s\": %s", check->keeper_program, said);
		check_note(report, "%s",
			   strstr(said, "kill_means=cgroup") != NULL
			       ? "started from here, jobs get cgroups of their own"
			       : "started from here, no cgroup is delegated: limits and kills do "
				 "without");
	}
	free(table);
}

/* Who has the node, if we may judge by the identity in state_dir. */
static void
check_node(const struct config_check *check, struct db *db, struct check_report *report)
{
	const char *name = check->config->node_name;
	char ours[INSTANCE_ID_SIZE] = "";
	struct node_look node;
	struct err err = ERR_INIT;

	if (name == NULL)
		return;
	if (check->state_dir != NULL &&
	    state_dir_known_instance(check->state_dir, ours, &err) == -1 &&
	    err.kind != ERR_NOT_FOUND)
		check_wrong(report, "%s", err.text);
	err_clear(&err);
	if (node_look(db, name, &node, &err) == -1)
		check_wrong(report, "node \"%s\": %s", name, err.text);
	else if (!node.known)
		check_note(report, "node \"%s\" is new to the database", name);
	else if (node.served && strcmp(node.instance_id, ours) != 0)
		check_wrong(report, "node \"%s\" is served by a runner of another installation",
			    name);
	else if (node.served)
		check_note(report, "node \"%s\" is served by this installation's runner now", name);
	else
		check_ok(report, "node \"%s\"", name);
	if (node.known && !node.enabled)
		check_note(report, "node \"%s\" is disabled: it takes no job", name);
}

static void
check_database(const struct config_check *check, struct check_report *report)
{
	struct err err = ERR_INIT;
	enum migrate_verdict verdict;
	struct db *db;

	if (check->config->conninfo == NULL)
		return;
	db = db_new(check->config->conninfo, "jqm-runner --check");
	verdict = migrate_check_ours(db, &err);
	if (verdict == MIGRATE_SAME)
		check_ok(report, "database");
	else if (verdict == MIGRATE_UNKNOWN)
		check_note(report, "the database's schema was not compared: %s", err.text);
	else
		check_wrong(report, "database: %s", err.text);
	if (verdict != MIGRATE_OTHER)
		check_node(check, db, report);
	db_free(db);
}

void
runner_config_check(const struct config_check *check, struct check_report *report)
{
	check_directories(check, report);
	check_keeper(check, report);
	accounts_check(check->config, report);
	if (check->config->api_url != NULL && check->config->api_url[0] == '\0')
		check_note(report, "runner:api_url is not given: jobs cannot reach the web API");
	check_database(check, report);
}
