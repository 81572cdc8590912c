/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verbs.h"

#include <string.h>

#include "cli/up.h"

#define CONFIGURATION "[list] | show|delete NAME | create|set NAME FIELD=VALUE..."
#define ACTIONS "list show create set delete"
#define FIELDS                                                                            \
	"Fields are those that show prints; lists are parted by commas, an empty value\n" \
	"takes away.  What somebody else changed meanwhile is not overwritten.\n"

const struct cli_verb cli_verbs[] = {
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
		       "At most 1000 characters.\n",
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
	    .actions = "list pause resume stop drain copy show create set delete",
	    .summary = "nodes: which there are, and orders to them",
	    .run = cli_node,
	    .details =
		"Actions: pause, resume, stop, drain, copy, show, create, set, delete.\n"
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
	{
	    .name = "queue",
	    .synopsis = CONFIGURATION,
	    .actions = ACTIONS,
	    .summary = "queues",
	    .run = cli_admin,
	    .details = "e.g. queue create NIGHT description='long jobs' ageingSeconds=600\n" FIELDS,
	},
	{
	    .name = "mapping",
	    .synopsis = "[list] | show|delete ID | create|set [ID] FIELD=VALUE...",
	    .actions = ACTIONS,
	    .summary = "how many jobs of which queue a node runs",
	    .run = cli_admin,
	    .details = "e.g. mapping create node=alpha queue=NIGHT nbThread=3\n" FIELDS,
	},
	{
	    .name = "definition",
	    .synopsis = CONFIGURATION "\n                      | sign|verify|keygen|secret ...",
	    .actions = ACTIONS " sign verify keygen secret",
	    .summary = "job definitions",
	    .run = cli_admin,
	    .details =
		"e.g. definition create Hello queue=DEFAULT jarPath='echo hello'\n"
		"     definition set Hello attemptsMax=3 parameters=a=1,b=2\n" FIELDS "\n"
		"keygen FILE                     makes a key: FILE, and FILE.pub for nodes\n"
		"sign NAME...|--all --key FILE   shows what would be signed; --yes signs it\n"
		"verify [NAME...] --trusted FILE|DIRECTORY\n"
		"      --file DESCRIPTOR     those of an XML file; sign prints it with them\n"
		"      --passphrase-file F   of the key: the first line of F\n"
		"secret NAME KEY FILE|none   a secret parameter: its value is the first line of\n"
		"                            FILE; none: each request brings its own\n"
		"      --force               keygen: replace a file that exists\n",
	},
	{
	    .name = "context",
	    .synopsis = CONFIGURATION,
	    .actions = ACTIONS,
	    .summary = "class loading options of Java jobs, for descriptors that name them",
	    .run = cli_admin,
	    .details = FIELDS,
	},
	{
	    .name = "limit",
	    .synopsis = CONFIGURATION,
	    .actions = ACTIONS,
	    .summary = "limits of the cluster, by concurrency key",
	    .run = cli_admin,
	    .details =
		"e.g. limit create database maxRunning=4 rate=10 ratePeriodSeconds=60\n" FIELDS,
	},
	{
	    .name = "user",
	    .synopsis = "[list] | show|delete|reset-password NAME | create|set NAME ...",
	    .actions = ACTIONS " reset-password certificate",
	    .summary = "accounts",
	    .run = cli_user,
	    .details =
		"e.g. user create bob --role client --password-file F \n"
		"  -r, --role NAME         that role and no other; may stand several times\n"
		"      --password-file F   its password: the first line of a file nobody else\n"
		"                          can read\n"
		"user certificate ... is the same as certificate ...\n"
		"reset-password works on the server itself, as who owns the database (--home D\n"
		"or --config FILE): another password, random and printed unless it comes from\n"
		"a file.  root gets back all that makes it root.\n"
		"      --unlock              and neither locked nor expired any more\n"
		"      --drop-second-factor  and without a second factor\n" FIELDS,
	},
	{
	    .name = "audit",
	    .synopsis = "[list | follow | export | verify] [OPTION]...",
	    .actions = "list follow export verify",
	    .summary = "who did what and when, and whether that is still what was noted",
	    .run = cli_audit,
	    .details =
		"      --from DATE, --until DATE, -a, --account LOGIN, -k, --kind KIND,\n"
		"  -i, --object ID, --action WORD, --request ID\n"
		"                       list, follow, export: those rows only\n"
		"  -l, --limit N        at most N (list: 100, export: 100000)\n"
		"  -o, --output FILE    export: a new file instead of standard output\n"
		"      --chain          export: all rows with their seals, for verify --file\n"
		"      --file FILE      verify: that export, not the server's; - is standard\n"
		"                       input\n"
		"      --key FILE       verify: the key, instead of this machine's node's; may\n"
		"                       stand several times\n"
		"verify says which rows are not what was sealed; exit code 1 then.\n",
	},
	{
	    .name = "certificate",
	    .synopsis = "[list [LOGIN]] | create LOGIN | renew ID | revoke ID",
	    .actions = "list create renew revoke",
	    .summary = "client certificates of accounts",
	    .run = cli_certificate,
	    .details =
		"  -o, --output FILE    create, renew: where key and certificate go; - is\n"
		"                       standard output\n"
		"      --days N         how long it lives, 1 to 3650 (365)\n"
		"      --request FILE   sign the key of this signing request: the private\n"
		"                       key stays where it is\n"
		"      --pkcs12         create: a zip with a PKCS#12 file; prints its password\n"
		"      --force          replace a file that exists\n"
		"      --reason TEXT    revoke: why\n"
		"renew revokes the old one when the new one is there; what is revoked is\n"
		"refused from then on, and for good\n",
	},
	{
	    .name = "certmapping",
	    .synopsis = "[list] | show|delete ID | create|set FIELD=VALUE...",
	    .actions = ACTIONS,
	    .summary = "which account a certificate of another authority means",
	    .run = cli_admin,
	    .details =
		"e.g. certmapping create user=anna form=SAN value=email:anna@example.org\n"
		"     certmapping create user=anna form=SERIAL issuer='CN=CA,O=X' value=0A1B\n"
		"     certmapping create user=anna form=FINGERPRINT value=<SHA-256>\n" FIELDS,
	},
	{
	    .name = "webhook",
	    .synopsis =
		CONFIGURATION "\n                      | ping|deliveries NAME | delivery|again "
			      "NAME ID",
	    .actions = ACTIONS " ping deliveries delivery again",
	    .summary = "where ends of jobs are posted to",
	    .run = cli_admin,
	    .details =
		"e.g. webhook create chat url=https://example.org/hook --secret-file F\n"
		"     webhook set chat states=CRASHED,KILLED definition=Hello\n"
		"      --secret-file F   the first line of F signs: whsec_ and 24 to 64 bytes in\n"
		"                        base64; the last one signs too for a day\n" FIELDS "\n"
		"ping NAME             sends something; prints the number of its delivery\n"
		"deliveries NAME       what was told, newest first\n"
		"  -n, --newest N        so many, 200 at most (20)\n"
		"delivery NAME ID      all about one: what is sent, and what became of each try\n"
		"again NAME ID         tells it once more, or now instead of later\n",
	},
	{
	    .name = "role",
	    .synopsis = CONFIGURATION,
	    .actions = ACTIONS,
	    .summary = "what accounts may do",
	    .run = cli_admin,
	    .details = "e.g. role create viewer permissions=queue:read,job_instance:read\n" FIELDS,
	},
	{
	    .name = "param",
	    .synopsis = "[list] | get KEY | set KEY VALUE | delete KEY",
	    .actions = "list get set delete",
	    .summary = "parameters of the whole cluster",
	    .run = cli_param,
	},
	{
	    .name = "export",
	    .synopsis = "[--queues | --resources] [NAME] | --configuration",
	    .summary = "configuration as XML files that import takes",
	    .run = cli_export,
	    .details =
		"Without option: job definitions, all or one.\n"
		"      --queues, --resources  these, all or one\n"
		"      --configuration        nodes, queues, mappings, parameters of the cluster\n"
		"                             and resources, in one file\n"
		"Passwords and the like are not in it.\n",
	},
	{
	    .name = "import",
	    .synopsis = "[--dry-run] FILE...",
	    .summary = "import XML files: definitions, queues, resources, configurations",
	    .run = cli_import,
	    .details = "  -n, --dry-run   only tell what it would change\n"
		       "Each file is imported whole or not at all; - is standard input.\n",
	},
	{
	    .name = "up",
	    .synopsis = "[--home D] [--port N] [--node NAME] [--detach] [--demo]\n"
			"                  [--restored [--paused]]",
	    .summary = "start a whole JQM with its own database and web server",
	    .run = cli_up,
	    .details =
		"  --home D      its directory, made when missing; else $JQM_HOME, else ./var\n"
		"  --port N      on 127.0.0.1; else the port of the last start, else 1789\n"
		"  --node NAME   at the first start; else the name of the host\n"
		"  -d, --detach  return when the first request would be served\n"
		"  --demo        import the sample definitions and run one\n"
		"  --restored    its database came out of a backup: give up what ran then\n"
		"  --paused      and take no job before a node is resumed\n"
		"\n"
		"Without --detach it stays in the foreground; Ctrl-C stops everything.\n"
		"Started by root it works as account jqm (or $JQM_ACCOUNT).\n",
	},
	{
	    .name = "down",
	    .synopsis = "[--home D]",
	    .summary = "stop what \"up\" started",
	    .run = cli_down,
	    .details = "Waits until nothing of it runs.  Success also when nothing ran.\n",
	},
	{
	    .name = "status",
	    .synopsis = "[--home D]",
	    .summary = "what of it is running",
	    .run = cli_status,
	    .details = "Exit codes: 0 all is up, 1 some of it, 3 nothing.\n",
	},
	{
	    .name = "psql",
	    .synopsis = "[--home D] [PSQL ARGUMENT]...",
	    .summary = "psql on the home's database",
	    .run = cli_psql,
	    .details =
		"As superuser, unless -U names another role.  What follows --home D is psql's.\n"
		"The home must be up.\n",
	},
	{
	    .name = "db",
	    .synopsis = "upgrade|restored [--paused]|open-api [--config FILE | --home D]",
	    .actions = "upgrade restored open-api",
	    .summary = "bring the database's schema, or one out of a backup, up to date",
	    .run = cli_db,
	    .details =
		"  upgrade        apply the schema files it lacks\n"
		"  restored       before the programs start on a database out of a backup: give\n"
		"                 up what ran then, and leave a gap in the numbers of jobs\n"
		"  open-api       turn every part of the web API on again, and authentication:\n"
		"                 the way back for who turned off what he needs for it\n"
		"  --paused       no node takes a job before it is resumed\n"
		"  --config FILE  the database of its conninfo, as jqm_owner unless that\n"
		"                 names a role\n"
		"  --home D       the database of a home that is up\n",
	},
	{
	    .name = "setup",
	    .synopsis = "[--create | --admin CONNINFO | --database CONNINFO]\n"
			"                  [--node NAME] [--url URL] [OPTION]...",
	    .summary = "from installed packages to a node that runs",
	    .run = cli_setup,
	    .details =
		"      --create              make roles, database and schema with the PostgreSQL\n"
		"                            of this machine, as its account postgres\n"
		"      --admin CONNINFO      the same by an administrator's connection\n"
		"      --admin-password-file FILE\n"
		"      --database CONNINFO   what the programs connect to; without the above,\n"
		"                            roles and database are there\n"
		"      --new-passwords       other passwords for roles that are there\n"
		"      --node NAME           else the name of the host\n"
		"      --url URL             of the console and the web API, else\n"
		"                            http://127.0.0.1:1789; beyond it https://NAME:PORT\n"
		"      --no-start            do all but start the programs\n"
		"      --prefix D            everything below D, nothing is started\n"
		"\n"
		"On a terminal it asks for what is not said.  What is there stays: a second\n"
		"run changes nothing, one after an upgrade brings the schema up to date.\n",
	},
	{
	    .name = "doctor",
	    .synopsis = "[--fix] [--home D | --config FILE]",
	    .summary = "look whether an installation is as safe and well as it should be",
	    .run = cli_doctor,
	    .details =
		"  --fix   set owner and mode of what is too open; nothing else is changed,\n"
		"          and nothing outside the installation.  Owners only root can change\n"
		"\n"
		"A line for each thing: ok, note (worth knowing), fixed, or wrong, with what,\n"
		"why, and what mends it.  Started by root it looks at files as root and at all\n"
		"else as the account of the installation ($JQM_ACCOUNT, else who owns the home\n"
		"or the configuration file, else jqm).\n"
		"\n"
		"Exit codes: 0 nothing is wrong, or it is mended; 1 something is wrong;\n"
		"2 it could not be looked at, or the command line is wrong.\n",
	},
	{
	    .name = "nginx",
	    .synopsis = "render [--test] [--config FILE | --home D]\n"
			"       jqm nginx watch --config FILE",
	    .actions = "render watch",
	    .summary = "make nginx's configuration as the database wants it",
	    .run = cli_nginx,
	    .details =
		"  render         make it, and let nginx read it\n"
		"  watch          do so again and again, a second after a change, until ended\n"
		"  --test         only try whether nginx would take it\n"
		"  --config FILE  of a node that jqm up does not run: its nginx:directory; the\n"
		"                 database of its conninfo, as jqm_owner unless that names a role\n"
		"jqm up does by itself for its home what watch does\n",
	},
	{
	    .name = "secrets",
	    .synopsis = "keygen|next|switch FILE |\n               rotate|status|retire FILE "
			"[--home D | --config FILE]",
	    .actions = "keygen next switch rotate status retire",
	    .summary = "the keys of secret parameters, and their roll-over",
	    .run = cli_secrets,
	    .details =
		"  keygen   make a file with one key, for secrets:key_file of all programs\n"
		"  next     add a key that opens, not seals; then bring the file everywhere\n"
		"  switch   the last key seals from now on; then bring the file everywhere\n"
		"  rotate   seal with it what others sealed\n"
		"  status   how many values are sealed with it, and with others\n"
		"  retire   take the other keys out, once nothing is sealed with them\n",
	},
	{
	    .name = "pki",
	    .synopsis = "[list] | next | switch | retire ID [--config FILE | --home D]",
	    .actions = "list next switch retire",
	    .summary = "the roots of the certificate authority, and their roll-over",
	    .run = cli_pki,
	    .details =
		"  next     make the next root: it is trusted and published, and signs nothing\n"
		"  switch   it signs from now on; the last one is still trusted\n"
		"  retire   a root is not trusted any more, nor is what it signed\n",
	},
};
const size_t cli_verbs_len = sizeof(cli_verbs) / sizeof(cli_verbs[0]);

const struct cli_verb *
cli_verb_find(const char *name)
{
	for (size_t i = 0; i < cli_verbs_len; i++)
		if (strcmp(cli_verbs[i].name, name) == 0)
			return &cli_verbs[i];
	return NULL;
}
