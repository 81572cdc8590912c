/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/handlers/transfer.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/configuration_xml.h"
#include "codec/doc_json.h"
#include "codec/docs.h"
#include "codec/job_def_xml.h"
#include "fcgi/authz.h"
#include "fcgi/exchange.h"
#include "fcgi/import_wish.h"
#include "fcgi/secret_params.h"
#include "model/configuration.h"
#include "model/job_def.h"
#include "model/problem_list.h"
#include "model/transfer.h"
#include "store/job_def_store.h"
#include "store/transfer_store.h"

#define FILE_BYTES_MAX (64u * 1024 * 1024)

static int
answer_file(struct exchange *x, const struct buf *xml, const char *file_name, struct err *err)
{
	if (buf_check(xml, err) == -1)
		return -1;
	exchange_answer_bytes(x, 200, "application/xml", xml->data, xml->len);
	exchange_header(x, "Content-Disposition",
			exchange_printf(x, "attachment; filename=\"%s\"", file_name));
	exchange_header(x, "Cache-Control", "no-cache");
	return 0;
}

/* --- definitions --- */

int
job_def_import(struct exchange *x, struct err *err)
{
	struct memory *memory = exchange_memory(x);
	struct problem_list problems = { .len = 0 };
	struct transfer_report report;
	struct transfer_wish wish;
	struct job_def_set set;

	if (import_wish_read(x, &wish, err) == -1)
		return -1;
	if (job_def_xml_read_all(x->request.body, x->request.body_len, memory, &set, &problems,
				 err) == -1)
		return import_wish_refuse(x, &problems);
	for (size_t i = 0; i < set.defs_len; i++)
		if (secret_params_seal(x, set.defs[i].name, &set.defs[i].parameters, err) == -1)
			return -1;
	if (job_def_store_import(x->db, &set, &wish, memory, &report, &problems, err) == -1)
		return import_wish_refuse(x, &problems);
	return import_wish_answer(x, &report, err);
}

static int
export_definitions(struct exchange *x, int64_t id, const char *file_name, struct err *err)
{
	struct buf xml = BUF_INIT(FILE_BYTES_MAX);
	struct job_def_set set;
	int rc;

	if (job_def_store_export(x->db, id, exchange_memory(x), &set, err) == -1)
		return -1;
	if (set.defs_len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no job definition");
	job_def_xml_write(&set, &xml);
	rc = answer_file(x, &xml, file_name, err);
	buf_free(&xml);
	return rc;
}

int
job_def_export(struct exchange *x, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1)
		return -1;
	return export_definitions(x, id, exchange_printf(x, "jobdef_%" PRId64 ".xml", id), err);
}

int
job_def_export_all(struct exchange *x, struct err *err)
{
	return export_definitions(x, JOB_DEF_ALL, "jobdef.xml", err);
}

/* --- queues, resources, clusters --- */

static int
import(struct exchange *x, enum configuration_scope scope, struct err *err)
{
	struct memory *memory = exchange_memory(x);
	struct problem_list problems = { .len = 0 };
	struct buf json = BUF_INIT(FILE_BYTES_MAX);
	struct configuration configuration = { .default_queue = NULL };
	struct transfer_report report;
	struct transfer_wish wish;
	const char *node;
	int rc;

	if (import_wish_read(x, &wish, err) == -1 ||
	    exchange_setting(x, "node:name", &node, err) == -1)
		return -1;
	if (configuration_xml_read(x->request.body, x->request.body_len, scope, memory,
				   &configuration, &problems, err) == -1)
		return import_wish_refuse(x, &problems);
	doc_json_write(&configuration_doc, &configuration, &(struct doc_json_style){ false },
		       &json);
	rc = buf_check(&json, err);
	if (rc == 0)
		rc = configuration_store_import(x->db, &wish, buf_text(&json), node,
						x->identity.login, memory, &report, &problems, err);
	buf_free(&json);
	return rc == -1 ? import_wish_refuse(x, &problems) : import_wish_answer(x, &report, err);
}

int
queue_import(struct exchange *x, struct err *err)
{
	return import(x, CONFIGURATION_QUEUES, err);
}

int
resource_import(struct exchange *x, struct err *err)
{
	return import(x, CONFIGURATION_RESOURCES, err);
}

int
configuration_import(struct exchange *x, struct err *err)
{
	return import(x, CONFIGURATION_ALL, err);
}

/* What stands in a file of each scope. */
static const struct {
	const char *parts, *noun;
} scopes[] = {
	[CONFIGURATION_ALL] = { "{nodes,queues,mappings,globalParameters,resources}",
				"configuration" },
	[CONFIGURATION_QUEUES] = { "{queues,jobs}", "queue" },
	[CONFIGURATION_RESOURCES] = { "{resources}", "resource" },
};

static int export(struct exchange *x, enum configuration_scope scope, int64_t id,
		  const char *file_name, struct err *err)
{
	struct buf xml = BUF_INIT(FILE_BYTES_MAX);
	const char *parts = scopes[scope].parts, *json;
	struct configuration configuration;
	int rc;

	if (scope == CONFIGURATION_QUEUES && !authz_holds(&x->identity, "jd:read"))
		parts = "{queues}";
	if (configuration_store_export(x->db, parts, id, exchange_memory(x), &json, err) == -1)
		return -1;
	if (doc_json_read(&configuration_doc, json, strlen(json), exchange_memory(x),
			  &configuration, err) == -1) {
		err->kind = ERR_INTERNAL; /* the document is the database's */
		return -1;
	}
	if (scope != CONFIGURATION_ALL &&
	    configuration.queues.len + configuration.resources.len == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no %s", scopes[scope].noun);
	configuration_xml_write(&configuration, scope, &xml);
	rc = answer_file(x, &xml, file_name, err);
	buf_free(&xml);
	return rc;
}

static int
export_one(struct exchange *x, enum configuration_scope scope, struct err *err)
{
	int64_t id;

	if (exchange_path_id(x, 0, &id, err) == -1)
		return -1;
	return export(x, scope, id,
		      exchange_printf(x, "%s_%" PRId64 ".xml", scopes[scope].noun, id), err);
}

int
queue_export(struct exchange *x, struct err *err)
{
	return export_one(x, CONFIGURATION_QUEUES, err);
}

int
queue_export_all(struct exchange *x, struct err *err)
{
	return export(x, CONFIGURATION_QUEUES, CONFIGURATION_EVERY, "queues.xml", err);
}

int
resource_export(struct exchange *x, struct err *err)
{
	return export_one(x, CONFIGURATION_RESOURCES, err);
}

int
resource_export_all(struct exchange *x, struct err *err)
{
	return export(x, CONFIGURATION_RESOURCES, CONFIGURATION_EVERY, "resources.xml", err);
}

/* The route asks for the first. */
int
configuration_export(struct exchange *x, struct err *err)
{
	static const char *const wanted[] = { "node:read", "queue:read", "qmapping:read",
					      "prm:read", "jndi:read" };

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!authz_holds(&x->identity, wanted[i]))
			return err_set(err, ERR_DENIED,
				       "account \"%.100s\" does not have the permission \"%s\"",
				       x->identity.login, wanted[i]);
	return export(x, CONFIGURATION_ALL, CONFIGURATION_EVERY, "configuration.xml", err);
}
