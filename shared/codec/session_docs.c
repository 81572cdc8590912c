/* SPDX-License-Identifier: Apache-2.0 */
/* codec/session_docs.c: logging in, sessions, passwords and second factors on the wire. */
#include "codec/docs.h"
#include "model/session.h"

#define TEXT_MAX 1024

#define DOC(object, s, rows, text) const struct wire_object object = WIRE_OBJECT(s, rows, text)
#define TEXT(m, n, d) WIRE_ROW_TEXT(S, m, n, OPTIONAL, TEXT_MAX, d)

#define S struct session
static const struct wire_field session_fields[] = {
	WIRE_ROW_INT64(S, id, "id", "number of the session"),
	WIRE_ROW_BOOL(S, current, "current", "the one this request came in"),
	TEXT(address, "address", "where it began"),
	WIRE_ROW_DATE(S, created, "creationDate", "when it began"),
	WIRE_ROW_DATE(S, last_seen, "lastSeenDate", "when it was used last, to the minute"),
	WIRE_ROW_DATE(S, ends, "expirationDate", "when it ends however much it is used"),
};
#undef S
DOC(session_doc, session, session_fields, "somebody who is logged in");

#define S struct login
static const struct wire_field login_fields[] = {
	TEXT(login, "login", "which account"),
	TEXT(password, "password", "its password"),
	TEXT(code, "code", "of its second factor, if it has one; or one of its recovery codes"),
	TEXT(link, "link", "instead: the token of a link that \"jqm up\" printed, on this machine"),
};
#undef S
DOC(login_doc, login, login_fields, "who wants to log in");

#define S struct password_change
static const struct wire_field change_fields[] = {
	TEXT(old_password, "oldPassword", "the one of now"),
	TEXT(new_password, "newPassword", "the one from now on"),
	TEXT(code, "code", "of the second factor, if there is one"),
};
#undef S
DOC(password_change_doc, password_change, change_fields, "another password for the caller");

#define S struct second_factor
static const struct wire_field factor_fields[] = {
	WIRE_ROW_BOOL(S, enabled, "enabled", "is it asked for"),
	WIRE_ROW_INT64(S, recovery_codes_left, "recoveryCodesLeft", "codes for a lost device"),
};
#undef S
DOC(second_factor_doc, second_factor, factor_fields, "the caller's second factor");

#define S struct second_factor_secret
static const struct wire_field secret_fields[] = {
	TEXT(secret, "secret", "what the device must know, in base32; told once"),
	TEXT(uri, "uri", "the same as authenticator programs read it"),
};
#undef S
DOC(second_factor_secret_doc, second_factor_secret, secret_fields, "a new second factor");

#define S struct recovery_codes
static const struct wire_field codes_fields[] = {
	WIRE_ROW_TEXT_LIST(S, codes, "recoveryCodes", "code", 0, "each counts once; told once"),
};
#undef S
DOC(recovery_codes_doc, recovery_codes, codes_fields, "codes for a lost device");
