/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "cli/up/listen_change.h"

#define ONE "\t\tlisten 127.0.0.1:1789 ssl;\n"
#define TWO ONE "\t\tlisten 192.0.2.7:1789 ssl;\n"
#define ALL "\t\tlisten 0.0.0.0:1789;\n"
#define ALL_V6 "\t\tlisten [::]:1789 ipv6only=off;\n"

static void
only_all_addresses_in_place_of_one_need_a_start(void **state)
{
	static const struct {
		const char *from, *to;
		bool restart;
	} cases[] = {
		{ ONE, ONE, false },
		{ ONE, TWO, false },
		{ TWO, ONE, false },
		{ ONE, "\t\tlisten 127.0.0.1:1789;\n", false },
		{ ONE, "\t\tlisten 127.0.0.1:1790;\n\t\tlisten 127.0.0.1:1789;\n", false },
		{ TWO, ALL, true },
		{ ALL, ONE, true },
		{ ALL, ALL_V6, true },
		{ ALL_V6, "\t\tlisten [2001:db8::7]:1789;\n", true },
		{ ALL, "\t\tlisten 127.0.0.1:1790;\n", false },
		{ ALL, "\t\tlisten 0.0.0.0:1789 ssl;\n", false },
		{ "", ALL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("case %zu\n", i);
		assert_true(listen_needs_restart(cases[i].from, cases[i].to) == cases[i].restart);
	}
}

/* A port somebody listens on; its number in *port_out. */
static int
take_port(int *port_out)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, (const void *)&address, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (void *)&address, &size), 0);
	*port_out = ntohs(address.sin_port);
	return fd;
}

static void
a_new_port_must_be_free(void **state)
{
	char conf[200], other[200], words[100];
	struct err err = ERR_INIT;
	int port, fd = take_port(&port);

	(void)state;
	(void)snprintf(conf, sizeof(conf), ONE "\t\tlisten 127.0.0.1:%d ssl;\n", port);
	(void)snprintf(other, sizeof(other), "\t\tlisten 0.0.0.0:%d;\n", port);
	assert_int_equal(listen_check_free(ONE, conf, &err), -1);
	assert_int_equal(err.kind, ERR_CONFLICT);
	(void)snprintf(words, sizeof(words), "port %d of 127.0.0.1 cannot be taken", port);
	assert_non_null(strstr(err.text, words));
	err_clear(&err);

	/* one that the configuration before had already is our own */
	assert_int_equal(listen_check_free(conf, conf, &err), 0);
	assert_int_equal(listen_check_free(other, conf, &err), 0);
	fd_close(&fd);
	assert_int_equal(listen_check_free(ONE, conf, &err), 0);
	/* of another machine: nginx itself says so */
	assert_int_equal(listen_check_free(NULL, "\t\tlisten 192.0.2.7:1;\n", &err), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_all_addresses_in_place_of_one_need_a_start),
		cmocka_unit_test(a_new_port_must_be_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
