/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verbs_configuration.c: verbs about what a cluster is made of: queues, definitions, accounts and the like. */
#include "cli/up.h"
#include "cli/verbs.h"
#include "cli/verbs_private.h"

#define CONFIGURATION "[list] | show|delete NAME | create|set NAME FIELD=VALUE..."
#define ACTIONS "list show create set delete"
#define FIELDS                                                                            \
	"Fields are those that show prints; lists are parted by commas, an empty value\n" \
	"takes away.  What somebody else changed meanwhile is not overwritten.\n"

static const struct cli_verb verbs[] = {
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
		"     definition set Hello attemptsMax=3 parameters=a=1,b=2\n"
		"     definition set Hello "
		"parameterTypes='[{\"key\":\"a\",\"type\":\"INTEGER\"}]'\n" FIELDS "\n"
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
};

const struct cli_verb_table cli_configuration_verbs = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
