/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/admin_noun.h"

#include <stddef.h>
#include <string.h>

#include "codec/docs.h"

#define WORDS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define REFERENCES(...)                              \
	(const struct admin_reference[])             \
	{                                            \
		__VA_ARGS__,                         \
		{                                    \
			NULL, NULL, NULL, NULL, NULL \
		}                                    \
	}
#define QUEUE(field)                                                    \
	{                                                               \
		"queue", field, "/ws/admin/q", &admin_queue_doc, "name" \
	}
#define DEFINITION(field)                                                                     \
	{                                                                                     \
		"definition", field, "/ws/admin/jd", &admin_definition_doc, "applicationName" \
	}

static const struct admin_noun nouns[] = {
	{ "node", "/ws/admin/node", &node_doc, "name", WORDS("id", "name", "dns", "port"), NULL,
	  NULL },
	{ "queue", "/ws/admin/q", &admin_queue_doc, "name",
	  WORDS("id", "name", "defaultQueue", "description"), NULL, WORDS("description=") },
	{ "mapping", "/ws/admin/qmapping", &admin_mapping_doc, NULL,
	  WORDS("id", "nodeName", "queueName", "nbThread", "pollingInterval", "enabled"),
	  REFERENCES(QUEUE("queueId"), { "node", "nodeId", "/ws/admin/node", &node_doc, "name" }),
	  WORDS("nbThread=5", "pollingInterval=1000") },
	{ "definition", "/ws/admin/jd", &admin_definition_doc, "applicationName",
	  WORDS("id", "applicationName", "enabled", "pathType", "jarPath"),
	  REFERENCES(QUEUE("queueId"),
		     { "context", "classLoaderId", "/ws/admin/cl", &admin_context_doc, "name" }),
	  WORDS("javaClassName=none", "pathType=DEFAULTSHELLCOMMAND") },
	{ "schedule", "/ws/admin/schedule", &admin_schedule_doc, NULL,
	  WORDS("id", "cronExpression", "jobDefId", "enabled"),
	  REFERENCES(QUEUE("queue"), DEFINITION("jobDefId")), NULL },
	{ "context", "/ws/admin/cl", &admin_context_doc, "name", WORDS("id", "name", "childFirst"),
	  NULL, NULL },
	{ "limit", "/ws/admin/concurrency", &admin_limit_doc, "key",
	  WORDS("id", "key", "running", "maxRunning", "rate", "ratePeriodSeconds"), NULL, NULL },
	{ "user", "/ws/admin/user", &admin_user_doc, "login",
	  WORDS("id", "login", "locked", "expirationDate", "roles", "freeText"),
	  REFERENCES({ "role", "roles", "/ws/admin/role", &admin_role_doc, "name" }), NULL },
	{ "certmapping", "/ws/admin/certmapping", &certificate_mapping_doc, NULL,
	  WORDS("id", "login", "form", "value", "issuer"),
	  REFERENCES({ "user", "accountId", "/ws/admin/user", &admin_user_doc, "login" }), NULL },
	{ "webhook", "/ws/admin/webhook", &webhook_doc, "name",
	  WORDS("id", "name", "enabled", "states", "url"),
	  REFERENCES(DEFINITION("jobDefId"), QUEUE("queueId"),
		     { "user", "accountId", "/ws/admin/user", &admin_user_doc, "login" }),
	  NULL },
	{ "role", "/ws/admin/role", &admin_role_doc, "name", WORDS("id", "name", "permissions"),
	  NULL, WORDS("description=") },
	{ "param", "/ws/admin/prm", &admin_parameter_doc, "key", WORDS("id", "key", "value"), NULL,
	  NULL },
};

const struct admin_noun *
admin_noun_find(const char *verb)
{
	for (size_t i = 0; i < sizeof(nouns) / sizeof(nouns[0]); i++)
		if (strcmp(nouns[i].verb, verb) == 0)
			return &nouns[i];
	return NULL;
}
