/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/handlers/login_page.c: the form under the path where JQM has it, for a browser without the console. */
#include <string.h>

#include "base/err.h"
#include "fcgi/exchange.h"
#include "fcgi/handlers/handlers.h"
#include "fcgi/login.h"
#include "fcgi/session.h"
#include "model/session.h"

#define PAGE "/auth/login.html"
#define FIELD(label, name, type, complete)                             \
	"<p><label>" label "<br><input name=\"" name "\" type=\"" type \
	"\" autocomplete=\"" complete "\"></label></p>\n"

/* message is ours, never a caller's text. */
static void
answer_page(struct exchange *x, const char *message)
{
	const char *page = exchange_printf(
	    x,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>JQM: log "
	    "in</title></head>\n"
	    "<body>\n<h1>JQM</h1>\n<p role=\"status\">%s</p>\n<form method=\"post\" action=\"" PAGE
	    "\">\n" FIELD("Login", "username", "text", "username")
		FIELD("Password", "password", "password", "current-password") FIELD(
		    "Code of the second factor, if you have one", "code", "text",
		    "one-time-code") "<p><button>Log in</button></p>\n</form>\n</body>\n</html>\n",
	    message);

	exchange_answer_bytes(x, 200, "text/html;charset=UTF-8", page, strlen(page));
}

static void
redirect(struct exchange *x, const char *to)
{
	exchange_answer_empty(x, 302);
	exchange_header(x, "Location", to);
}

int
login_page_show(struct exchange *x, struct err *err)
{
	(void)err;
	answer_page(x, "");
	return 0;
}

/* A wrong login is told as JQM does: the page again.  What says when to try again stays an error. */
int
login_page_submit(struct exchange *x, struct err *err)
{
	struct login login = { .login = NULL };

	if (exchange_form_value(x, "username", &login.login, err) == -1 ||
	    exchange_form_value(x, "password", &login.password, err) == -1 ||
	    exchange_form_value(x, "code", &login.code, err) == -1)
		return -1;
	if (login_open(x, &login, err) == 0) {
		redirect(x, "/");
		return 0;
	}
	if (x->response.refusal != REFUSAL_CREDENTIALS)
		return -1;
	x->response.refusal = REFUSAL_NONE;
	answer_page(x,
		    strcmp(err->key, "secondFactorNeeded") == 0
			? "The code of your second factor is needed as well."
			: "Login, password or code is wrong, or the account is locked or expired.");
	err_clear(err);
	return 0;
}

/* JQM's consoles go there by a link.  One on another site's page does not log anybody out. */
int
login_page_logout(struct exchange *x, struct err *err)
{
	const char *site = x->request.fetch_site;

	if ((site[0] == '\0' || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0) &&
	    session_close(x, err) == -1)
		return -1;
	redirect(x, PAGE);
	return 0;
}
