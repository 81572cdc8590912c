/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an Authorization header: refused, or a login and a password that are clean text. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "fcgi/basic_auth.h"

#include "corpus_main.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *header = malloc(size + 1);
	struct basic_auth auth;
	struct err err = ERR_INIT;

	FUZZ_CHECK(header != NULL);
	memcpy(header, data, size);
	header[size] = '\0';
	if (basic_auth_parse(header, &auth, &err) == -1) {
		FUZZ_CHECK(err.kind == ERR_DENIED && err.text[0] != '\0');
	} else {
		FUZZ_CHECK(auth.login[0] != '\0' && strchr(auth.login, ':') == NULL);
		FUZZ_CHECK(str_utf8_valid(auth.login, strlen(auth.login)));
		FUZZ_CHECK(str_utf8_valid(auth.password, strlen(auth.password)));
		FUZZ_CHECK(str_control_count(auth.login) == 0);
	}
	free(header);
	return 0;
}
