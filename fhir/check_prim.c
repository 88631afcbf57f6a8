/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_prim.c -- the forms of primitive values.  (L1)
 *
 * Reading: a uri has no white space nor control character and is otherwise
 * left alone: names of code systems in use are many and odd.  base64 may
 * have line breaks, as in XML.
 *
 * Spec: DSTU2 datatypes.html.
 */
#include "fhir/check_part.h"

#include "base/text.h"

#define INT_MAX_TEXT	2147483647u

/* --- numbers ------------------------------------------------------------- */

/* A whole number of at most 31 bits, from min on: -2147483648, 0 or 1. */
static bool
whole(struct bytes t, enum def_dt dt)
{
	bool		negative = t.len > 0 && t.p[0] == '-';
	uint64_t	n;

	if (!text_u64(negative ? bytes_from(t, 1) : t,
	    (uint64_t)INT_MAX_TEXT + negative, &n))
		return false;
	if (dt == DT_INTEGER)
		return true;
	return !negative && (dt == DT_UNSIGNEDINT || n > 0);
}

static const char *
wanted_number(enum def_dt dt)
{
	switch (dt) {
	case DT_INTEGER:
		return "a whole number of -2147483648..2147483647";
	case DT_UNSIGNEDINT:
		return "a whole number of 0..2147483647";
	default:
		return "a whole number of 1..2147483647";
	}
}

/* --- dates --------------------------------------------------------------- */

/* Seconds and a zone, which FHIR wants wherever there is a time. */
static bool
full_time(struct bytes t)
{
	uint8_t	c;

	if (t.len < 20 || t.p[16] != ':')
		return false;
	c = t.p[t.len - 1];
	if (c == 'Z')
		return true;
	c = t.p[t.len - 6];
	return c == '+' || c == '-';
}

static bool
date(struct bytes t, enum def_dt dt)
{
	struct span	s;

	if (prim_date(t, 0, &s) != OK)
		return false;
	if (dt == DT_DATE)
		return t.len <= 10;
	return (dt == DT_DATETIME && t.len <= 10) || full_time(t);
}

/* A time is a dateTime's, without day and zone. */
static bool
time_of_day(struct bytes t)
{
	uint8_t		text[64] = "2000-01-01T";
	struct span	s;

	if (t.len < 8 || t.len > sizeof(text) - 12 || t.p[5] != ':')
		return false;
	memcpy(text + 11, t.p, t.len);
	text[11 + t.len] = 'Z';
	return prim_date(bytes_of(text, 12 + t.len), 0, &s) == OK;
}

/* --- texts --------------------------------------------------------------- */

static bool
white(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* No white space but single blanks between. */
static bool
code(struct bytes t)
{
	for (size_t i = 0; i < t.len; i++)
		if (white(t.p[i]) && (t.p[i] != ' ' || i == 0 ||
		    i + 1 == t.len || t.p[i - 1] == ' '))
			return false;
	return true;
}

static bool
uri(struct bytes t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.p[i] <= ' ' || t.p[i] == 0x7f)
			return false;
	return true;
}

/* urn:oid: and numbers without leading zeros, a point between. */
static bool
oid(struct bytes t)
{
	struct bytes	one, rest;
	uint8_t		c;

	if (!bytes_starts(t, bytes_str("urn:oid:")))
		return false;
	rest = bytes_from(t, 8);
	do {
		bool	more = bytes_cut(rest, '.', &one, &rest);

		if (one.len == 0 || (one.len > 1 && one.p[0] == '0') ||
		    (more && rest.len == 0))
			return false;
		for (size_t i = 0; i < one.len; i++) {
			c = one.p[i];
			if (c < '0' || c > '9')
				return false;
		}
	} while (rest.len > 0);
	return true;
}

static bool
uuid(struct bytes t)
{
	static const char	form[] =
	    "urn:uuid:hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

	if (t.len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (form[i] == 'h' && i >= 9 ? text_hex_digit(t.p[i]) < 0 ||
		    (t.p[i] >= 'A' && t.p[i] <= 'F') :
		    t.p[i] != (uint8_t)form[i])
			return false;
	return true;
}

static bool
base64(struct bytes t)
{
	static const char	alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	bool			good[256] = { false };
	size_t			n = 0, pad = 0;

	for (size_t i = 0; i < sizeof(alphabet) - 1; i++)
		good[(uint8_t)alphabet[i]] = true;
	for (size_t i = 0; i < t.len; i++) {
		if (white(t.p[i]))
			continue;
		if (t.p[i] == '=')
			pad++;
		else if (!good[t.p[i]] || pad > 0)
			return false;
		n++;
	}
	return n > 0 && n % 4 == 0 && pad <= 2;
}

/* --- all ----------------------------------------------------------------- */

/* NULL, or what a text of this type looks like. */
static const char *
wanted_text(enum def_dt dt, struct bytes t)
{
	switch (dt) {
	case DT_CODE:
		return code(t) ? NULL : "a code: no blanks at its ends, and "
		    "single ones between";
	case DT_ID:
		return json_id_ok(t) ? NULL :
		    "an id: 1 to 64 of A-Z a-z 0-9 - .";
	case DT_URI:
		return uri(t) ? NULL : "a uri: no white space";
	case DT_OID:
		return oid(t) ? NULL : "an oid: urn:oid:1.2.3";
	case DT_UUID:
		return uuid(t) ? NULL : "a uuid: urn:uuid: and lower case "
		    "hexadecimal digits in 8-4-4-4-12";
	case DT_BASE64:
		return base64(t) ? NULL : "base64: A-Z a-z 0-9 + / in fours, "
		    "filled up with =";
	case DT_DATE:
		return date(t, dt) ? NULL : "a date: YYYY, YYYY-MM or "
		    "YYYY-MM-DD, and one of the calendar";
	case DT_DATETIME:
		return date(t, dt) ? NULL : "a dateTime: YYYY, YYYY-MM, "
		    "YYYY-MM-DD or YYYY-MM-DDThh:mm:ss and a zone "
		    "(Z or +hh:mm)";
	case DT_INSTANT:
		return date(t, dt) ? NULL : "an instant: "
		    "YYYY-MM-DDThh:mm:ss and a zone (Z or +hh:mm)";
	case DT_TIME:
		return time_of_day(t) ? NULL :
		    "a time: hh:mm:ss, without a zone";
	default:
		return t.len <= CHECK_STRING ? NULL :
		    "a string of at most 1 MB";
	}
}

static void
check_number(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, const json_t *v)
{
	if (!json_is_num(v))
		check_fault(w, F_TYPE, at, "%s where a number belongs%s: %s",
		    check_kind(v), json_is_string(v) ?
		    " (write it without quotes)" : "", def_dt_name(e->dt));
	else if (e->dt != DT_DECIMAL && !whole(json_text(v), e->dt))
		check_form(w, e->dt, at, wanted_number(e->dt));
}

static void
check_text(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, const json_t *v)
{
	const char	*want;

	if (!json_is_string(v) || json_is_num(v)) {
		check_fault(w, F_TYPE, at, "%s where a string belongs: %s",
		    check_kind(v), def_dt_name(e->dt));
		return;
	}
	if (e->dt == DT_XHTML) {
		check_narrative(w, at, json_text(v));
		return;
	}
	want = wanted_text(e->dt, json_text(v));
	if (want != NULL)
		check_form(w, e->dt, at, want);
	else if (e->binding != 0)
		check_bind(w, e, at, v);
}

void
check_prim(struct check_walk *w, const struct def_elem *e,
    const struct spot *at, const json_t *v)
{
	switch (e->dt) {
	case DT_BOOLEAN:
		if (!json_is_boolean(v))
			check_fault(w, F_TYPE, at, "%s where true or false "
			    "belongs%s", check_kind(v), json_is_string(v) &&
			    !json_is_num(v) ? ": write it without quotes" :
			    "");
		break;
	case DT_INTEGER:
	case DT_UNSIGNEDINT:
	case DT_POSITIVEINT:
	case DT_DECIMAL:
		check_number(w, e, at, v);
		break;
	default:
		check_text(w, e, at, v);
		break;
	}
}
