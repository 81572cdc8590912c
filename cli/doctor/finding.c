/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor/finding.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "cli/output.h"
#include "codec/doc_json.h"

#define JSON_MAX_BYTES ((size_t)64 * 1024 * 1024)

static const char *const kinds[FINDING_KINDS] = { "ok", "note", "fixed", "wrong" };

void
findings_add(struct findings *findings, enum finding_kind kind, const char *check, const char *what,
	     const char *repair, char *why)
{
	if (findings->len == findings->size) {
		size_t size = findings->size == 0 ? 64 : findings->size * 2;
		struct finding *items = reallocarray(findings->items, size, sizeof(*items));

		if (items == NULL)
			abort();
		findings->items = items;
		findings->size = size;
	}
	findings->items[findings->len++] =
	    (struct finding){ kind, check, str_dup(what), why, str_dup(repair) };
	findings->count[kind]++;
}

void
findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->len; i++) {
		free(findings->items[i].what);
		free(findings->items[i].why);
		free(findings->items[i].repair);
	}
	free(findings->items);
	*findings = (struct findings){ 0 };
}

void
findings_print(const struct findings *findings, FILE *out)
{
	for (size_t i = 0; i < findings->len; i++) {
		const struct finding *finding = &findings->items[i];

		(void)fprintf(out, "%s: %s: ", kinds[finding->kind], finding->check);
		output_text(out, finding->what);
		(void)fputs(": ", out);
		output_text(out, finding->why);
		if (finding->repair != NULL) {
			(void)fputs(" (", out);
			output_text(out, finding->repair);
			(void)fputc(')', out);
		}
		(void)fputc('\n', out);
	}
	(void)fprintf(out, "%zu ok, %zu notes, %zu fixed, %zu wrong\n", findings->count[FINDING_OK],
		      findings->count[FINDING_NOTE], findings->count[FINDING_FIXED],
		      findings->count[FINDING_WRONG]);
}

void
findings_json(const struct findings *findings, const char *account, struct buf *out)
{
	buf_puts(out, "{\"account\":");
	doc_json_write_text(account, out);
	buf_puts(out, ",\"findings\":[");
	for (size_t i = 0; i < findings->len; i++) {
		const struct finding *finding = &findings->items[i];

		buf_printf(out, "%s{\"kind\":\"%s\",\"check\":\"%s\",\"what\":", i == 0 ? "" : ",",
			   kinds[finding->kind], finding->check);
		doc_json_write_text(finding->what, out);
		buf_puts(out, ",\"why\":");
		doc_json_write_text(finding->why, out);
		buf_puts(out, ",\"repair\":");
		doc_json_write_text(finding->repair, out);
		buf_putc(out, '}');
	}
	buf_printf(out, "],\"ok\":%zu,\"notes\":%zu,\"fixed\":%zu,\"wrong\":%zu}",
		   findings->count[FINDING_OK], findings->count[FINDING_NOTE],
		   findings->count[FINDING_FIXED], findings->count[FINDING_WRONG]);
}

void
findings_print_json(const struct findings *findings, const char *account, FILE *out)
{
	struct buf text = BUF_INIT(JSON_MAX_BYTES);

	findings_json(findings, account, &text);
	output_document(out, buf_text(&text), text.len);
	buf_free(&text);
}
