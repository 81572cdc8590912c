/* SPDX-License-Identifier: Apache-2.0 */
#include "model/job_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

int64_t
job_limit(int64_t of_definition, int64_t otherwise)
{
	return of_definition >= 0 ? of_definition : otherwise;
}

/* Every text of an order, once, for init and free. */
static const size_t texts[] = {
	offsetof(struct job_order, instruction),
	offsetof(struct job_order, instruction_by),
	offsetof(struct job_order, queue_name),
	offsetof(struct job_order, definition_name),
	offsetof(struct job_order, path),
	offsetof(struct job_order, path_type),
	offsetof(struct job_order, definition_module),
	offsetof(struct job_order, definition_keyword[0]),
	offsetof(struct job_order, definition_keyword[1]),
	offsetof(struct job_order, definition_keyword[2]),
	offsetof(struct job_order, module),
	offsetof(struct job_order, keyword[0]),
	offsetof(struct job_order, keyword[1]),
	offsetof(struct job_order, keyword[2]),
	offsetof(struct job_order, user_name),
	offsetof(struct job_order, trace_id),
	offsetof(struct job_order, items),
	offsetof(struct job_order, items_name),
	offsetof(struct job_order, working_directory),
	offsetof(struct job_order, signature),
	offsetof(struct job_order, run_as),
	offsetof(struct job_order, token),
};

static char **
text_at(struct job_order *order, size_t i)
{
	return (char **)(void *)((char *)order + texts[i]);
}

void
job_order_init(struct job_order *order, int64_t id, int32_t attempt)
{
	memset(order, 0, sizeof(*order));
	order->id = id;
	order->attempt = attempt;
	order->consumption = 1;
	order->limits = (struct job_limits){ -1, -1, -1, -1, -1, -1, -1, -1, -1 };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*text_at(order, i) = str_dup("");
}

static void
free_parameters(struct job_order *order)
{
	for (size_t i = 0; i < order->n_parameters; i++) {
		struct job_parameter *p = &order->parameters[i];

		free(p->key);
		if (p->secret)
			str_forget(p->value);
		else
			free(p->value);
	}
	free(order->parameters);
	order->parameters = NULL;
	order->n_parameters = 0;
}

/* len hexadecimal digits as a text; NULL when they are no text. */
static char *
unhex_text(const char *hex, size_t len)
{
	char *text = malloc(len / 2 + 1);

	if (text == NULL)
		abort();
	if (str_unhex_text(text, hex, len) == 0)
		return text;
	free(text);
	return NULL;
}

int
job_order_read_parameters(struct job_order *order, const char *hex, struct err *err)
{
	size_t n = hex[0] != '\0';

	for (const char *c = hex; *c != '\0'; c++)
		n += *c == ' ';
	order->parameters = calloc(n + 1, sizeof(order->parameters[0]));
	if (order->parameters == NULL)
		abort();
	for (const char *pair = hex; order->n_parameters < n; pair += strcspn(pair, " ") + 1) {
		size_t len = strcspn(pair, " ");
		size_t key_len = strcspn(pair, "=~ ");
		struct job_parameter *p = &order->parameters[order->n_parameters++];

		if (key_len == len)
			goto bad;
		p->secret = pair[key_len] == '~';
		p->key = unhex_text(pair, key_len);
		p->value = unhex_text(pair + key_len + 1, len - key_len - 1);
		if (p->key == NULL || p->value == NULL)
			goto bad;
	}
	return 0;

bad:
	free_parameters(order);
	return err_set(err, ERR_INVALID, "cannot read the parameters of job instance %lld",
		       (long long)order->id);
}

void
job_order_free(struct job_order *order)
{
	str_forget(order->token);
	order->token = NULL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		free(*text_at(order, i));
		*text_at(order, i) = NULL;
	}
	free_parameters(order);
}
