/* SPDX-License-Identifier: Apache-2.0 */
/* model/session.h: what is said when somebody logs in, and who is logged in. */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include "model/value.h"

struct session {
	int64_t id; /* opens nothing */
	bool current; /* the one that asks */
	const char *address; /* where it began */
	struct opt_time created, last_seen, ends;
};
struct session_list {
	struct session *items;
	size_t len;
};

/* NULL: not said. */
struct login {
	const char *login, *password;
	const char *code; /* of the second factor, or one for a lost device */
	const char *link; /* token of a link of "jqm up": instead of all these */
};

struct password_change {
	const char *old_password, *new_password;
	const char *code; /* as to log in */
};

struct second_factor {
	bool enabled;
	int64_t recovery_codes_left;
};
struct second_factor_secret {
	const char *secret, *uri;
};
struct recovery_codes {
	struct text_list codes;
};

#endif
