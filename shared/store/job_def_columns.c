/* SPDX-License-Identifier: Apache-2.0 */
#include "store/job_def_columns.h"

#include "model/job_def.h"

#define LEN(table) (sizeof(table) / sizeof((table)[0]))
#define DEF(member) offsetof(struct job_def, member)

const struct job_def_column job_def_text_columns[] = {
	{ "name", DEF(name) },
	{ "description", DEF(description) },
	{ "path", DEF(path) },
	{ "path_type", DEF(path_type) },
	{ "class_name", DEF(class_name) },
	{ "application", DEF(application) },
	{ "module", DEF(module) },
	{ "keyword1", DEF(keyword1) },
	{ "keyword2", DEF(keyword2) },
	{ "keyword3", DEF(keyword3) },
	{ "working_directory", DEF(limits.working_directory) },
	{ "retry_backoff", DEF(retry.backoff) },
	{ "on_node_loss", DEF(on_node_loss) },
	{ "concurrency_key", DEF(concurrency_key) },
	{ "java_opts", DEF(java_opts) },
	{ "run_as", DEF(run_as) },
	{ "signature", DEF(signature) },
};
const size_t job_def_text_columns_len = LEN(job_def_text_columns);

const struct job_def_column job_def_number_columns[] = {
	{ "priority", DEF(priority) },
	{ "alert_after_min", DEF(alert_after_min) },
	{ "run_max_s", DEF(limits.run_max_s) },
	{ "grace_ms", DEF(limits.grace_ms) },
	{ "log_max_bytes", DEF(limits.log_max_bytes) },
	{ "files_max_bytes", DEF(limits.files_max_bytes) },
	{ "files_max_count", DEF(limits.files_max_count) },
	{ "memory_max_bytes", DEF(limits.memory_max_bytes) },
	{ "cpu_max_s", DEF(limits.cpu_max_s) },
	{ "processes_max", DEF(limits.processes_max) },
	{ "umask", DEF(limits.umask) },
	{ "attempts_max", DEF(retry.attempts_max) },
	{ "retry_delay_s", DEF(retry.delay_s) },
	{ "retry_delay_max_s", DEF(retry.delay_max_s) },
	{ "node_losses_max", DEF(node_losses_max) },
};
const size_t job_def_number_columns_len = LEN(job_def_number_columns);
