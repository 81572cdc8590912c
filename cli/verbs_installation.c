/* SPDX-License-Identifier: Apache-2.0 */
/* cli/verbs_installation.c: verbs for the server itself: what is started, set up and looked after there. */
#include "cli/up.h"
#include "cli/verbs_private.h"

static const struct cli_verb verbs[] = {
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
	    .synopsis = "[--fix] [--report] [--home D | --config FILE]",
	    .summary = "look whether an installation is as safe and well as it should be",
	    .run = cli_doctor,
	    .details =
		"  --fix      set owner and mode of what is too open; nothing else is changed,\n"
		"             and nothing outside the installation.  Owners only root can change\n"
		"  --report   tell the database, too, where the console shows it: in the place\n"
		"             of what this node reported last\n"
		"\n"
		"A line for each thing: ok, note (worth knowing), fixed, or wrong, with what,\n"
		"why, and what mends it.  Started by root it looks at files as root and at all\n"
		"else as the account of the installation ($JQM_ACCOUNT, else who owns the home\n"
		"or the configuration file, else jqm).\n"
		"\n"
		"Exit codes: 0 nothing is wrong, or it is mended; 1 something is wrong;\n"
		"2 it could not be looked at, or not be reported, or the command line is wrong.\n",
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

const struct cli_verb_table cli_installation_verbs = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
