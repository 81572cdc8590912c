/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/err.h"
#include "base/fd.h"

#define DIRECTORY "/usr/share/zoneinfo"
#define LOCALTIME "/etc/localtime"
#define FILE_BYTES_MAX (1 << 20)
#define HEADER_LEN 44
#define TYPE_LEN 6 /* offset, is it summer time, index of its abbreviation */

/*
 * transitions[i] begins a stretch with offsets[i + 1]; offsets[0] holds before the first.  The rule, if
 * there is one, takes over at the last transition.
 */
struct time_zone {
	size_t len;
	int64_t *transitions;
	int32_t *offsets;
	bool has_rule;
	struct zone_rule rule;
};

/* --- a file --- */

/* What is left to be read. */
struct bytes {
	const unsigned char *at;
	size_t left;
};

/* The numbers of a header, in the order of the file. */
struct counts {
	size_t ut, standard, leap, time, type, chars;
};

static uint32_t
number32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t
number64(const unsigned char *at)
{
	return (int64_t)((uint64_t)number32(at) << 32 | number32(at + 4));
}

static bool
take_header(struct bytes *bytes, char *version, struct counts *counts)
{
	const unsigned char *at = bytes->at;

	if (bytes->left < HEADER_LEN || memcmp(at, "TZif", 4) != 0)
		return false;
	*version = (char)at[4];
	*counts = (struct counts){ number32(at + 20), number32(at + 24), number32(at + 28),
				   number32(at + 32), number32(at + 36), number32(at + 40) };
	bytes->at += HEADER_LEN;
	bytes->left -= HEADER_LEN;
	return true;
}

/* Bytes of the block behind a header whose times have time_size bytes. */
static size_t
block_len(const struct counts *counts, size_t time_size)
{
	return counts->time * (time_size + 1) + counts->type * TYPE_LEN + counts->chars +
	       counts->leap * (time_size + 4) + counts->standard + counts->ut;
}

static bool
skip(struct bytes *bytes, size_t len)
{
	if (bytes->left < len)
		return false;
	bytes->at += len;
	bytes->left -= len;
	return true;
}

/* The block behind a header into zone. */
static bool
take_block(struct bytes *bytes, const struct counts *counts, size_t time_size,
	   struct time_zone *zone)
{
	const unsigned char *times = bytes->at, *indexes, *types;

	if (counts->type == 0 || counts->type > 256 || counts->leap > 0 ||
	    !skip(bytes, block_len(counts, time_size)))
		return false;
	indexes = times + counts->time * time_size;
	types = indexes + counts->time;
	zone->transitions = calloc(counts->time + 1, sizeof(zone->transitions[0]));
	zone->offsets = calloc(counts->time + 1, sizeof(zone->offsets[0]));
	if (zone->transitions == NULL || zone->offsets == NULL)
		abort();
	zone->len = counts->time;
	for (size_t i = 0; i <= zone->len; i++) {
		size_t type = i == 0 ? 0 : indexes[i - 1];
		int32_t offset;

		if (type >= counts->type)
			return false;
		offset = (int32_t)number32(types + type * TYPE_LEN);
		if (offset < -ZONE_OFFSET_MAX_S || offset > ZONE_OFFSET_MAX_S)
			return false;
		zone->offsets[i] = offset;
	}
	for (size_t i = 0; i < zone->len; i++) {
		zone->transitions[i] =
		    time_size == 8 ? number64(times + i * 8) : (int32_t)number32(times + i * 4);
		if (i > 0 && zone->transitions[i] <= zone->transitions[i - 1])
			return false;
	}
	return true;
}

/* The line behind the second block: "\nCET-1CEST,M3.5.0,M10.5.0/3\n"; an empty one is no rule. */
static bool
take_rule(struct bytes *bytes, struct time_zone *zone)
{
	char text[100];
	const unsigned char *end;

	if (bytes->left < 2 || bytes->at[0] != '\n' ||
	    (end = memchr(bytes->at + 1, '\n', bytes->left - 1)) == NULL ||
	    (size_t)(end - bytes->at) > sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", (int)(end - bytes->at - 1),
		       (const char *)bytes->at + 1);
	zone->has_rule = text[0] != '\0';
	return !zone->has_rule || zone_rule_parse(text, &zone->rule) == 0;
}

struct time_zone *
time_zone_parse(const char *name, const void *data, size_t len, struct err *err)
{
	struct time_zone *zone = calloc(1, sizeof(*zone));
	struct bytes bytes = { data, len };
	struct counts counts = { 0 };
	char version = '\0';
	bool good;

	if (zone == NULL)
		abort();
	good = take_header(&bytes, &version, &counts);
	if (good && version == '\0')
		good = take_block(&bytes, &counts, 4, zone);
	else if (good)
		good = skip(&bytes, block_len(&counts, 4)) &&
		       take_header(&bytes, &version, &counts) &&
		       take_block(&bytes, &counts, 8, zone) && take_rule(&bytes, zone);
	if (good)
		return zone;
	if (counts.leap > 0)
		(void)err_set(err, ERR_INVALID, "time zone \"%s\" counts leap seconds", name);
	else
		(void)err_set(err, ERR_INVALID, "there is no time zone \"%s\"", name);
	time_zone_free(zone);
	return NULL;
}

void
time_zone_free(struct time_zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->transitions);
	free(zone->offsets);
	free(zone);
}

/* --- finding it --- */

static struct time_zone *
load_file(const char *name, const char *path, struct err *err)
{
	struct buf buf = BUF_INIT(FILE_BYTES_MAX);
	struct err why = ERR_INIT;
	struct time_zone *zone = NULL;

	if (fd_read_file(path, &buf, &why) == -1)
		(void)err_set(err, ERR_INVALID, "there is no time zone \"%s\"", name);
	else
		zone = time_zone_parse(name, buf_text(&buf), buf.len, err);
	buf_free(&buf);
	return zone;
}

/* Letters, digits, "+", "-" and "_", parted by single slashes: no name leads out of the directory. */
static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= TIME_ZONE_NAME_MAX && name[0] != '/' && name[len - 1] != '/' &&
	       strstr(name, "//") == NULL &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_/") ==
		   len;
}

static struct time_zone *
load_named(const char *name, struct err *err)
{
	char path[sizeof(DIRECTORY) + 1 + TIME_ZONE_NAME_MAX];

	if (!is_name(name)) {
		(void)err_set(err, ERR_INVALID, "there is no time zone \"%.*s\"",
			      TIME_ZONE_NAME_MAX, name);
		return NULL;
	}
	(void)snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	return load_file(name, path, err);
}

/* As libc takes it: ":name", "name", "/a/file", or a rule; what is none of these is UTC. */
static struct time_zone *
load_system(void)
{
	static const char utc[] = "UTC0";
	const char *tz = getenv("TZ");
	struct err ignored = ERR_INIT;
	struct time_zone *zone;

	if (tz != NULL && tz[0] == ':')
		tz++;
	if (tz == NULL)
		zone = load_file("", LOCALTIME, &ignored);
	else
		zone = tz[0] == '/' ? load_file(tz, tz, &ignored) : load_named(tz, &ignored);
	if (zone != NULL)
		return zone;
	zone = calloc(1, sizeof(*zone));
	if (zone == NULL || (zone->offsets = calloc(1, sizeof(zone->offsets[0]))) == NULL)
		abort();
	zone->has_rule = true;
	if (tz == NULL || zone_rule_parse(tz, &zone->rule) == -1)
		(void)zone_rule_parse(utc, &zone->rule);
	return zone;
}

struct time_zone *
time_zone_load(const char *name, struct err *err)
{
	return name[0] == '\0' ? load_system() : load_named(name, err);
}

/* --- asking it --- */

/* How many transitions are at or before at_s. */
static size_t
transitions_until(const struct time_zone *zone, int64_t at_s)
{
	size_t low = 0, high = zone->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->transitions[middle] <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
time_zone_period(const struct time_zone *zone, int64_t at_s, struct zone_period *out)
{
	size_t n = transitions_until(zone, at_s);
	int64_t begin_s = n == 0 ? INT64_MIN : zone->transitions[n - 1];

	if (n == zone->len && zone->has_rule) {
		zone_rule_period(&zone->rule, at_s, out);
		if (out->begin_s < begin_s)
			out->begin_s = begin_s;
		return;
	}
	*out = (struct zone_period){ begin_s, n == zone->len ? INT64_MAX : zone->transitions[n],
				     zone->offsets[n] };
}

void
time_zone_text(const struct time_zone *zone, int64_t at_s, char out[CLOCK_TEXT_SIZE])
{
	char local[CLOCK_TEXT_SIZE];
	struct zone_period period;
	int minutes;

	time_zone_period(zone, at_s, &period);
	minutes = (int)(period.offset_s < 0 ? -period.offset_s : period.offset_s) / 60;
	clock_rfc3339(local, (at_s + period.offset_s) * 1000000);
	local[strcspn(local, ".")] = '\0';
	if (snprintf(out, CLOCK_TEXT_SIZE, "%s%c%02d:%02d", local, period.offset_s < 0 ? '-' : '+',
		     minutes / 60, minutes % 60) < 0)
		out[0] = '\0';
}
