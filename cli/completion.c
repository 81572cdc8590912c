/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/completion.c: what a shell needs to complete a command line, made from the table of verbs: their names, their
 * actions, and the options that their help names.  Nothing asks a server: completing is quick and needs no account.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/verbs.h"

#define WORD_SIZE 40

/* Options of every verb. */
#define COMMON "--config --help --home --json"

/* What an option is followed by. */
enum follows { FOLLOWS_NOTHING, FOLLOWS_WORD, FOLLOWS_FILE, FOLLOWS_DIRECTORY };

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* "FILE", "F", "DESCRIPTOR": files; "D", "DIRECTORY": directories; in capitals anything else: a word. */
static enum follows
what_follows(const char *text)
{
	static const char *const files[] = { "FILE", "F", "DESCRIPTOR" };
	size_t len;

	if (*text != ' ')
		return FOLLOWS_NOTHING;
	text++;
	len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (len == 0 || is_name(text[len]))
		return FOLLOWS_NOTHING;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strlen(files[i]) == len && strncmp(text, files[i], len) == 0)
			return FOLLOWS_FILE;
	if (len == 1 && text[0] == 'D')
		return FOLLOWS_DIRECTORY;
	/* "-o FILE|DIRECTORY|-" was a file above. */
	return FOLLOWS_WORD;
}

/* One option as help names it: "-o, --output FILE". */
struct option {
	char word[WORD_SIZE];
	char letter; /* 0: none */
	enum follows follows;
};

/* The next "--option" of *text, *text behind it: true, or false when there is none. */
static bool
next_option(const char **text, struct option *out)
{
	const char *at = *text;
	size_t len;

	for (; (at = strstr(at, "--")) != NULL; at += len) {
		len = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz0123456789-");
		/* None is in the middle of a word, and none is "--" alone. */
		if (len < 3 || len >= WORD_SIZE || (at > *text && is_name(at[-1])))
			continue;
		memcpy(out->word, at, len);
		out->word[len] = '\0';
		out->follows = what_follows(at + len);
		out->letter = 0;
		if (at - *text >= 4 && at[-4] == '-' && at[-2] == ',' && at[-1] == ' ')
			out->letter = at[-3];
		*text = at + len;
		return true;
	}
	return false;
}

/* Does text, a list of words parted by blanks, have the word? */
static bool
has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	while ((text = strstr(text, word)) != NULL) {
		if (text[len] == ' ' || text[len] == '\0')
			return true;
		text += len;
	}
	return false;
}

/* The options of a verb, each once, that are followed by that (or any), each behind a blank. */
static void
put_options(const struct cli_verb *verb, bool any, enum follows wanted)
{
	char seen[2000] = COMMON;
	const char *const texts[] = { verb->synopsis, verb->details };
	size_t used = strlen(seen);

	for (size_t i = 0; i < 2; i++) {
		const char *at = texts[i];
		struct option option;

		while (at != NULL && next_option(&at, &option)) {
			if (has_word(seen, option.word) || used + WORD_SIZE + 1 > sizeof(seen) ||
			    (!any && option.follows != wanted))
				continue;
			used +=
			    (size_t)snprintf(seen + used, sizeof(seen) - used, " %s", option.word);
			(void)printf(" %s", option.word);
			if (!any && option.letter != 0)
				(void)printf(" -%c", option.letter);
		}
	}
}

/* Text within single quotes of a shell. */
static void
put_quoted(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\'')
			(void)fputs("'\\''", stdout);
		else
			(void)putchar(*text);
}

/* The options of all verbs that are followed by that, the common ones left out. */
static void
put_path_options(enum follows wanted)
{
	const struct cli_verb *verb;

	for (size_t i = 0; (verb = cli_verb_nth(i)) != NULL; i++)
		put_options(verb, false, wanted);
}

static void
put_lists(void)
{
	const struct cli_verb *verb;

	(void)printf("\tcommon='" COMMON "'\n\tfiles='--config");
	put_path_options(FOLLOWS_FILE);
	(void)printf(" '\n\tdirectories='--home");
	put_path_options(FOLLOWS_DIRECTORY);
	(void)printf(" '\n\tvalues='");
	put_path_options(FOLLOWS_WORD);
	(void)printf(" '\n\tcase $verb in\n\t'') offer='--version");
	for (size_t i = 0; (verb = cli_verb_nth(i)) != NULL; i++)
		(void)printf(" %s", verb->name);
	(void)printf("' ;;\n\thelp) offer='");
	for (size_t i = 0; (verb = cli_verb_nth(i)) != NULL; i++)
		(void)printf("%s ", verb->name);
	(void)printf("' ;;\n");
	for (size_t i = 0; (verb = cli_verb_nth(i)) != NULL; i++) {
		if (strcmp(verb->name, "help") == 0)
			continue;
		(void)printf("\t%s) offer='", verb->name);
		put_options(verb, true, FOLLOWS_NOTHING);
		(void)printf("' actions='%s' ;;\n", verb->actions == NULL ? "" : verb->actions);
	}
	(void)printf("\tesac\n");
}

/*
 * The words before the one that is typed say which verb it is, and whether it has its action already; the one just before,
 * whether a file is wanted.
 */
static void
put_bash(void)
{
	(void)printf("# bash completion of jqm; made by: jqm completion bash\n"
		     "_jqm() {\n"
		     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		     "\tlocal verb= action= i offer= actions= common files directories values\n"
		     "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		     "\t\tcase ${COMP_WORDS[i]} in\n"
		     "\t\t--config | --home) ((i++)) ;;\n"
		     "\t\t-*) ;;\n"
		     "\t\t*) if [ -z \"$verb\" ]; then verb=${COMP_WORDS[i]}; else "
		     "action=${COMP_WORDS[i]}; fi ;;\n"
		     "\t\tesac\n"
		     "\tdone\n");
	put_lists();
	(void)printf(
	    "\tCOMPREPLY=()\n"
	    "\tcase \" $files \" in *\" $prev \"*)\n"
	    "\t\tcompopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return "
	    ";;\n"
	    "\tesac\n"
	    "\tcase \" $directories \" in *\" $prev \"*)\n"
	    "\t\tcompopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return "
	    ";;\n"
	    "\tesac\n"
	    "\tcase \" $values \" in *\" $prev \"*) return ;; esac\n"
	    "\tcase $cur in\n"
	    "\t-*) offer=\"$offer $common\" ;;\n"
	    "\t*)\n"
	    "\t\tcase $verb in import | sign) compopt -o filenames; mapfile -t COMPREPLY < "
	    "<(compgen -f -- \"$cur\"); return ;; esac\n"
	    "\t\tif [ -n \"$verb\" ] && [ \"$verb\" != help ]; then\n"
	    "\t\t\tif [ -z \"$action\" ]; then offer=$actions; else offer=; fi\n"
	    "\t\tfi ;;\n"
	    "\tesac\n"
	    "\tmapfile -t COMPREPLY < <(compgen -W \"$offer\" -- \"$cur\")\n"
	    "}\n"
	    "complete -F _jqm jqm\n");
}

static void
put_zsh(void)
{
	const struct cli_verb *verb;

	(void)printf("#compdef jqm\n"
		     "# zsh completion of jqm; made by: jqm completion zsh\n"
		     "_jqm() {\n"
		     "\tlocal cur=${words[CURRENT]} prev=${words[CURRENT-1]}\n"
		     "\tlocal -a line=(\"${words[@]}\") verbs\n"
		     "\tlocal verb= action= i offer= actions= common files directories values\n"
		     "\tfor ((i = 2; i < CURRENT; i++)); do\n"
		     "\t\tcase ${line[i]} in\n"
		     "\t\t--config | --home) ((i++)) ;;\n"
		     "\t\t-*) ;;\n"
		     "\t\t*) if [ -z \"$verb\" ]; then verb=${line[i]}; else action=${line[i]}; fi "
		     ";;\n"
		     "\t\tesac\n"
		     "\tdone\n");
	put_lists();
	(void)printf("\tverbs=(\n");
	for (size_t i = 0; (verb = cli_verb_nth(i)) != NULL; i++) {
		(void)printf("\t\t'%s:", verb->name);
		put_quoted(verb->summary);
		(void)printf("'\n");
	}
	(void)printf("\t)\n"
		     "\tcase \" $files \" in *\" $prev \"*) _files; return ;; esac\n"
		     "\tcase \" $directories \" in *\" $prev \"*) _files -/; return ;; esac\n"
		     "\tcase \" $values \" in *\" $prev \"*) return 1 ;; esac\n"
		     "\tif [[ $cur == -* ]]; then\n"
		     "\t\tcompadd -- ${=offer} ${=common}\n"
		     "\telif [[ -z $verb || $verb == help ]]; then\n"
		     "\t\t_describe verb verbs\n"
		     "\telif [[ $verb == import || $verb == sign ]]; then\n"
		     "\t\t_files\n"
		     "\telif [[ -z $action ]]; then\n"
		     "\t\tcompadd -- ${=actions}\n"
		     "\tfi\n"
		     "}\n"
		     "_jqm \"$@\"\n");
}

int
cli_completion(struct cli *cli, int argc, char **argv)
{
	const char *shell = NULL;
	int code = CLI_OK;

	if (args_words(cli, argc, argv, &shell, 1, &code) == -1)
		return code;
	if (shell != NULL && strcmp(shell, "bash") == 0)
		put_bash();
	else if (shell != NULL && strcmp(shell, "zsh") == 0)
		put_zsh();
	else
		return cli_usage(cli, "which shell?  bash and zsh are known");
	return CLI_OK;
}
