/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_job.c: put a job into its queue, show what it prints while it runs, list the files it left, end as it ended.
 *
 *	cc run_job.c -o run_job $(pkg-config --cflags --libs jqm)
 *	JQM_USER=bob JQM_PASSWORD_FILE=bob.password ./run_job https://jqm.example.org:1789 Hello name=world
 *	./run_job 'postgresql://db.example.org/jqm' Hello name=world
 *
 * The same program for the web service and for the database: only the address differs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jqm.h>

static void
give_up(const char *what, const struct jqm_error *error)
{
	(void)fprintf(stderr, "run_job: %s: %s\n", what, error->text);
	exit(125);
}

/* The first line of a file, in a buffer of our own. */
static const char *
password_of(const char *path)
{
	static char password[4200];
	FILE *file = fopen(path, "r");

	if (file == NULL || fgets(password, sizeof(password), file) == NULL) {
		perror(path);
		exit(125);
	}
	(void)fclose(file);
	password[strcspn(password, "\n")] = '\0';
	return password;
}

static struct jqm *
open_server(const char *url)
{
	struct jqm_options options = JQM_OPTIONS_INIT;
	struct jqm_error error;
	struct jqm *client;

	options.program = "run_job";
	options.ca_file = getenv("JQM_CA_FILE");
	if (getenv("JQM_USER") != NULL && getenv("JQM_PASSWORD_FILE") != NULL) {
		options.user = getenv("JQM_USER");
		options.password = password_of(getenv("JQM_PASSWORD_FILE"));
	}
	if (jqm_open(url, &options, &client, &error) == -1)
		give_up(url, &error);
	return client;
}

static int64_t
enqueue(struct jqm *client, const char *name, char **pairs, size_t n)
{
	struct jqm_request request = JQM_REQUEST_INIT;
	struct jqm_parameter *parameters = calloc(n + 1, sizeof(*parameters));
	struct jqm_error error;
	int64_t id;

	if (parameters == NULL)
		abort();
	for (size_t i = 0; i < n; i++) {
		char *equals = strchr(pairs[i], '=');

		if (equals == NULL) {
			(void)fprintf(stderr, "run_job: \"%s\" is not KEY=VALUE\n", pairs[i]);
			exit(125);
		}
		*equals = '\0';
		parameters[i].key = pairs[i];
		parameters[i].value = equals + 1;
	}
	request.application_name = name;
	request.parameters = parameters;
	request.parameters_len = n;
	if (jqm_enqueue(client, &request, &id, &error) == -1)
		give_up(name, &error);
	free(parameters);
	return id;
}

static int
print(void *arg, const void *data, size_t len)
{
	(void)arg;
	return fwrite(data, 1, len, stdout) == len ? 0 : -1;
}

/* What there is of its output from *offset on; none before it has started. */
static void
show_log(struct jqm *client, int64_t id, int64_t *offset)
{
	struct jqm_error error;

	if (jqm_log_fetch(client, id, JQM_STDOUT, 0, *offset, print, NULL, offset, &error) == -1 &&
	    error.kind != JQM_NOT_FOUND && error.kind != JQM_BUSY)
		give_up("its output", &error);
	(void)fflush(stdout);
}

/* The job, once it is over.  A server that cannot answer now is asked again. */
static struct jqm_job *
wait_for(struct jqm *client, int64_t id)
{
	struct jqm_error error;
	int64_t offset = 0;

	for (;;) {
		struct jqm_job *job = NULL;

		if (jqm_job_read(client, id, &job, &error) == -1 && error.kind != JQM_BUSY)
			give_up("the job", &error);
		if (job != NULL && job->started_ms != 0)
			show_log(client, id, &offset);
		if (job != NULL && job->over)
			return job;
		jqm_job_free(job);
		(void)usleep(200 * 1000);
	}
}

static void
list_files(struct jqm *client, int64_t id)
{
	struct jqm_files *files;
	struct jqm_error error;

	if (jqm_files(client, id, &files, &error) == -1)
		give_up("its files", &error);
	for (size_t i = 0; i < files->len; i++)
		(void)fprintf(stderr, "left %s, %lld bytes\n", files->items[i]->original_name,
			      (long long)files->items[i]->size_bytes);
	jqm_files_free(files);
}

int
main(int argc, char **argv)
{
	struct jqm_job *job;
	struct jqm *client;
	int64_t id;
	int code;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: run_job URL DEFINITION [KEY=VALUE]...\n");
		return 125;
	}
	client = open_server(argv[1]);
	id = enqueue(client, argv[2], argv + 3, (size_t)argc - 3);
	job = wait_for(client, id);
	(void)fprintf(stderr, "job %lld: %s\n", (long long)id, job->state);
	list_files(client, id);
	code = job->exited ? job->exit_code : job->signalled ? 128 + job->signal : 126;
	jqm_job_free(job);
	jqm_free(&client);
	return code;
}
