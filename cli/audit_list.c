/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/api_client.h"
#include "cli/output.h"
#include "codec/docs.h"
#include "model/audit.h"
#include "model/memory.h"

#define PATH_BYTES ((size_t)8192)
#define FOLLOW_S 2
#define DATE_CHARS 19 /* "2026-01-31T10:20:30" */
#define CHANGES_SHOWN 3

void
audit_query_path(const struct audit_query *query, const char *path, struct buf *out)
{
	buf_puts(out, path);
	if (query->limit > 0)
		buf_printf(out, "?limit=%" PRId64 "%s", query->limit, buf_text(&query->filter));
	else if (query->filter.len > 0)
		buf_printf(out, "?%s", buf_text(&query->filter) + 1);
}

static const char *
who(const struct audit_entry *entry)
{
	if (entry->account != NULL)
		return entry->account;
	return entry->credential != NULL ? entry->database_user : "-";
}

static void
column(const char *text, size_t width)
{
	output_column(stdout, text == NULL ? "" : text, width);
	(void)putchar(' ');
}

static void
print_changes(const struct audit_change_list *changes)
{
	for (size_t i = 0; i < changes->len && i < CHANGES_SHOWN; i++) {
		const struct audit_change *change = &changes->items[i];

		(void)fputs(i == 0 ? "  " : ", ", stdout);
		output_text(stdout, change->field == NULL ? "" : change->field);
		if (change->after != NULL) {
			(void)putchar('=');
			output_text(stdout, change->after);
		}
	}
	if (changes->len > CHANGES_SHOWN)
		(void)fputs(", ...", stdout);
}

static void
print_entry(const struct audit_entry *entry)
{
	char date[DATE_CHARS + 1];

	(void)snprintf(date, sizeof(date), "%s", entry->at == NULL ? "" : entry->at);
	(void)printf("%8" PRId64 " ", entry->id);
	column(date, DATE_CHARS);
	column(who(entry), 14);
	column(entry->address, 15);
	column(entry->action, 14);
	column(entry->kind, 11);
	if (entry->object.set)
		(void)printf("%8" PRId64 " ", entry->object.value);
	else
		(void)printf("%8s ", "-");
	output_text(stdout, entry->name == NULL ? "" : entry->name);
	print_changes(&entry->changes);
	(void)putchar('\n');
}

static void
print_heading(void)
{
	(void)printf("%8s %-19s %-14s %-15s %-14s %-11s %8s %s\n", "ROW", "WHEN (UTC)", "WHO",
		     "FROM", "ACTION", "KIND", "OBJECT", "NAME");
}

static int
read_page(struct api *api, const struct audit_query *query, struct memory *memory,
	  struct audit_page *out, struct buf *json, struct err *err)
{
	struct buf path = BUF_INIT(PATH_BYTES);
	int rc;

	audit_query_path(query, "/ws/admin/audit", &path);
	rc = buf_check(&path, err);
	if (rc == 0)
		rc = api_get(api, buf_text(&path), &audit_page_doc, false, memory, out, json, err);
	buf_free(&path);
	return rc;
}

int
audit_list(struct api *api, const struct audit_query *query, bool json, struct err *err)
{
	struct buf document = BUF_INIT(API_DOCUMENT_MAX);
	struct audit_page page;
	struct pool pool;
	int rc;

	pool_init(&pool);
	rc = read_page(api, query, &pool.memory, &page, &document, err);
	if (rc == 0 && json) {
		output_document(stdout, buf_text(&document), document.len);
	} else if (rc == 0) {
		print_heading();
		for (size_t i = 0; i < page.entries.len; i++)
			print_entry(&page.entries.items[i]);
		if (page.next != NULL)
			(void)fputs(
			    "there may be older rows: --limit, --until or jqm audit export\n",
			    stderr);
	}
	pool_free(&pool);
	buf_free(&document);
	return rc;
}

/* The rows of a page that are newer than *last, oldest first. */
static void
print_new(const struct audit_page *page, int64_t shown_of_old, int64_t *last)
{
	int64_t old = *last;
	size_t len = page->entries.len;

	if (old > 0 && len == AUDIT_PAGE_MAX && page->entries.items[len - 1].id > old + 1)
		(void)fputs("more rows came than are shown here: jqm audit export has them\n",
			    stderr);
	for (size_t i = page->entries.len; i-- > 0;) {
		const struct audit_entry *entry = &page->entries.items[i];

		if (entry->id <= old)
			continue;
		if (old > 0 || (int64_t)i < shown_of_old)
			print_entry(entry);
		if (entry->id > *last)
			*last = entry->id;
	}
}

int
audit_follow(struct api *api, const struct audit_query *query, struct err *err)
{
	struct audit_query each = { query->filter, AUDIT_PAGE_MAX };
	int64_t last = 0;
	int rc = 0;

	print_heading();
	while (rc == 0) {
		struct audit_page page;
		struct pool pool;

		pool_init(&pool);
		rc = read_page(api, &each, &pool.memory, &page, NULL, err);
		if (rc == 0)
			print_new(&page, query->limit, &last);
		pool_free(&pool);
		if (fflush(stdout) != 0)
			break; /* cli_done() says it */
		if (rc == 0)
			(void)sleep(FOLLOW_S);
	}
	return rc;
}
