/* SPDX-License-Identifier: Apache-2.0 */
/* codec/doc_example_words.c: what members and parameters are in examples, by their names. */
#include <stddef.h>
#include <string.h>

#include "codec/doc_example.h"
#include "model/version.h"

#define PEM(what) "-----BEGIN " what "-----\nMIIB...\n-----END " what "-----\n"
#define HEX64 "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define GUID "0b3c53c5-3d1a-4f0a-8f37-3d6f7a1f5b1e"

/* "object.name" goes before "name".  NULL: nothing, where that may be. */
static const struct {
	const char *name, *value;
} words[] = {
	{ "account", "bob" },
	{ "action", "update" },
	{ "address", "192.0.2.7" },
	{ "answer", "ok" },
	{ "application", "Billing" },
	{ "applicationName", "Hello" },
	{ "applicationname", "Hello" },
	{ "asked", GUID },
	{ "at", "2026-03-26T10:00:00.000000Z" },
	{ "audit_change.after", "runs at night" },
	{ "audit_change.before", "free text" },
	{ "audit_change.field", "description" },
	{ "audit_entry.kind", "q" },
	{ "audit_floor.mac", HEX64 },
	{ "audit_floor.sealMac", HEX64 },
	{ "audit_seal_line.digest", HEX64 },
	{ "audit_seal_line.ids", "1-7" },
	{ "audit_seal_line.mac", HEX64 },
	{ "audit_seal_line.marks", "9f86d081" },
	{ "audit_seal_line.previous", HEX64 },
	{ "auth", "CONTAINER" },
	{ "authority", PEM("CERTIFICATE") },
	{ "before", "1017:42" },
	{ "certificate", PEM("CERTIFICATE") },
	{ "certificate.kind", "CLIENT" },
	{ "certificate.name", "bob" },
	{ "certificate_issued.privateKey", PEM("PRIVATE KEY") },
	{ "certificate_mapping.form", "SAN" },
	{ "certificate_mapping.value", "email:bob@example.org" },
	{ "code", "123456" },
	{ "concurrencykey", "licence" },
	{ "credential", "password" },
	{ "cronExpression", "0 6 * * *" },
	{ "databaseUser", "jqm_api" },
	{ "dayRule", "AND" },
	{ "description", "runs at night" },
	{ "dns", "alpha.example.org" },
	{ "email", "bob@example.org" },
	{ "event", "job.ended" },
	{ "eventId", GUID },
	{ "expression", "0 6 * * *" },
	{ "factory", "org.example.Factory" },
	{ "field", "description" },
	{ "fileFamily", "reports" },
	{ "fileLink.url", "/ws/simple/link?token=1.42.1774605600.c2lnbmF0dXJl" },
	{ "filePath", "42/" GUID },
	{ "fingerprint", HEX64 },
	{ "freeText", "Bob of the billing department" },
	{ "from", "2026-03-26" },
	{ "guid", GUID },
	{ "id", GUID },
	{ "idempotencykey", GUID },
	{ "instanceKeyword1", "monthly" },
	{ "issuedBy", "root" },
	{ "jarPath", "echo hello" },
	{ "javaClassName", "none" },
	{ "jobRepoDirectory", "/srv/jqm/jobs" },
	{ "kinds", "state,progress" },
	{ "jobInstance.state", "ENDED" },
	{ "key", "month" },
	{ "keyword1", "monthly" },
	{ "kind", "q" },
	{ "lastEventId", "1017-42" },
	{ "log", "log" },
	{ "login", "bob" },
	{ "mail", "bob@example.org" },
	{ "mavenVersion", JQM_VERSION },
	{ "messages", "half of it is done" },
	{ "misfire", "ONCE" },
	{ "module", "Invoices" },
	{ "name", "alpha" },
	{ "newPassword", "seven-drums-at-noon" },
	{ "newSecret", "whsec_a2Vwa2Vwa2Vwa2Vwa2Vwa2Vwa2Vwa2Vw" },
	{ "node", "alpha" },
	{ "node.tmpDirectory", "/srv/jqm/tmp" },
	{ "nodeName", "alpha" },
	{ "oldPassword", "five-flutes-by-night" },
	{ "olderThan", "90d" },
	{ "onNodeLoss", "CRASH" },
	{ "originalName", "report.pdf" },
	{ "outputDirectory", "/srv/jqm/files" },
	{ "overlap", "SKIP" },
	{ "parameterNames", "month" },
	{ "parameterValues", "03" },
	{ "password", "seven-drums-at-noon" },
	{ "pathType", "DEFAULTSHELLCOMMAND" },
	{ "permissions", "job_instance:read" },
	{ "problems", "line 3: definition \"Hello\" has no path" },
	{ "queueName", "DEFAULT" },
	{ "queue.name", "DEFAULT" },
	{ "admin_queue.name", "NIGHT" },
	{ "admin_definition.applicationName", "Greeting" },
	{ "admin_definition.description", "says hello" },
	{ "admin_limit.key", "licence" },
	{ "admin_resource.name", "jdbc/billing" },
	{ "admin_resource.type", "javax.sql.DataSource" },
	{ "admin_role.name", "operators" },
	{ "admin_context.name", "isolated" },
	{ "queue_load.name", "DEFAULT" },
	{ "audit_entry.name", "NIGHT" },
	{ "transfer_object.name", "NIGHT" },
	{ "transfer_object.kind", "queue" },
	{ "transfer_change.from", "free text" },
	{ "transfer_change.to", "runs at night" },
	{ "webhook.name", "chat" },
	{ "webhook.description", "tells the operators" },
	{ "webhook.url", "https://chat.example.org/hooks/jqm" },
	{ "webhook_delivery.state", "DELIVERED" },
	{ "randomId", GUID },
	{ "reason", "its key was lost" },
	{ "webhook_attempt.reason", NULL },
	{ "certificate.reason", NULL },
	{ "recoveryCodes", "k7qf-92xm" },
	{ "request", "5d1f0c9e2b7a4e68" },
	{ "requestId", "5d1f0c9e2b7a4e68" },
	{ "retryBackoff", "FIXED" },
	{ "rootLogLevel", "INFO" },
	{ "secret", "JBSWY3DPEHPK3PXP" },
	{ "secretParameters", "token" },
	{ "serial", "1f4c83a09b6e" },
	{ "sessionID", "march" },
	{ "sessionid", "march" },
	{ "sha256", HEX64 },
	{ "slotStart", "2026-03-26T10:00:00Z" },
	{ "stacktrace", "" },
	{ "states", "CRASHED" },
	{ "statuses", "CRASHED" },
	{ "submittedBy", "bob" },
	{ "text", "half of it is done" },
	{ "timeZone", "Europe/Paris" },
	{ "token", "1.42.1774605600.c2lnbmF0dXJl" },
	{ "until", "2026-03-27" },
	{ "uri", "otpauth://totp/JQM:bob?secret=JBSWY3DPEHPK3PXP&issuer=JQM" },
	{ "user", "bob" },
	{ "userReadableMessage", "there is no job 42" },
	{ "username", "bob" },
	{ "value", "03" },
	{ "waitfor", "success:41" },
};

static const struct {
	const char *name;
	int64_t value;
} figures[] = {
	{ "admin_limit.maxRunning", 2 },
	{ "accountId", 1 },
	{ "attempt", 1 },
	{ "attempt.exitCode", 1 },
	{ "jobInstance.attempt", 2 },
	{ "jobDefId", 1 },
	{ "nodeId", 1 },
	{ "queueId", 1 },
	{ "ageingSeconds", 3600 },
	{ "count", 5 },
	{ "days", 365 },
	{ "errorCode", 10 },
	{ "exitCode", 0 },
	{ "failures", 1 },
	{ "hours", 24 },
	{ "id", 42 },
	{ "jobId", 42 },
	{ "jobs", 120 },
	{ "maxAttempts", 3 },
	{ "maxattempts", 3 },
	{ "misfireWindowSeconds", 86400 },
	{ "n", 5 },
	{ "nbThread", 3 },
	{ "nodeLosses", 0 },
	{ "object", 42 },
	{ "pageSize", 50 },
	{ "parent", 0 },
	{ "pollingInterval", 1000 },
	{ "port", 1789 },
	{ "priority", 5 },
	{ "progress", 100 },
	{ "purgedAt", INT64_C(1774519200000000) },
	{ "sealedAt", INT64_C(1774519200000000) },
	{ "seconds", 3600 },
	{ "sizeBytes", 48213 },
	{ "status", 200 },
	{ "tookMs", 85 },
	{ "waitMs", 1200 },
	{ "waitMaxMs", 9000 },
	{ "roles", 3 },
	{ "runMs", 30000 },
	{ "runMaxMs", 65000 },
};

static const char *const flags[] = {
	"alive",          "canBeRestarted", "current",
	"enabled",        "enforced",       "loadApiAdmin",
	"loadApiClient",  "loapApiSimple",  "queryHistoryInstances",
	"reportsRunning",
};

/* Objects that are not here are sent whole. */
static const struct {
	const char *object, *members;
} sent[] = {
	{ "admin_context", " name childFirst " },
	{ "admin_definition",
	  " applicationName description jarPath pathType javaClassName queueId canBeRestarted "
	  "enabled parameters " },
	{ "admin_limit", " key description maxRunning " },
	{ "admin_mapping", " nodeId queueId nbThread pollingInterval enabled " },
	{ "admin_parameter", " key value " },
	{ "admin_queue", " name description " },
	{ "admin_resource", " name type factory singleton parameters " },
	{ "admin_role", " name description permissions " },
	{ "admin_schedule", " jobDefId cronExpression timeZone overlap enabled " },
	{ "admin_user", " login newPassword email roles " },
	{ "certificate_mapping", " accountId form value description " },
	{ "certificate_order", " days " },
	{ "deliverable", " id originalName randomId " },
	{ "jobRequestBaseImpl", " applicationName user keyword1 parameters " },
	{ "login", " login password code " },
	{ "node",
	  " name dns port outputDirectory tmpDirectory jobRepoDirectory rootLogLevel enabled "
	  "loapApiSimple loadApiClient loadApiAdmin " },
	{ "password_change", " oldPassword newPassword " },
	{ "queryBaseImpl", " applicationName statuses pageSize sortby queryHistoryInstances " },
	{ "webhook", " name description url newSecret states enabled " },
};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Is entry "object.name"? */
static bool
is_of(const char *entry, const char *object, const char *name)
{
	size_t len = strlen(object);

	return strncmp(entry, object, len) == 0 && entry[len] == '.' &&
	       strcmp(entry + len + 1, name) == 0;
}

static const char *
word_at(size_t i)
{
	return words[i].name;
}

static const char *
figure_at(size_t i)
{
	return figures[i].name;
}

/* The entry for that member, len when there is none. */
static size_t
find(const char *object, const char *name, const char *(*name_at)(size_t), size_t len)
{
	size_t found = len;

	for (size_t i = 0; i < len; i++) {
		if (object != NULL && is_of(name_at(i), object, name))
			return i;
		if (strcmp(name_at(i), name) == 0)
			found = i;
	}
	return found;
}

const char *
doc_example_word(const char *object, const char *name, bool *found)
{
	size_t i = find(object, name, word_at, LEN(words));

	*found = i < LEN(words);
	return *found ? words[i].value : NULL;
}

int64_t
doc_example_figure(const char *object, const char *name, bool *found)
{
	size_t i = find(object, name, figure_at, LEN(figures));

	*found = i < LEN(figures);
	return *found ? figures[i].value : 1;
}

bool
doc_example_flag(const char *name)
{
	for (size_t i = 0; i < LEN(flags); i++)
		if (strcmp(flags[i], name) == 0)
			return true;
	return false;
}

bool
doc_example_is_sent(const char *object, const char *name)
{
	for (size_t i = 0; i < LEN(sent); i++) {
		const char *at = sent[i].members;
		size_t len = strlen(name);

		if (strcmp(sent[i].object, object) != 0)
			continue;
		while ((at = strstr(at, name)) != NULL) {
			if (at[-1] == ' ' && at[len] == ' ')
				return true;
			at += len;
		}
		return false;
	}
	return true;
}
