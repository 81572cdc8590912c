/* SPDX-License-Identifier: Apache-2.0 */
/* fcgi/basic_auth.h: login and password out of an Authorization header (RFC 7617, UTF-8). */
#ifndef FCGI_BASIC_AUTH_H
#define FCGI_BASIC_AUTH_H

#include <stddef.h>

struct err;

/* The longest login (255 characters), a colon and the longest password (500), of 4 bytes each. */
#define BASIC_AUTH_TEXT_MAX 3021

/* Login and password, both terminated, in one buffer; clear it after use. */
struct basic_auth {
	const char *login; /* not empty, no control characters */
	const char *password; /* may be empty, may hold ':' */
	char text[BASIC_AUTH_TEXT_MAX + 1];
};

/* 0, or -1 with ERR_DENIED that says what is wrong with the header, never what it holds. */
int basic_auth_parse(const char *header, struct basic_auth *out, struct err *err);

#endif
