/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_prolog.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "codec/xml_reader.h"

#define PROLOG_BYTES_MAX 512

/* The value of encoding="..." in the prolog (between from and end) into out: was there one? */
static bool
declared_encoding(const char *from, const char *end, char *out, size_t size)
{
	static const char word[] = "encoding";
	const char *at = memmem(from, (size_t)(end - from), word, sizeof(word) - 1);
	const char *close;

	if (at == NULL)
		return false;
	for (at += sizeof(word) - 1; at < end && *at != '"' && *at != '\''; at++)
		;
	if (at == end)
		return false;
	close = memchr(at + 1, *at, (size_t)(end - at - 1));
	if (close == NULL || (size_t)(close - at - 1) >= size)
		return false;
	memcpy(out, at + 1, (size_t)(close - at - 1));
	out[close - at - 1] = '\0';
	return true;
}

static bool
is_listed(const char *name, const char *const *list)
{
	while (*list != NULL && strcasecmp(name, *list) != 0)
		list++;
	return *list != NULL;
}

int
xml_declaration_check(const char *data, size_t len, enum xml_encodings encodings, size_t *len_out,
		      struct err *err)
{
	static const char *const bytes[] = { "UTF-8",        "UTF8",
					     "ISO-8859-1",   "ISO-8859-15",
					     "windows-1252", "US-ASCII",
					     "ASCII",        NULL };
	static const char *const utf_16[] = { "UTF-16", "UTF-16LE", "UTF-16BE", NULL };
	const char *end;
	char name[40] = "";

	*len_out = 0;
	if (len < 5 || memcmp(data, "<?xml", 5) != 0)
		return 0;
	end = memmem(data, len < PROLOG_BYTES_MAX ? len : PROLOG_BYTES_MAX, "?>", 2);
	if (end == NULL)
		return err_set(err, ERR_INVALID, "line 1: the XML declaration does not end");
	*len_out = (size_t)(end - data) + 2;
	if (memmem(data, (size_t)(end - data), "encoding", 8) == NULL)
		return 0;
	if (declared_encoding(data, end, name, sizeof(name)) &&
	    is_listed(name, encodings == XML_UTF_16 ? utf_16 : bytes))
		return 0;
	if (is_listed(name, bytes) || is_listed(name, utf_16))
		return err_set(err, ERR_INVALID,
			       "line 1: the document says that it is \"%s\", and is not", name);
	return err_set(err, ERR_INVALID, "line 1: this encoding is not supported: use UTF-8");
}

int
xml_prolog_check(const char *data, size_t len, struct err *err)
{
	size_t ignored;

	if (len == 0)
		return err_set(err, ERR_INVALID, "the document is empty");
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		data += 3;
		len -= 3;
	}
	if (memchr(data, '\0', len < 4 ? len : 4) != NULL ||
	    (len >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0)))
		return err_set(err, ERR_INVALID,
			       "the document is neither UTF-8 nor UTF-16: save it as UTF-8");
	if (len == 0 || strchr("< \t\r\n", data[0]) == NULL)
		return err_set(err, ERR_INVALID, "not XML: it does not start with \"<\"");
	return xml_declaration_check(data, len, XML_BYTES, &ignored, err);
}

/* The byte behind the next mark, or end. */
static const char *
behind(const char *at, const char *end, const char *mark)
{
	const char *found = memmem(at, (size_t)(end - at), mark, strlen(mark));

	return found == NULL ? end : found + strlen(mark);
}

/* From inside a start tag to behind its '>': the number of quoted values in it. */
static const char *
behind_tag(const char *at, const char *end, size_t *values_out)
{
	*values_out = 0;
	while (at < end && *at != '>') {
		if (*at != '"' && *at != '\'') {
			at++;
			continue;
		}
		at = memchr(at + 1, *at, (size_t)(end - at - 1));
		if (at == NULL)
			return end;
		at++;
		(*values_out)++;
	}
	return at;
}

int
xml_attributes_check(const char *data, size_t len, struct err *err)
{
	const char *at = data, *end = data + len;
	size_t values;

	while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
		size_t left = (size_t)(end - at);

		if (left >= 4 && memcmp(at, "<!--", 4) == 0) {
			at = behind(at + 4, end, "-->");
		} else if (left >= 9 && memcmp(at, "<![CDATA[", 9) == 0) {
			at = behind(at + 9, end, "]]>");
		} else if (left >= 2 && at[1] == '?') {
			at = behind(at + 2, end, "?>");
		} else {
			at = behind_tag(at + 1, end, &values);
			if (values > XML_ATTRIBUTES_MAX)
				return err_set(err, ERR_INVALID,
					       "an element has more than %d attributes",
					       XML_ATTRIBUTES_MAX);
		}
	}
	return 0;
}
