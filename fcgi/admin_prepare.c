/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/admin_prepare.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "codec/docs.h"
#include "crypto/secret_box.h"
#include "crypto/webhook_signature.h"
#include "db/db.h"
#include "fcgi/authz.h"
#include "fcgi/exchange.h"
#include "fcgi/password_change.h"
#include "fcgi/route.h"
#include "fcgi/secret_params.h"
#include "model/admin.h"
#include "model/schedule.h"
#include "model/webhook.h"
#include "store/int_param.h"

/* In one request: each takes a tenth of a second. */
#define PASSWORDS_MAX 20

/* One that exists may have a rule its document does not tell: then whatever OR allows is possible. */
static int
check_schedule(const struct admin_schedule *schedule, struct err *err)
{
	const char *rule = schedule->day_rule;

	if (schedule->cron_expression == NULL)
		return 0; /* the database says that it is missing */
	if (rule == NULL && schedule->id != 0)
		rule = "OR";
	return schedule_check("cronExpression", schedule->cron_expression, schedule->time_zone,
			      rule, err);
}

static int
prepare_schedules(const struct admin_schedule *schedules, size_t len, const char *where,
		  struct err *err)
{
	for (size_t i = 0; i < len; i++)
		if (check_schedule(&schedules[i], err) == -1)
			return err_prefix(err, "%s", where);
	return 0;
}

/* Secrets of a definition and its schedules are sealed for its name. */
static int
prepare_definition(struct exchange *x, struct admin_definition *definition, struct err *err)
{
	struct admin_schedule_list *schedules = &definition->schedules;

	if (prepare_schedules(schedules->items, schedules->len, "field \"schedules\"", err) == -1 ||
	    secret_params_seal(x, definition->name, &definition->parameters, err) == -1)
		return -1;
	for (size_t i = 0; i < schedules->len; i++)
		if (secret_params_seal(x, definition->name, &schedules->items[i].parameters, err) ==
		    -1)
			return -1;
	return 0;
}

static int
prepare_definitions(struct exchange *x, struct admin_definition *definitions, size_t len,
		    struct err *err)
{
	for (size_t i = 0; i < len; i++)
		if (prepare_definition(x, &definitions[i], err) == -1)
			return -1;
	return 0;
}

/* A schedule keeps its definition, whatever its document says; a new one is of the one it names. */
DB_STMT(schedule_owner) = {
	.name = "admin_schedule_owner",
	.text = "SELECT d.name FROM jqm.job_def AS d WHERE d.id = coalesce("
		"(SELECT s.job_def_id FROM jqm.schedule AS s WHERE s.id = $1), $2)",
	.n_params = 2,
	.read_only = true,
};

static int
seal_schedule(struct exchange *x, struct admin_schedule *schedule, struct err *err)
{
	char id_text[INT_PARAM_SIZE], definition[INT_PARAM_SIZE];
	int64_t id = schedule->id;
	struct db_result *rows = NULL;
	int rc;

	if (!text_map_has_secrets(&schedule->parameters))
		return 0;
	if (strstr(x->route->path, "{id}") != NULL && exchange_path_id(x, 0, &id, err) == -1)
		return -1;
	if (db_exec(x->db, &schedule_owner,
		    (const char *const[]){ int_param(id_text, id),
					   int_param(definition, schedule->job_def_id.value) },
		    &rows, err) == -1)
		return -1;
	if (db_rows(rows) == 0)
		rc = err_set(err, ERR_INVALID, "field \"jobDefId\": there is no such definition");
	else
		rc = secret_params_seal(x, db_text(rows, 0, 0), &schedule->parameters, err);
	db_result_free(rows);
	return rc;
}

static int
prepare_own_schedules(struct exchange *x, struct admin_schedule *schedules, size_t len,
		      struct err *err)
{
	if (prepare_schedules(schedules, len, "schedule", err) == -1)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (seal_schedule(x, &schedules[i], err) == -1)
			return -1;
	return 0;
}

static int
prepare_resources(const struct admin_resource *resources, size_t len, struct err *err)
{
	for (size_t i = 0; i < len; i++)
		if (text_map_has_secrets(&resources[i].parameters))
			return err_set(err, ERR_INVALID,
				       "field \"parameters\": a resource has no secret ones");
	return 0;
}

/*
 * The password of one's own account takes the one of now: who finds an open session may not lock its owner out.  id 0: the
 * document's number counts.  By its login too, or it could be deleted and made again in one list.
 */
static int
check_own_password(struct exchange *x, const struct admin_user *user, int64_t id, struct err *err)
{
	const struct identity *me = &x->identity;
	bool own =
	    me->account_id != 0 && ((id != 0 ? id : user->id) == me->account_id ||
				    (user->login != NULL && strcmp(user->login, me->login) == 0));

	if (!own || me->by_password)
		return 0;
	return err_set(err, ERR_DENIED,
		       "field \"newPassword\": the password of your own account \"%.100s\" is "
		       "changed by PUT /ws/account/password, which asks for the one of now",
		       me->login);
}

static int
prepare_users(struct exchange *x, int64_t id, struct admin_user *users, size_t len, struct err *err)
{
	size_t passwords = 0;

	for (size_t i = 0; i < len; i++)
		passwords += users[i].new_password != NULL && users[i].new_password[0] != '\0';
	if (passwords > PASSWORDS_MAX)
		return err_set(err, ERR_INVALID, "more than %d passwords in one request",
			       PASSWORDS_MAX);
	for (size_t i = 0; i < len; i++) {
		if (users[i].new_password == NULL || users[i].new_password[0] == '\0')
			continue;
		if (check_own_password(x, &users[i], id, err) == -1 ||
		    password_new_hash(x, users[i].login == NULL ? "" : users[i].login,
				      users[i].new_password, &users[i].new_password, err) == -1)
			return -1;
	}
	return 0;
}

DB_STMT(parameter_is) = {
	.name = "admin_parameter_is",
	.text = "SELECT EXISTS (SELECT FROM jqm.global_parameter WHERE key = $1 AND value = $2)",
	.n_params = 2,
	.read_only = true,
};

/* Whatever is not "true" turns authentication off, so the value does not matter. */
bool
admin_parameter_opens(const char *key)
{
	return strcmp(key, "enableWsApiAuth") == 0 || strcmp(key, "openBeyondLoopback") == 0;
}

/*
 * Who does not log in may do everything: only who may do everything turns authentication off.  Others may send what
 * stands there already, as consoles do that save the whole list.
 */
static int
prepare_parameters(struct exchange *x, const struct admin_parameter *parameters, size_t len,
		   struct err *err)
{
	for (size_t i = 0; i < len; i++) {
		const char *params[] = { parameters[i].key, parameters[i].value };
		struct db_result *rows = NULL;
		bool stands;

		if (parameters[i].key == NULL || parameters[i].value == NULL ||
		    !admin_parameter_opens(parameters[i].key) ||
		    authz_holds(&x->identity, PERMISSION_ALL))
			continue;
		if (db_exec(x->db, &parameter_is, params, &rows, err) == -1)
			return -1;
		stands = db_bool(rows, 0, 0);
		db_result_free(rows);
		if (!stands)
			return err_set(err, ERR_DENIED,
				       "parameter \"%s\" is for who may do everything",
				       parameters[i].key);
	}
	return 0;
}

/* The secret of a hook is sealed for its name. */
static int
seal_webhook(struct exchange *x, struct webhook *hook, struct err *err)
{
	struct secret_keys *keys;
	char *sealed;

	if (hook->new_secret == NULL || hook->new_secret[0] == '\0')
		return 0;
	if (webhook_secret_check(hook->new_secret, err) == -1)
		return err_prefix(err, "field \"newSecret\"");
	if (hook->name == NULL)
		return err_set(err, ERR_INVALID, "field \"name\" is missing");
	if ((keys = secret_params_keys(x, err)) == NULL)
		return -1;
	sealed = secret_seal(keys, WEBHOOK_SECRET_OWNER, hook->name, hook->new_secret, err);
	secret_keys_free(keys);
	if (sealed == NULL)
		return -1;
	hook->new_secret = exchange_strdup(x, sealed);
	free(sealed);
	return 0;
}

static int
prepare_webhooks(struct exchange *x, struct webhook *hooks, size_t len, struct err *err)
{
	for (size_t i = 0; i < len; i++)
		if (seal_webhook(x, &hooks[i], err) == -1)
			return -1;
	return 0;
}

int
admin_prepare(struct exchange *x, const struct wire_object *type, int64_t id,
	      const struct wire_items *items, struct err *err)
{
	if (type == &admin_user_doc)
		return prepare_users(x, id, items->items, items->len, err);
	if (type == &admin_parameter_doc)
		return prepare_parameters(x, items->items, items->len, err);
	if (type == &admin_schedule_doc)
		return prepare_own_schedules(x, items->items, items->len, err);
	if (type == &admin_definition_doc)
		return prepare_definitions(x, items->items, items->len, err);
	if (type == &webhook_doc)
		return prepare_webhooks(x, items->items, items->len, err);
	if (type == &admin_resource_doc)
		return prepare_resources(items->items, items->len, err);
	return 0;
}
