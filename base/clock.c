/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c -- the calendar and its two spellings.  (L0)
 *
 * Proleptic Gregorian, UTC, no leap seconds, years 1 to 9999: an instant
 * outside is written as the nearest one inside.  Refuses local time.
 */
#include "base/clock.h"

#include <time.h>

#include "base/text.h"

#define DAY_MS		INT64_C(86400000)
#define FIRST_MS	INT64_C(-62135596800000)  /* 0001-01-01T00:00:00 */
#define LAST_MS		INT64_C(253402300799999)  /* 9999-12-31T23:59:59.999 */

struct civil {
	int	year, month, day, hour, minute, second, ms, weekday;
};

static const char days[7][4] = {
	"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
};

static const char months[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
	"Nov", "Dec"
};

static int64_t
read_us(clockid_t id)
{
	struct timespec	ts = { 0 };

	(void)clock_gettime(id, &ts);	/* cannot fail for the ids used here */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct instant
clock_now(void)
{
	return (struct instant){ .ms = read_us(CLOCK_REALTIME) / 1000 };
}

int64_t
clock_mono(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_cpu(void)
{
	return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

/*
 * The year is turned to begin in March, so that the leap day is its last;
 * 400 years are an era of 146,097 days; 719,468 days lie between 0000-03-01
 * and 1970-01-01.
 */
int64_t
clock_days(int year, int month, int day)
{
	int64_t	y = year - (month <= 2);
	int64_t	era = (y >= 0 ? y : y - 399) / 400;
	int64_t	yoe = y - era * 400;
	int64_t	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

int
clock_month_days(int year, int month)
{
	static const int	len[12] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool	leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12)
		return 0;
	return len[month - 1] + (month == 2 && leap);
}

/* The inverse of clock_days, by the same turned year. */
static struct civil
civil_of(struct instant t)
{
	int64_t		ms = t.ms < FIRST_MS ? FIRST_MS :
			    t.ms > LAST_MS ? LAST_MS : t.ms;
	int64_t		day = (ms - FIRST_MS) / DAY_MS + FIRST_MS / DAY_MS;
	int64_t		rest = ms - day * DAY_MS;
	int64_t		z = day + 719468;
	int64_t		era = z / 146097;	/* z > 0 from year 1 on */
	int64_t		doe = z - era * 146097;
	int64_t		yoe, doy, m;

	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	m = (5 * doy + 2) / 153;
	return (struct civil){
		.year = (int)(yoe + era * 400 + (m >= 10)),
		.month = (int)(m < 10 ? m + 3 : m - 9),
		.day = (int)(doy - (153 * m + 2) / 5 + 1),
		.hour = (int)(rest / 3600000),
		.minute = (int)(rest / 60000 % 60),
		.second = (int)(rest / 1000 % 60),
		.ms = (int)(rest % 1000),
		.weekday = (int)((z + 3) % 7),	/* 0000-03-01: a Wednesday */
	};
}

/* v in n decimal digits at p, with leading zeros. */
static void
put_num(char *p, int v, int n)
{
	while (n-- > 0) {
		p[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

void
clock_iso(struct instant t, char out[static INSTANT_LEN])
{
	struct civil	c = civil_of(t);

	memcpy(out, "0000-00-00T00:00:00.000Z", INSTANT_LEN);
	put_num(out, c.year, 4);
	put_num(out + 5, c.month, 2);
	put_num(out + 8, c.day, 2);
	put_num(out + 11, c.hour, 2);
	put_num(out + 14, c.minute, 2);
	put_num(out + 17, c.second, 2);
	put_num(out + 20, c.ms, 3);
}

void
clock_http(struct instant t, char out[static HTTPDATE_LEN])
{
	struct civil	c = civil_of(t);

	memcpy(out, "Day, 00 Mon 0000 00:00:00 GMT", HTTPDATE_LEN);
	memcpy(out, days[c.weekday], 3);
	memcpy(out + 8, months[c.month - 1], 3);
	put_num(out + 5, c.day, 2);
	put_num(out + 12, c.year, 4);
	put_num(out + 17, c.hour, 2);
	put_num(out + 20, c.minute, 2);
	put_num(out + 23, c.second, 2);
}

static bool
get_num(struct bytes in, size_t from, size_t n, uint64_t max, int *out)
{
	uint64_t	v;

	if (!text_u64(bytes_sub(in, from, n), max, &v))
		return false;
	*out = (int)v;
	return true;
}

/*
 * Read the numbers, write the date again, compare: so every comma, the name
 * of the day and the length of the month are checked by one memcmp.
 */
enum err
clock_unhttp(struct bytes in, struct instant *out)
{
	char		back[HTTPDATE_LEN];
	int		day, month, year, h, m, s;
	struct instant	t;

	if (in.len != HTTPDATE_LEN || !get_num(in, 5, 2, 31, &day) ||
	    !get_num(in, 12, 4, 9999, &year) || !get_num(in, 17, 2, 23, &h) ||
	    !get_num(in, 20, 2, 59, &m) || !get_num(in, 23, 2, 59, &s))
		return ERR_SYNTAX;
	for (month = 1; month <= 12; month++)
		if (memcmp(in.p + 8, months[month - 1], 3) == 0)
			break;
	if (month > 12 || year < 1 || day < 1)
		return ERR_SYNTAX;
	t.ms = clock_days(year, month, day) * DAY_MS +
	    ((h * INT64_C(60) + m) * 60 + s) * 1000;
	clock_http(t, back);
	if (memcmp(back, in.p, HTTPDATE_LEN) != 0)
		return ERR_SYNTAX;
	*out = t;
	return OK;
}
