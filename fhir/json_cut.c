/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_cut.c -- walk checked text without a tree.  (L1)
 *
 * For text that json_scan passed and trimmed (and, json_origin apart, for no
 * other): members are cut out as they stand, so that digits and strings
 * survive byte for byte.
 */
#include "fhir/json_scan.h"

size_t
json_skip_string(struct bytes t, size_t i)
{
	for (i++; i < t.len && t.p[i] != '"'; i++)
		if (t.p[i] == '\\')
			i++;
	return i < t.len ? i + 1 : t.len;
}

/* Behind the value at i. */
static size_t
skip_value(struct bytes t, size_t i)
{
	size_t depth = 0;

	for (; i < t.len; ) {
		switch (t.p[i]) {
		case '"':
			i = json_skip_string(t, i);
			if (depth == 0)
				return i;
			continue;
		case '{': case '[':
			depth++;
			break;
		case '}': case ']':
			if (depth == 0)
				return i;	/* end of a bare word */
			if (--depth == 0)
				return i + 1;
			break;
		case ',':
			if (depth == 0)
				return i;
			break;
		default:
			break;
		}
		i++;
	}
	return i;
}

bool
json_next(struct bytes obj, size_t *at, struct json_member *out)
{
	size_t from = *at + 1, colon, end;	/* past "{" or "," */

	if (from >= obj.len || obj.p[from] != '"')
		return false;
	colon = json_skip_string(obj, from);
	end = skip_value(obj, colon + 1);
	out->name = bytes_sub(obj, from + 1, colon - from - 2);
	out->all = bytes_sub(obj, from, end - from);
	out->value = bytes_sub(obj, colon + 1, end - colon - 1);
	*at = end;
	return true;
}

bool
json_item(struct bytes list, size_t *at, struct bytes *out)
{
	size_t from = *at + 1, end;	/* past "[" or "," */

	if (from >= list.len || list.p[from] == ']')
		return false;
	end = skip_value(list, from);
	*out = bytes_sub(list, from, end - from);
	*at = end;
	return true;
}

bool
json_name_is(struct bytes name, const char *s)
{
	size_t i = 0;

	while (i < name.len && *s != '\0') {
		unsigned c = name.p[i++];

		if (c == '\\' && i + 5 <= name.len && name.p[i] == 'u') {
			c = json_hex4(name.p + i + 1);
			i += 5;
		}
		if (c != (uint8_t)*s++)
			return false;
	}
	return i == name.len && *s == '\0';
}

/* The member of an object, or "". */
static struct bytes
member(struct bytes obj, const char *name)
{
	struct json_member m;
	size_t at = 0;

	while (json_next(obj, &at, &m))
		if (json_name_is(m.name, name))
			return m.value;
	return bytes_of(NULL, 0);
}

bool
json_contained(struct bytes body, struct bytes id, struct bytes *out)
{
	struct bytes list = member(body, "contained"), one, its;
	size_t i = 1, end;

	while (i < list.len && list.p[i] == '{') {
		end = skip_value(list, i);
		one = bytes_sub(list, i, end - i);
		its = member(one, "id");
		if (its.len >= 2 &&
		    bytes_eq(bytes_sub(its, 1, its.len - 2), id)) {
			*out = one;
			return true;
		}
		i = end + 1;	/* past "," */
	}
	return false;
}

size_t
json_origin(struct bytes text, size_t at)
{
	size_t i = 0, seen = 0, end;

	while (i < text.len && seen < at) {
		uint8_t c = text.p[i];

		if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
			i++;
		} else if (c == '"') {
			end = json_skip_string(text, i);
			seen += end - i;
			i = end;
		} else {
			i++;
			seen++;
		}
	}
	return i;
}
