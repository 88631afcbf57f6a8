/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prim.c -- dates of any precision as spans of time.  (L1)
 *
 * Reading: DSTU2's pattern for dateTime has no second 60, no hour 24, and
 * offsets to 14:00; so have we.  The year 0000 does not exist in ISO 8601's
 * common use nor in XML Schema 1.0, which DSTU2 refers to.
 *
 * Spec: DSTU2 datatypes.html#date, #dateTime, #instant; search.html#date.
 */
#include "fhir/prim.h"

#define MS_SECOND	INT64_C(1000)
#define MS_MINUTE	(60 * MS_SECOND)
#define MS_HOUR		(60 * MS_MINUTE)
#define MS_DAY		(24 * MS_HOUR)

#define ZONE_MAX	840	/* minutes: 14:00 */

/* Exactly n digits at *i, their number between min and max. */
static bool
number(struct bytes t, size_t *i, size_t n, int min, int max, int *out)
{
	size_t k;
	int v = 0;

	if (t.len < *i + n)
		return false;
	for (k = 0; k < n; k++) {
		uint8_t c = t.p[*i + k];

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (c - '0');
	}
	if (v < min || v > max)
		return false;
	*i += n;
	*out = v;
	return true;
}

/* The byte c at *i, which is then passed. */
static bool
mark(struct bytes t, size_t *i, char c)
{
	if (*i >= t.len || t.p[*i] != (uint8_t)c)
		return false;
	(*i)++;
	return true;
}

/*
 * ".ddd": any number of digits.  Beyond milliseconds they are cut, and the
 * span is never shorter than one.
 */
static bool
fraction(struct bytes t, size_t *i, int64_t *ms, int64_t *unit)
{
	size_t from;

	if (!mark(t, i, '.'))
		return true;
	from = *i;
	for (; *i < t.len && t.p[*i] >= '0' && t.p[*i] <= '9'; (*i)++) {
		if (*unit == 1)
			continue;
		*unit /= 10;
		*ms += (t.p[*i] - '0') * *unit;
	}
	return *i > from;
}

/* "Z", "+hh:mm", "-hh:mm" or nothing; zone stays where there is nothing. */
static bool
offset(struct bytes t, size_t *i, int *zone)
{
	int hour, minute, sign;

	if (*i == t.len || mark(t, i, 'Z')) {
		if (*i > 0 && t.p[*i - 1] == 'Z')
			*zone = 0;
		return true;
	}
	sign = t.p[*i] == '-' ? -1 : 1;
	if (!mark(t, i, '+') && !mark(t, i, '-'))
		return false;
	if (!number(t, i, 2, 0, 14, &hour) || !mark(t, i, ':') ||
	    !number(t, i, 2, 0, 59, &minute) ||
	    hour * 60 + minute > ZONE_MAX)
		return false;
	*zone = sign * (hour * 60 + minute);
	return true;
}

/* What follows "T"; span->lo is midnight UTC of the day. */
static bool
clock_time(struct bytes t, size_t *i, int zone, struct span *span)
{
	int64_t unit = MS_MINUTE;
	int hour, minute, second = 0;
	int64_t ms = 0;

	if (!number(t, i, 2, 0, 23, &hour) || !mark(t, i, ':') ||
	    !number(t, i, 2, 0, 59, &minute))
		return false;
	if (mark(t, i, ':')) {
		unit = MS_SECOND;
		if (!number(t, i, 2, 0, 59, &second) ||
		    !fraction(t, i, &ms, &unit))
			return false;
	}
	if (!offset(t, i, &zone) || *i != t.len)
		return false;
	span->lo += hour * MS_HOUR + minute * MS_MINUTE +
	    second * MS_SECOND + ms - zone * MS_MINUTE;
	span->hi = span->lo + unit;
	return true;
}

static int64_t
midnight(int year, int month, int day)
{
	return clock_days(year, month, day) * MS_DAY;
}

enum err
prim_date(struct bytes text, int zone, struct span *out)
{
	int64_t shift = zone * MS_MINUTE;
	int year, month, day;
	struct span s;
	size_t i = 0;

	if (!number(text, &i, 4, 1, 9999, &year))
		return ERR_SYNTAX;
	if (i == text.len) {
		/* not midnight of year 10000: the calendar ends at 9999 */
		out->lo = midnight(year, 1, 1) - shift;
		out->hi = midnight(year, 12, 31) + MS_DAY - shift;
		return OK;
	}
	if (!mark(text, &i, '-') || !number(text, &i, 2, 1, 12, &month))
		return ERR_SYNTAX;
	if (i == text.len) {
		out->lo = midnight(year, month, 1) - shift;
		out->hi = out->lo + clock_month_days(year, month) * MS_DAY;
		return OK;
	}
	if (!mark(text, &i, '-') ||
	    !number(text, &i, 2, 1, clock_month_days(year, month), &day))
		return ERR_SYNTAX;
	s.lo = midnight(year, month, day);
	if (i == text.len) {
		out->lo = s.lo - shift;
		out->hi = out->lo + MS_DAY;
		return OK;
	}
	if (!mark(text, &i, 'T') || !clock_time(text, &i, zone, &s))
		return ERR_SYNTAX;
	*out = s;
	return OK;
}

struct span
prim_date_about(struct span s, struct instant now)
{
	int64_t slack = 0;

	if (now.ms < s.lo)
		slack = (s.lo - now.ms) / 10;
	else if (now.ms >= s.hi)
		slack = (now.ms - s.hi) / 10;
	if (s.lo != TIME_MIN)
		s.lo -= slack;
	if (s.hi != TIME_MAX)
		s.hi += slack;
	return s;
}
