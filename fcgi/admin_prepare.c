/* SPDX-License-Identifier: Apache-2.0 */
#include "fcgi/admin_prepare.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "codec/docs.h"
#include "crypto/password_hash.h"
#include "fcgi/basic_auth.h"
#include "fcgi/exchange.h"
#include "fcgi/guards.h"
#include "model/admin.h"
#include "model/schedule.h"

/* Longest wait for one's turn to compute a hash. */
#define GATE_TIMEOUT_MS 5000
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
hash_one(struct exchange *x, struct admin_user *user, struct err *err)
{
	char hash[PASSWORD_HASH_SIZE];
	int place = hash_gate_enter(&x->guards->gate, GATE_TIMEOUT_MS);
	int rc;

	if (place == -1)
		return err_set(err, ERR_BUSY, "too many passwords at the same time");
	rc = password_hash(user->new_password, hash, err);
	hash_gate_leave(&x->guards->gate, place);
	if (rc == 0)
		user->new_password = exchange_strdup(x, hash);
	return rc;
}

/* "login:password" must fit where it is read. */
static bool
can_be_sent(const struct admin_user *user)
{
	size_t login = user->login == NULL ? 0 : strlen(user->login);

	return login + 1 + strlen(user->new_password) <= BASIC_AUTH_TEXT_MAX;
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
		if (!can_be_sent(&users[i]))
			return err_set(
			    err, ERR_INVALID,
			    "field \"newPassword\" is too long: with the login more than "
			    "%d bytes",
			    BASIC_AUTH_TEXT_MAX);
		if (hash_one(x, &users[i], err) == -1)
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
