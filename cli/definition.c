/* SPDX-License-Identifier: Apache-2.0 */
/* cli/definition.c: jqm definition sign|verify|keygen|secret: the command line; list, show, set and the like are admin.c's. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/api_client.h"
#include "cli/args.h"
#include "cli/definition_order.h"
#include "cli/verbs.h"
#include "crypto/pki.h"
#include "crypto/signature.h"

static const struct {
	const char *word;
	int (*run)(struct definition_order *o, struct err *err);
} words[] = {
	{ "sign", definition_sign },
	{ "verify", definition_verify },
	{ "keygen", definition_keygen },
	{ "secret", definition_secret },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static size_t
word_of(const char *word)
{
	return args_choice(word, words, WORDS, sizeof(words[0]));
}

bool
cli_definition_has(const char *word)
{
	return word_of(word) < WORDS;
}

static int
check_words(const struct definition_order *o)
{
	struct cli *cli = o->cli;

	if (strcmp(o->word, "keygen") == 0) {
		if (o->n_names != 1)
			return cli_usage(cli, "the key goes into which file?");
		return o->key_file != NULL || o->trusted != NULL || o->xml_file != NULL || o->all ||
			       o->yes
			   ? cli_usage(cli, "keygen takes --passphrase-file and --force only")
			   : CLI_OK;
	}
	if (o->force)
		return cli_usage(cli, "--force is for keygen");
	if (strcmp(o->word, "secret") == 0)
		return o->n_names == 3
			   ? CLI_OK
			   : cli_usage(cli, "secret takes NAME KEY FILE, or none for FILE");
	if (strcmp(o->word, "verify") == 0)
		return o->trusted == NULL || o->key_file != NULL || o->yes
			   ? cli_usage(cli, "verify takes --trusted FILE|DIRECTORY")
			   : CLI_OK;
	if (o->key_file == NULL || o->trusted != NULL)
		return cli_usage(cli, "sign takes --key FILE");
	if (o->xml_file == NULL && o->all == (o->n_names > 0))
		return cli_usage(cli, "sign which ones?  NAME... or --all");
	return CLI_OK;
}

static void
take_option(struct definition_order *o, int option, const char *value)
{
	switch (option) {
	case 0:
		o->key_file = value;
		break;
	case 1:
		o->passphrase_file = value;
		break;
	case 2:
		o->trusted = value;
		break;
	case 3:
		o->xml_file = value;
		break;
	case 4:
		o->all = true;
		break;
	case 5:
		o->yes = true;
		break;
	default:
		o->force = true;
	}
}

static int
read_words(struct definition_order *o, int argc, char **argv, bool *stop)
{
	static const struct args_option options[] = {
		{ "key", 'k', true },     { "passphrase-file", 0, true },
		{ "trusted", 't', true }, { "file", 'f', true },
		{ "all", 0, false },      { "yes", 'y', false },
		{ "force", 0, false },
	};
	struct args args;
	int option;

	args_init(&args, o->cli, argc, argv, options, sizeof(options) / sizeof(options[0]));
	while ((option = args_next(&args)) != ARGS_END) {
		if (option == ARGS_STOP) {
			*stop = true;
			return args.exit_code;
		}
		if (option != ARGS_WORD)
			take_option(o, option, args.value);
		else if (o->n_names == DEFINITION_NAMES_MAX)
			return cli_usage(o->cli, "more than %d names", DEFINITION_NAMES_MAX);
		else
			o->names[o->n_names++] = args.value;
	}
	return CLI_OK;
}

int
cli_definition(struct cli *cli, int argc, char **argv)
{
	struct definition_order *o = calloc(1, sizeof(*o));
	struct err err = ERR_INIT;
	bool stop = false;
	int code;

	if (o == NULL)
		abort();
	o->cli = cli;
	o->word = argv[0];
	code = read_words(o, argc, argv, &stop);
	if (code == CLI_OK && !stop)
		code = check_words(o);
	if (code == CLI_OK && !stop) {
		pool_init(&o->pool);
		if (words[word_of(o->word)].run(o, &err) == -1)
			code = cli_fail(cli, &err);
		code = cli_done(cli, code);
		api_close(o->api);
		pki_key_free(o->key);
		signature_ring_free(o->ring);
		pool_free(&o->pool);
	}
	free(o);
	return code;
}
