/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_floor SOCKET WORKERS CONNINFO select|insert: the least that an answer from a database costs behind
 * nginx.  WORKERS processes, each with a connection of its own, answer every FastCGI request on SOCKET after
 * one prepared statement: a SELECT by primary key, or an INSERT that commits.  Until SIGTERM.
 */
#include <errno.h>
#include <fcgiapp.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKLOG 512

static void
fail(const char *what, const char *detail)
{
	(void)fprintf(stderr, "http_floor: %s: %s\n", what, detail);
	exit(1);
}

static void
serve(int listen_fd, const char *conninfo, const char *sql)
{
	PGconn *db = PQconnectdb(conninfo);
	PGresult *result = PQprepare(db, "floor", sql, 1, NULL);
	FCGX_Request request;

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail("could not prepare", PQerrorMessage(db));
	PQclear(result);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, listen_fd, 0) != 0)
		fail("libfcgi", "does not start");
	while (FCGX_Accept_r(&request) == 0) {
		const char *const values[] = { "1" };

		result = PQexecPrepared(db, "floor", 1, values, NULL, NULL, 0);
		if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1)
			fail("wrong answer", PQerrorMessage(db));
		(void)FCGX_FPrintF(
		    request.out,
		    "Status: 200\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s",
		    (int)strlen(PQgetvalue(result, 0, 0)), PQgetvalue(result, 0, 0));
		PQclear(result);
		FCGX_Finish_r(&request);
	}
	exit(0);
}

int
main(int argc, char **argv)
{
	const char *sql;
	int listen_fd, workers;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: http_floor SOCKET WORKERS CONNINFO select|insert\n");
		return 2;
	}
	sql = strcmp(argv[4], "select") == 0
		  ? "SELECT name FROM jqm.bench_floor WHERE id = $1::bigint"
		  : "INSERT INTO jqm.bench_floor (name) VALUES ($1) RETURNING id";
	workers = (int)strtol(argv[2], NULL, 10);
	(void)unlink(argv[1]);
	listen_fd = FCGX_OpenSocket(argv[1], BACKLOG);
	if (listen_fd == -1 || chmod(argv[1], 0666) == -1)
		fail("could not listen", strerror(errno));
	for (int i = 0; i < workers; i++)
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(listen_fd, argv[3], sql);
		}
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
	return 1; /* none is left */
}
