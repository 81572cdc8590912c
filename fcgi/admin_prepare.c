/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/admin_prepare.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "codec/docs.h"
#include "fcgi/exchange.h"
#include "fcgi/password_change.h"
#include "model/admin.h"
#include "model/schedule.h"

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

static int
prepare_definitions(const struct admin_definition *definitions, size_t len, struct err *err)
{
	for (size_t i = 0; i < len; i++)
		if (prepare_schedules(definitions[i].schedules.items, definitions[i].schedules.len,
				      "field \"schedules\"", err) == -1)
			return -1;
	return 0;
}

static int
prepare_users(struct exchange *x, struct admin_user *users, size_t len, struct err *err)
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
		if (password_new_hash(x, users[i].login == NULL ? "" : users[i].login,
				      users[i].new_password, &users[i].new_password, err) == -1)
			return -1;
	}
	return 0;
}

int
admin_prepare(struct exchange *x, const struct wire_object *type, const struct wire_items *items,
	      struct err *err)
{
	if (type == &admin_user_doc)
		return prepare_users(x, items->items, items->len, err);
	if (type == &admin_schedule_doc)
		return prepare_schedules(items->items, items->len, "schedule", err);
	if (type == &admin_definition_doc)
		return prepare_definitions(items->items, items->len, err);
	return 0;
}
