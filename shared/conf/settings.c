/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf/settings.c: the table and what reads it.  A new setting is one row here, one row of
 * conf/README.md and one line of conf/jqm.ini.example; tests/lint/settings_documented.sh tells.
 */
#include "conf/settings.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log_file.h"
#include "base/num.h"
#include "base/str.h"
#include "conf/conf_file.h"

#define LOG_LEVELS "TRACE DEBUG INFO WARN ERROR FATAL"
#define SIZE_MAX_BYTES (INT64_C(1) << 50)

#define ROW_TEXT(key, fallback, choices, readers, meaning)                       \
	{                                                                        \
		key, SETTING_TEXT, "", fallback, 0, 0, choices, readers, meaning \
	}
#define ROW_PATH(key, readers, meaning)                                   \
	{                                                                 \
		key, SETTING_PATH, "", NULL, 0, 0, NULL, readers, meaning \
	}
#define ROW_INT(key, unit, fallback, min, max, readers, meaning)                   \
	{                                                                          \
		key, SETTING_INT, unit, fallback, min, max, NULL, readers, meaning \
	}
#define ROW_SIZE(key, fallback, min, max, readers, meaning)                            \
	{                                                                              \
		key, SETTING_SIZE, "bytes", fallback, min, max, NULL, readers, meaning \
	}

#define RUNNER "jqm-runner"
#define FCGI "jqm-fcgi"
#define CLI "jqm"
#define NOTIFIER "jqm-notifier"
#define EVENTS "jqm-events"
#define HOOKS "jqm-hooks"

/* clang-format off */
const struct setting settings_table[] = {
	ROW_TEXT("database:conninfo", NULL, NULL, "jqm, jqm-fcgi, jqm-runner, jqm-notifier, jqm-events, jqm-hooks",
	    "libpq connection string of the database"),
	ROW_TEXT("node:name", NULL, NULL, "jqm, jqm-fcgi, jqm-runner, jqm-notifier, jqm-events, jqm-hooks",
	    "name of this node, as in the node table"),
	ROW_SIZE("node:log_max_bytes", "10M", 0, SIZE_MAX_BYTES, "jqm, jqm-fcgi, jqm-runner, jqm-notifier, jqm-events, jqm-hooks",
	    "a log_file that has become this large is renamed to NAME.1, NAME.1 to NAME.2 and so on; 0: never"),
	ROW_INT("node:log_keep", "files", "5", 0, LOG_FILE_KEEP_MAX, "jqm, jqm-fcgi, jqm-runner, jqm-notifier, jqm-events, jqm-hooks",
	    "how many of those are kept"),

	ROW_PATH("runner:keeper_program", RUNNER,
	    "the keeper's program; not given: jqm-keeper beside the runner's own program"),
	ROW_TEXT("runner:start_keeper", "true", "true false", RUNNER,
	    "whether the runner starts the keeper when nobody answers on its socket; false: a service manager does, and the runner waits"),
	ROW_PATH("runner:state_dir", RUNNER,
	    "directory of the keeper's socket and slot table, kept over restarts"),
	ROW_PATH("runner:keeper_socket", RUNNER,
	    "the keeper's socket, at most 107 bytes; not given: keeper.sock in state_dir"),
	ROW_PATH("runner:job_repository", RUNNER,
	    "directory that holds what job definitions start"),
	ROW_PATH("runner:delivery_store", RUNNER,
	    "directory to which files made by jobs are moved"),
	ROW_PATH("runner:temp_dir", RUNNER,
	    "directory in which each job gets its own working directory"),
	ROW_PATH("runner:log_dir", RUNNER,
	    "directory of this node's own logs"),
	ROW_PATH("runner:joblog_dir", RUNNER,
	    "directory of the jobs' standard output and error"),
	ROW_INT("runner:lease_ms", "ms", "15000", 2000, 600000, RUNNER,
	    "without a heartbeat for this long the node counts as dead; at least 3 heartbeats. "
	    "A database that is silent for a quarter of it (2 s at least) is connected to anew"),
	ROW_INT("runner:heartbeat_ms", "ms", "4000", 100, 300000, RUNNER,
	    "how often the node tells the database that it lives"),
	ROW_INT("runner:grace_ms", "ms", "10000", 0, 3600000, RUNNER,
	    "from TERM to KILL when a job is killed; a definition may say otherwise"),
	ROW_SIZE("runner:job_log_max_bytes", "1G", 0, SIZE_MAX_BYTES, RUNNER,
	    "kept of a standard output or error: a quarter of it from the beginning, the rest from the "
	    "end; 0: all; a definition may say otherwise"),
	ROW_SIZE("runner:job_files_max_bytes", "10G", 0, SIZE_MAX_BYTES, RUNNER,
	    "most bytes of files collected from one job; 0: no limit; a definition may say otherwise"),
	ROW_INT("runner:job_files_max_count", "files", "1000", 0, 1000000, RUNNER,
	    "most files collected from one job; 0: no limit; a definition may say otherwise"),
	ROW_TEXT("runner:require_signature", "no", "no yes", RUNNER,
	    "run only definitions that are signed by a key of trusted_keys: no or yes"),
	ROW_PATH("runner:trusted_keys", RUNNER,
	    "file or directory (*.pem, *.pub) of the public keys whose signatures count; best root's"),
	ROW_PATH("runner:accounts_file", RUNNER,
	    "file, root's, of the accounts as which the keeper may run jobs, a name on each line; not given: as its own only (docs/run-as.md)"),
	ROW_TEXT("runner:api_url", NULL, NULL, RUNNER,
	    "address of the web API that jobs get as JQM_API_LOCAL_URL"),
	ROW_PATH("runner:log_file", RUNNER,
	    "file for its log and whatever else it says; not given: standard error"),
	ROW_TEXT("runner:log_level", "INFO", LOG_LEVELS, RUNNER,
	    "least serious events to log until the node is registered, and the level of a new node; from then on the level of the node in the database counts"),
	ROW_INT("runner:doctor_s", "s", "14400", 0, 2592000, RUNNER,
	    "how often jqm doctor looks at this node and tells the database what it found, the first time a minute after the start; 0: only when an administrator asks"),

	ROW_PATH("fcgi:socket", FCGI,
	    "socket on which nginx is answered; a descriptor 0 that listens there is taken as it is; not given: descriptor 0"),
	ROW_INT("fcgi:workers", "processes", "8", 1, 256, FCGI,
	    "how many requests are answered at the same time"),
	ROW_SIZE("fcgi:body_max_bytes", "1M", 1024, 1024 * 1024 * 1024, FCGI,
	    "largest request body; larger ones get status 413; a descriptor of job definitions may always have 8 MB, a list of jobs 24 MB"),
	ROW_PATH("fcgi:delivery_store", FCGI,
	    "the runner's delivery_store as this program sees it"),
	ROW_PATH("fcgi:joblog_dir", FCGI,
	    "the runner's joblog_dir as this program sees it"),
	ROW_PATH("fcgi:node_log", FCGI,
	    "the runner's log file, served to who may read node logs"),
	ROW_TEXT("fcgi:json_dates", "number", "number text", FCGI,
	    "dates in JSON: number (milliseconds since 1970) or text (RFC 3339)"),
	ROW_PATH("fcgi:log_file", FCGI,
	    "file for its log and whatever else it says; not given: standard error"),
	ROW_TEXT("fcgi:log_level", "INFO", LOG_LEVELS, FCGI,
	    "least serious events to log"),
	ROW_INT("fcgi:auth_cache_s", "s", "60", 0, 600, FCGI,
	    "how long a password found right needs no new computation; 0: never kept"),
	ROW_INT("fcgi:scrypt_parallel", "", "2", 1, 64, FCGI,
	    "most password computations at the same time"),
	ROW_INT("fcgi:session_idle_s", "s", "3600", 1, 31536000, FCGI,
	    "a browser's session ends when it was not used for this long"),
	ROW_INT("fcgi:session_max_s", "s", "43200", 1, 31536000, FCGI,
	    "a browser's session ends after this long however much it is used"),
	ROW_INT("fcgi:password_min_chars", "characters", "12", 8, 64, FCGI,
	    "shortest password that may be set"),
	ROW_INT("fcgi:link_max_s", "s", "604800", 0, 31536000, FCGI,
	    "longest life of a link that opens a file without an account; 0: there are none"),

	ROW_PATH("audit:key_file", "jqm, jqm-runner",
	    "file whose first line seals the audit trail, the same on all nodes; not given: audit.key in state_dir, which is made"),
	ROW_INT("audit:seal_s", "s", "60", 1, 3600, RUNNER,
	    "how often new rows of the audit trail are sealed"),
	ROW_INT("audit:keep_days", "days", "400", 0, 36500, RUNNER,
	    "rows of the audit trail that are older (a week at least) go, a week at a time; 0: never"),
	ROW_PATH("secrets:key_file", "jqm, jqm-fcgi, jqm-runner, jqm-hooks",
	    "file of the keys of secret parameters and of secrets of webhooks; not given: the systemd credential jqm-secrets-key; with neither there are none"),

	ROW_PATH("pki:passphrase_file", "jqm, jqm-fcgi",
	    "file whose first line opens the private key of the certificate authority; not given: the systemd credential jqm-pki-passphrase; with neither the key is stored in clear"),
	ROW_TEXT("pki:key_type", "ecdsa", "ecdsa rsa", CLI,
	    "keys of the authority and of nodes that are made from now on: ecdsa (P-256) or rsa (3072 bits)"),
	ROW_PATH("pki:certificate", CLI,
	    "with another authority (enableInternalPki=false): this node's certificate and what leads to the root, PEM"),
	ROW_PATH("pki:key", CLI,
	    "the same: its private key, PEM, without passphrase"),
	ROW_PATH("pki:trust", CLI,
	    "the same: certificates of the authorities of clients, PEM"),
	ROW_PATH("pki:crl", CLI,
	    "the same: their revocation lists, one of each authority, PEM; not given: revoked certificates are accepted"),

	ROW_PATH("nginx:directory", CLI,
	    "of a node that jqm up does not run: directory for nginx.conf, nginx.pid, and what is in tls, run and log; it is made"),

	ROW_TEXT("mail:smtp_host", NULL, NULL, NOTIFIER,
	    "the mail server's name or address; not given: no mail is sent, and each job says so"),
	ROW_INT("mail:smtp_port", "", "25", 1, 65535, NOTIFIER,
	    "the mail server's port"),
	ROW_TEXT("mail:tls", "starttls", "none starttls required", NOTIFIER,
	    "encryption by STARTTLS: none, starttls (if the server offers it) or required (with a valid certificate)"),
	ROW_TEXT("mail:user", NULL, NULL, NOTIFIER,
	    "account at the mail server; with one, starttls counts as required"),
	ROW_PATH("mail:password_file", NOTIFIER,
	    "file whose first line is that account's password"),
	ROW_TEXT("mail:from", NULL, NULL, NOTIFIER,
	    "address mails come from; must be given with smtp_host"),
	ROW_INT("mail:timeout_ms", "ms", "30000", 1000, 600000, NOTIFIER,
	    "longest time one mail may take"),

	ROW_PATH("notifier:log_file", NOTIFIER,
	    "file for its log and whatever else it says; not given: standard error"),

	ROW_PATH("events:socket", "jqm, jqm-events",
	    "socket on which nginx is answered for listeners; a descriptor 0 that listens there is taken as it is; not given: events.sock beside fcgi:socket"),
	ROW_INT("events:listeners_max", "listeners", "1500", 1, 100000, EVENTS,
	    "one more is answered 503; nginx needs two connections for each"),
	ROW_PATH("events:log_file", EVENTS,
	    "file for its log and whatever else it says; not given: standard error"),
	ROW_TEXT("events:log_level", "INFO", LOG_LEVELS, EVENTS,
	    "least serious events to log"),

	ROW_PATH("hooks:log_file", HOOKS,
	    "file for its log and whatever else it says; not given: standard error"),
	ROW_INT("hooks:timeout_ms", "ms", "10000", 1000, 120000, HOOKS,
	    "longest time a receiver may take, from the look-up of its name to the end of its answer"),
	ROW_TEXT("hooks:allow", NULL, NULL, HOOKS,
	    "networks webhooks may be sent to although they are not public: 10.1.0.0/16, ::1, ...; not given: none"),
	ROW_PATH("hooks:ca_file", HOOKS,
	    "certificates, PEM, of the authorities that may have issued those of receivers; not given: those of the system"),
	ROW_INT("hooks:keep_days", "days", "30", 1, 3650, HOOKS,
	    "deliveries that were over so long ago are forgotten"),

	ROW_TEXT("client:url", NULL, NULL, CLI,
	    "address of the web API, or of the database, the command line talks to"),
	ROW_TEXT("client:user", NULL, NULL, CLI,
	    "account the command line uses"),
	ROW_PATH("client:ca_file", CLI,
	    "certificates, PEM, of the authorities that may have issued the server's; not given: those of the system"),
	ROW_PATH("client:certificate", CLI,
	    "client certificate the command line shows, and its private key if client:key is not given, PEM"),
	ROW_PATH("client:key", CLI,
	    "private key of that certificate, PEM, without passphrase"),
	ROW_PATH("client:password_file", CLI,
	    "file whose first line is the password of client:user"),
};
/* clang-format on */
const size_t settings_table_len = sizeof(settings_table) / sizeof(settings_table[0]);

#define ROWS (sizeof(settings_table) / sizeof(settings_table[0]))
#define QUOTED_MAX_BYTES 40 /* of a wrong value, in an error */
#define ENVIRONMENT_SECTION "job_environment"
#define ENVIRONMENT_PREFIX ENVIRONMENT_SECTION ":"

struct settings {
	char *path; /* NULL when not from a file */
	char *texts[ROWS]; /* NULL when neither given nor defaulted */
	int64_t numbers[ROWS]; /* of INT and SIZE */
	struct {
		char *name, *value;
	} * environment;
	size_t environment_len;
};

/* Index of the row, or ROWS. */
static size_t
find_row(const char *key)
{
	size_t row = 0;

	while (row < ROWS && strcmp(settings_table[row].key, key) != 0)
		row++;
	return row;
}

/* word is one of the words of list, which blanks part. */
static int
is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	if (strchr(word, ' ') != NULL)
		return 0;
	for (const char *at = list; len > 0 && (at = strstr(at, word)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return 1;
	return 0;
}

/* How much of a wrong value to show, for "%.*s". */
static int
shown(const char *text)
{
	return (int)str_utf8_cut(text, QUOTED_MAX_BYTES);
}

static int
take_number(const struct setting *row, const char *text, int64_t *out, struct err *err)
{
	int rc = row->type == SETTING_SIZE ? num_size(text, row->min, row->max, out)
					   : num_int64(text, row->min, row->max, out);

	if (rc == -1)
		return err_set(
		    err, ERR_INVALID, "\"%.*s\" is not a number from %" PRId64 " to %" PRId64 "%s",
		    shown(text), text, row->min, row->max,
		    row->type == SETTING_SIZE ? ", or one with k, M or G behind it" : "");
	return 0;
}

/* Check text against its row; number_out is set for INT and SIZE. */
static int
check_value(const struct setting *row, const char *text, int64_t *number_out, struct err *err)
{
	if (text[0] == '\0')
		return err_set(err, ERR_INVALID, "the value is empty: give one or remove the line");
	switch (row->type) {
	case SETTING_TEXT:
		if (row->choices != NULL && !is_listed(row->choices, text))
			return err_set(err, ERR_INVALID, "\"%.*s\" is not one of: %s", shown(text),
				       text, row->choices);
		return 0;
	case SETTING_PATH:
		if (text[0] != '/')
			return err_set(err, ERR_INVALID, "\"%.*s\" is not an absolute path",
				       shown(text), text);
		return 0;
	case SETTING_INT:
	case SETTING_SIZE:
		return take_number(row, text, number_out, err);
	}
	return err_set(err, ERR_INTERNAL, "the setting is of no known type");
}

/* Give row a value. */
static int
set_row(struct settings *settings, size_t row, const char *text, struct err *err)
{
	if (check_value(&settings_table[row], text, &settings->numbers[row], err) == -1)
		return -1;
	free(settings->texts[row]);
	settings->texts[row] = str_dup(text);
	return 0;
}

static void
add_environment(struct settings *settings, const char *name, const char *value)
{
	size_t n = settings->environment_len;
	char *upper = str_dup(name);

	for (char *c = upper; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	settings->environment[n].name = upper;
	settings->environment[n].value = str_dup(value);
	settings->environment_len++;
}

/* The heading of a section. */
static int
check_section(const char *section, struct err *err)
{
	size_t len = strlen(section);

	for (size_t row = 0; row < ROWS; row++)
		if (str_starts(settings_table[row].key, section) &&
		    settings_table[row].key[len] == ':')
			return 0;
	if (strcmp(section, ENVIRONMENT_SECTION) == 0)
		return 0;
	return err_set(err, ERR_INVALID, "there is no such section");
}

/* One line of the file; room for the environment is there. */
static int
take_pair(struct settings *settings, const struct conf_pair *pair, struct err *err)
{
	size_t row = find_row(pair->key);

	if (pair->value == NULL)
		return check_section(pair->key, err);
	if (row < ROWS)
		return set_row(settings, row, pair->value, err);
	if (!str_starts(pair->key, ENVIRONMENT_PREFIX))
		return err_set(err, ERR_INVALID, "there is no such setting");
	if (isdigit((unsigned char)pair->key[strlen(ENVIRONMENT_PREFIX)]))
		return err_set(err, ERR_INVALID, "a variable's name cannot begin with a digit");
	add_environment(settings, pair->key + strlen(ENVIRONMENT_PREFIX), pair->value);
	return 0;
}

/* What no single row can say. */
static int
check_together(const struct settings *settings, struct err *err)
{
	int64_t lease_ms = settings_int(settings, "runner:lease_ms");
	int64_t heartbeat_ms = settings_int(settings, "runner:heartbeat_ms");

	if (lease_ms < 3 * heartbeat_ms)
		return err_set(err, ERR_INVALID,
			       "runner:lease_ms (%" PRId64 ") must be at least three times "
			       "runner:heartbeat_ms (%" PRId64 ")",
			       lease_ms, heartbeat_ms);
	return 0;
}

struct settings *
settings_default(void)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct err err = ERR_INIT;

	if (settings == NULL)
		abort();
	for (size_t row = 0; row < ROWS; row++) {
		const char *text = settings_table[row].default_value;

		if (text != NULL && set_row(settings, row, text, &err) == -1)
			abort(); /* a table no test has seen */
	}
	return settings;
}

struct settings *
settings_read(const char *path, struct err *err)
{
	struct conf_file file = CONF_FILE_INIT;
	struct settings *settings;
	int rc = 0;

	if (conf_file_read(path, &file, err) == -1)
		return NULL;
	settings = settings_default();
	settings->path = str_dup(path);
	settings->environment = calloc(file.len + 1, sizeof(settings->environment[0]));
	if (settings->environment == NULL)
		abort();
	for (size_t i = 0; i < file.len && rc == 0; i++) {
		rc = take_pair(settings, &file.pairs[i], err);
		if (rc == -1)
			(void)err_prefix(err, "line %d: %s %s", file.pairs[i].line,
					 file.pairs[i].value == NULL ? "section" : "setting",
					 file.pairs[i].key);
	}
	if (rc == 0)
		rc = check_together(settings, err);
	if (rc == -1) {
		(void)err_prefix(err, "configuration file \"%s\"", path);
		settings_free(settings);
		settings = NULL;
	}
	conf_file_free(&file);
	return settings;
}

void
settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	for (size_t row = 0; row < ROWS; row++)
		free(settings->texts[row]);
	for (size_t i = 0; i < settings->environment_len; i++) {
		free(settings->environment[i].name);
		free(settings->environment[i].value);
	}
	free(settings->environment);
	free(settings->path);
	free(settings);
}

const char *
settings_text(const struct settings *settings, const char *key)
{
	size_t row = find_row(key);

	assert(row < ROWS);
	return settings->texts[row];
}

int64_t
settings_int(const struct settings *settings, const char *key)
{
	size_t row = find_row(key);

	assert(row < ROWS);
	assert(settings_table[row].type == SETTING_INT || settings_table[row].type == SETTING_SIZE);
	return settings->numbers[row];
}

int
settings_require(const struct settings *settings, const char *key, const char **out,
		 struct err *err)
{
	const char *text = settings_text(settings, key);

	if (text == NULL)
		return err_set(err, ERR_INVALID, "setting %s is missing from file \"%s\"", key,
			       settings->path == NULL ? "(none read)" : settings->path);
	*out = text;
	return 0;
}

int
settings_open_log(const struct settings *settings, const char *key, struct err *err)
{
	const char *path = settings_text(settings, key);

	if (path == NULL)
		return 0;
	return log_file_open(path, settings_int(settings, "node:log_max_bytes"),
			     (int)settings_int(settings, "node:log_keep"), err);
}

int
settings_job_environment(const struct settings *settings, size_t n, const char **name_out,
			 const char **value_out)
{
	if (n >= settings->environment_len)
		return -1;
	*name_out = settings->environment[n].name;
	*value_out = settings->environment[n].value;
	return 0;
}
