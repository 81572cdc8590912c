/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdbool.h>

#include <cmocka.h>

#include "base/err.h"
#include "fcgi/authz.h"
#include "fcgi/route.h"
#include "model/value.h"
#include "tests/lib/an_exchange.h"

static void
permissions_match_as_jqm_says(void **state)
{
	static const struct {
		const char *granted, *wanted;
		bool includes;
	} cases[] = {
		{ "queue:read", "queue:read", true },
		{ "queue:read", "queue:create", false },
		{ "queue:read", "node:read", false },
		{ "queue:*", "queue:read", true },
		{ "*:read", "queue:read", true },
		{ "*:*", "queue:read", true },
		{ "*", "queue:read", true },
		{ "*:*", "*:*", true },
		{ "*", "*:*", true },
		{ "queue:*", "*:*", false },
		{ "*:read", "*:*", false },
		{ "queue", "queue:read", true },
		{ "job_instance:read,create", "job_instance:create", true },
		{ "job_instance:read,create", "job_instance:update", false },
		{ "job_instance:read,create", "job_instance:create,read", true },
		{ "job_instance:read", "job_instance:read,create", false },
		{ "queue,node:read", "node:read", true },
		{ "QUEUE:Read", "queue:READ", true },
		{ " queue : read ", "queue:read", true },
		{ "job_instance:*", "job_instance", true },
		{ "job_instance:read", "job_instance", false },
		{ "*:*", "job_instance", true },
		{ "", "queue:read", false },
		{ ":", "queue:read", false },
		{ "queue:", "queue:read", false },
		{ "queue:reader", "queue:read", false },
		{ "queue:rea", "queue:read", false },
		{ "queue:read:7", "queue:read", false },
		{ "queue:read:*", "queue:read", true },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case: \"%s\" for \"%s\"\n", cases[i].granted, cases[i].wanted);
		assert_int_equal(authz_includes(cases[i].granted, cases[i].wanted),
				 cases[i].includes);
	}
}

/* 0 permitted, else the status-making refusal or kind of the answer. */
static int
permit(enum identity_kind kind, const char *granted, const struct route *route)
{
	const char *const permissions[] = { granted, NULL };
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	int rc;

	x->identity.kind = kind;
	x->identity.permissions = permissions;
	x->route = route;
	rc = authz_permit(x, &err);
	if (rc == -1)
		rc = x->response.refusal == REFUSAL_CREDENTIALS ? 401 : (int)err.kind;
	an_exchange_free(x);
	return rc;
}

static void
a_route_without_permission_is_closed_to_all(void **state)
{
	const struct route route = { .permission = NULL, .limits = ROUTE_FOR_JOBS };
	(void)state;

	assert_int_equal(permit(IDENTITY_ACCOUNT, "*:*", &route), ERR_DENIED);
	assert_int_equal(permit(IDENTITY_JOB, NULL, &route), ERR_DENIED);
	assert_int_equal(permit(IDENTITY_NOBODY, NULL, &route), ERR_DENIED);
}

static void
a_public_route_is_open_to_all(void **state)
{
	const struct route route = { .permission = PERMISSION_PUBLIC };
	(void)state;

	assert_int_equal(permit(IDENTITY_NOBODY, NULL, &route), 0);
	assert_int_equal(permit(IDENTITY_JOB, NULL, &route), 0);
}

/* As permit(), while administrators say that the health check is public. */
static int
permit_nobody(bool health_is_public, const struct route *route)
{
	static const char *const no_permissions[] = { NULL };
	struct exchange *x = an_exchange();
	struct err err = ERR_INIT;
	int rc;

	x->identity.permissions = no_permissions;
	x->health_is_public = health_is_public;
	x->route = route;
	assert_int_equal(authz_is_public(x), authz_permit(x, &err) == 0);
	rc = x->response.refusal == REFUSAL_CREDENTIALS ? 401 : (int)err.kind;
	an_exchange_free(x);
	return rc;
}

static void
a_route_that_may_be_public_is_while_that_is_wanted(void **state)
{
	const struct route health = { .permission = "logs:read|metrics:read",
				      .limits = ROUTE_MAY_BE_PUBLIC };
	const struct route other = { .permission = "metrics:read" };
	const struct route forgotten = { .permission = NULL, .limits = ROUTE_MAY_BE_PUBLIC };
	(void)state;

	assert_int_equal(permit_nobody(true, &health), ERR_NONE);
	assert_int_equal(permit_nobody(false, &health), 401);
	assert_int_equal(permit_nobody(true, &other), 401);
	assert_int_equal(permit_nobody(true, &forgotten), ERR_DENIED);
	assert_int_equal(permit(IDENTITY_ACCOUNT, "metrics:read", &health), 0);
	assert_int_equal(permit(IDENTITY_ACCOUNT, "logs:read", &health), 0);
	assert_int_equal(permit(IDENTITY_ACCOUNT, "logs:read@queue=Q1", &health), ERR_DENIED);
	assert_int_equal(permit(IDENTITY_JOB, NULL, &health), ERR_DENIED);
}

static void
a_jobs_token_opens_its_own_routes_only(void **state)
{
	const struct route closed = { .permission = PERMISSION_ANY_ACCOUNT };
	const struct route open = { .permission = "job_instance:read", .limits = ROUTE_FOR_JOBS };
	(void)state;

	assert_int_equal(permit(IDENTITY_JOB, NULL, &open), 0);
	assert_int_equal(permit(IDENTITY_JOB, NULL, &closed), ERR_DENIED);
}

static void
alternatives_take_any_of_them(void **state)
{
	const struct route route = { .permission = "job_instance:create|job_instance:update" };
	(void)state;

	assert_int_equal(permit(IDENTITY_ACCOUNT, "job_instance:update", &route), 0);
	assert_int_equal(permit(IDENTITY_ACCOUNT, "job_instance:create", &route), 0);
	assert_int_equal(permit(IDENTITY_ACCOUNT, "job_instance:read", &route), ERR_DENIED);
}

static void
nobody_is_asked_to_log_in(void **state)
{
	const struct route any = { .permission = PERMISSION_ANY_ACCOUNT };
	const struct route some = { .permission = "queue:read" };
	(void)state;

	assert_int_equal(permit(IDENTITY_NOBODY, NULL, &any), 401);
	assert_int_equal(permit(IDENTITY_NOBODY, "queue:read", &some), 401);
	assert_int_equal(permit(IDENTITY_ACCOUNT, NULL, &any), 0);
	assert_int_equal(permit(IDENTITY_ACCOUNT, NULL, &some), ERR_DENIED);
}

/* The limits that permissions of "alice", account 7, leave for the route. */
static const char *
scope(struct exchange *x, const char *const *permissions, const struct route *route)
{
	struct err err = ERR_INIT;
	char text[200] = "";

	x->identity.kind = IDENTITY_ACCOUNT;
	x->identity.login = "alice";
	x->identity.account_id = 7;
	x->identity.permissions = permissions;
	x->route = route;
	if (authz_permit(x, &err) == -1)
		return "refused";
	if (x->scope == NULL)
		return "all";
	for (size_t i = 0; i < x->scope->len; i++) {
		(void)strncat(text, x->scope->items[i], sizeof(text) - strlen(text) - 1);
		(void)strncat(text, ";", sizeof(text) - strlen(text) - 1);
	}
	return exchange_strdup(x, text);
}

static void
a_permission_with_a_limit_opens_what_keeps_to_it(void **state)
{
	static const struct route scoped = { .permission = "ji:create|ji:update",
					     .limits = ROUTE_SCOPED };
	static const struct route whole = { .permission = "ji:create|ji:update" };
	static const struct {
		const char *permissions[4];
		const char *scoped, *whole;
	} cases[] = {
		{ { "ji:create@queue=Q1" }, "queue=Q1;", "refused" },
		{ { "ji:*@own" }, "own=7;own=7;", "refused" },
		{ { "*@definition=a@b" }, "definition=a@b;definition=a@b;", "refused" },
		{ { "*,ji:*@queue=Q1", "ji:read@own" }, "queue=Q1;queue=Q1;", "refused" },
		{ { "ji:update@own", "ji:create@queue=Q1" }, "queue=Q1;own=7;", "refused" },
		{ { "ji:update@own", "ji:update" }, "all", "all" },
		{ { "ji:read@own" }, "refused", "refused" },
		{ { "ji:*@colour=red" }, "refused", "refused" },
		{ { "ji:*@own=bob" }, "refused", "refused" },
		{ { "ji:*@" }, "refused", "refused" },
		{ { "*:*@queue=Q1" }, "queue=Q1;queue=Q1;", "refused" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = an_exchange();

		print_message("case: %s\n", cases[i].permissions[0]);
		assert_string_equal(scope(x, cases[i].permissions, &scoped), cases[i].scoped);
		assert_string_equal(scope(x, cases[i].permissions, &whole), cases[i].whole);
		an_exchange_free(x);
	}
}

/* The same for a job that works for that account. */
static const char *
scope_of_job(struct exchange *x, const char *const *permissions, const struct route *route)
{
	struct err err = ERR_INIT;

	x->identity.kind = IDENTITY_JOB;
	x->identity.job_submitter = "alice";
	x->identity.job_account_id = 7;
	x->identity.job_permissions = permissions;
	x->route = route;
	if (authz_permit(x, &err) == -1)
		return "refused";
	return x->scope == NULL ? "all" : x->scope->items[0];
}

static void
a_jobs_token_enqueues_within_the_limits_of_its_account(void **state)
{
	static const struct route create = { .permission = "job_instance:create",
					     .limits = ROUTE_SCOPED | ROUTE_FOR_JOBS };
	static const struct route read = { .permission = "logs:read",
					   .limits = ROUTE_SCOPED | ROUTE_FOR_JOBS };
	static const struct {
		const char *permissions[3];
		const char *create, *read;
	} cases[] = {
		{ { "*:*" }, "all", "all" },
		{ { "job_instance:create" }, "all", "all" },
		{ { "job_instance:*@queue=Q1", "logs:*" }, "queue=Q1", "all" },
		{ { "*:*@own" }, "own=7", "own=7" },
		{ { "logs:read@queue=Q1" }, "refused", "queue=Q1" },
		{ { NULL }, "refused", "all" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct exchange *x = an_exchange();

		print_message("case %zu\n", i);
		assert_string_equal(scope_of_job(x, cases[i].permissions, &create),
				    cases[i].create);
		assert_string_equal(scope_of_job(x, cases[i].permissions, &read), cases[i].read);
		assert_string_equal(scope_of_job(x, NULL, &create), "all"); /* no account */
		an_exchange_free(x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permissions_match_as_jqm_says),
		cmocka_unit_test(a_route_without_permission_is_closed_to_all),
		cmocka_unit_test(a_public_route_is_open_to_all),
		cmocka_unit_test(a_route_that_may_be_public_is_while_that_is_wanted),
		cmocka_unit_test(a_jobs_token_opens_its_own_routes_only),
		cmocka_unit_test(alternatives_take_any_of_them),
		cmocka_unit_test(nobody_is_asked_to_log_in),
		cmocka_unit_test(a_permission_with_a_limit_opens_what_keeps_to_it),
		cmocka_unit_test(a_jobs_token_enqueues_within_the_limits_of_its_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
