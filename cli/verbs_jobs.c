/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verbs_jobs.c: verbs about jqm itself, about jobs, and about what has or runs them: schedules, nodes, history. */
#include "cli/verbs.h"
#include "cli/verbs_private.h"

static const struct cli_verb verbs[] = {
	{
	    .name = "help",
	    .synopsis = "[VERB]",
	    .summary = "what can be typed, or how one verb works",
	    .run = cli_help,
	},
	{
	    .name = "version",
	    .synopsis = "",
	    .summary = "the version of this program",
	    .run = cli_version,
	},
	{
	    .name = "completion",
	    .synopsis = "bash|zsh",
	    .actions = "bash zsh",
	    .summary = "what makes a shell complete what is typed after jqm",
	    .run = cli_completion,
	    .details = "e.g. . <(jqm completion bash); it is installed where shells look for it.\n",
	},
	{
	    .name = "enqueue",
	    .synopsis = "NAME [-p KEY=VALUE]... [--wait] [--follow] [OPTION]...",
	    .summary = "put a job into its queue; prints its id",
	    .run = cli_enqueue,
	    .details =
		"  -p, --parameter KEY=VALUE   added to the definition's, replacing the same key\n"
		"      --secret KEY=FILE       the same, its value the first line of a file that\n"
		"                              nobody else can read, and nobody will see it\n"
		"  -q, --queue Q               instead of the definition's\n"
		"      --priority N            1 to 10, 10 first\n"
		"  -u, --user U                for whom it runs\n"
		"      --keyword1 K, --keyword2 K, --keyword3 K, --application A, --module M,\n"
		"      --session S, --email E  free texts to find it by, and who is told\n"
		"      --parent ID             the job it belongs to\n"
		"      --run-after DATE        not before 2026-01-31T22:00:00+01:00\n"
		"      --held                  wait until resumed\n"
		"      --wait-for ID           after success of that job; also failure:ID\n"
		"                              or end:ID; may stand several times\n"
		"      --max-attempts N        tries while it fails, 1 to 100\n"
		"      --concurrency-key K     limit of the cluster that it counts for\n"
		"      --cron EXPRESSION       make a schedule instead; prints its number\n"
		"      --zone Z, --day-rule AND|OR, --overlap ALLOW|SKIP|REPLACE,\n"
		"      --misfire SKIP|ONCE|ALL of that schedule\n"
		"  -w, --wait                  until it is over; the exit code is the job's\n"
		"  -f, --follow                the same, showing what it prints meanwhile\n"
		"\n"
		"exit codes with --wait, once the job is enqueued: the job's own, 128+N when\n"
		"signal N ended it, 125 when its end could not be learnt, 126 when it has no\n"
		"end of its own (cancelled, could not start, node lost)\n",
	},
	{
	    .name = "job",
	    .synopsis = "ID",
	    .summary = "everything about one job",
	    .run = cli_job,
	},
	{
	    .name = "jobs",
	    .synopsis = "[--active | --parent ID] [--limit N] [--before ID]",
	    .summary = "a table of jobs, newest first",
	    .run = cli_jobs,
	    .details = "  -a, --active      only those that are not over, oldest first\n"
		       "  -l, --limit N     at most N, up to 1000 (50)\n"
		       "  -b, --before ID   those with a smaller number: the next page\n"
		       "  -p, --parent ID   only the children of that job\n",
	},
	{
	    .name = "log",
	    .synopsis = "ID [--stderr] [--follow] [--attempt N]",
	    .summary = "what a job printed",
	    .run = cli_log,
	    .details =
		"  -e, --stderr      its standard error instead of its standard output\n"
		"  -f, --follow      go on until the job is over, also when it is tried again\n"
		"  -a, --attempt N   of its N-th attempt, in place of the newest\n",
	},
	{
	    .name = "files",
	    .synopsis = "ID",
	    .summary = "the files a job left",
	    .run = cli_files,
	},
	{
	    .name = "link",
	    .synopsis = "GUID [--for AGE] [--revoke]",
	    .summary = "an address that opens a file without an account, for a time",
	    .run = cli_link,
	    .details = "      --for AGE     how long: 90s, 30m, 12h, 7d; a day if not said\n"
		       "      --revoke      your links to the file open nothing any more\n",
	},
	{
	    .name = "get",
	    .synopsis = "GUID [-o FILE|DIRECTORY|-] [--force]",
	    .summary = "fetch a file a job left",
	    .run = cli_get,
	    .details =
		"  -o, --output FILE   not under the name the server offers; - is standard output\n"
		"      --force         replace a file that exists\n",
	},
	{
	    .name = "kill",
	    .synopsis = "ID",
	    .summary = "end a job wherever it is",
	    .run = cli_kill,
	},
	{
	    .name = "cancel",
	    .synopsis = "ID",
	    .summary = "take a waiting job out of its queue",
	    .run = cli_cancel,
	},
	{
	    .name = "pause",
	    .synopsis = "ID",
	    .summary = "hold a waiting job, let a running one stand still",
	    .run = cli_pause,
	},
	{
	    .name = "resume",
	    .synopsis = "ID",
	    .summary = "let a held or paused job go on",
	    .run = cli_resume,
	},
	{
	    .name = "restart",
	    .synopsis = "ID",
	    .summary = "a new job in place of a crashed or killed one; prints its id",
	    .run = cli_restart,
	    .details = "With the old one's parameters.  The old one stays in history and can be\n"
		       "restarted once.\n",
	},
	{
	    .name = "progress",
	    .synopsis = "N [--job ID]",
	    .summary = "inside a job: how far it is",
	    .run = cli_progress,
	    .details = "  -j, --job ID   another job, from outside\n"
		       "A job speaks with its own token, which the variables JQM_API_* hold.\n",
	},
	{
	    .name = "message",
	    .synopsis = "TEXT [--job ID]",
	    .summary = "inside a job: say something that is kept with it",
	    .run = cli_message,
	    .details = "  -j, --job ID   about another job, from outside\n"
		       "At most 1024 characters.\n",
	},
	{
	    .name = "schedule",
	    .synopsis = "[list] | ACTION [ID] [FIELD=VALUE]...",
	    .actions = "list show next pause resume create set delete",
	    .summary = "schedules: which there are, when they are due",
	    .run = cli_schedule,
	    .details = "Actions: show, next, pause, resume, set, delete; create without a number.\n"
		       "enqueue --cron makes one, and so does create definition=NAME\n"
		       "cronExpression='0 4 * * *'.  next: the times it is due next.\n",
	},
	{
	    .name = "node",
	    .synopsis = "[list] | ACTION NAME [FIELD=VALUE]...",
	    .actions = "list health pause resume stop drain copy show create set delete",
	    .summary = "nodes: which there are, and orders to them",
	    .run = cli_node,
	    .details =
		"Actions: health, pause, resume, stop, drain, copy, show, create, set, delete.\n"
		"health: is the node well whose web server is asked?  0: it is; takes no name\n"
		"pause: take no jobs, let those that run go on; resume takes it back\n"
		"stop: end the jobs, then the node; drain: end when the last job has.\n"
		"A node that was stopped or drained stays so until somebody starts it.\n"
		"copy OTHER NAME [dns=HOST]: make NAME, or change it, to be like OTHER, with\n"
		"its mappings.\n",
	},
	{
	    .name = "purge",
	    .synopsis = "--older-than AGE [--dry-run]",
	    .summary = "remove old jobs from history, with their logs and files",
	    .run = cli_purge,
	    .details =
		"      --older-than AGE  those that ended so long ago: 90d; also s, m, h, w\n"
		"  -n, --dry-run         only count them\n"
		"\n"
		"Runners do it from then on, a little at a time; each removes what is on\n"
		"its own node.  It cannot be taken back.  What shall go by itself is said\n"
		"by the global parameter historyRetentionInDays.\n",
	},
};

const struct cli_verb_table cli_job_verbs = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
