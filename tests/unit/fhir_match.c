/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a search finds: each rule of DSTU2 search.html as rows of (search,
 * value of the resource, found or not).  Searches go through the parser, so
 * both ends of the chain are the real ones; the resource's values are made
 * as fhir/extract.c makes them.
 */
#include "tests/unit/fhir_query.h"

#include "base/text.h"

struct row {
	const char	*search, *value;
	bool		 found;
};

static struct values
one_value(struct arena *a, const struct query *q, struct value v)
{
	struct value	*p = arena_alloc(a, sizeof(*p));

	v.param = q->must->param->num;
	v.kind = (uint8_t)q->must->param->kind;
	*p = v;
	return (struct values){ p, 1 };
}

typedef struct value	make_fn(struct arena *, const char *);

static void
check(struct arena *a, const char *type, const struct row *r, size_t n,
    make_fn *make)
{
	size_t	i;

	for (i = 0; i < n; i++) {
		struct query	q = good(a, type, r[i].search);
		struct values	v = one_value(a, &q, make(a, r[i].value));

		if (found(&q, &v) != r[i].found)
			fail_msg("%s and %s: %s", r[i].search, r[i].value,
			    r[i].found ? "not found" : "found");
	}
}

/* --- dates ---------------------------------------------------------------- */

/* "2013", or "2013..2014" for a Period; "..2014" is open. */
static struct value
date(struct arena *a, const char *text)
{
	struct value	v = { .time = { TIME_MIN, TIME_MAX } };
	struct span	s;
	const char	*dots = strstr(text, "..");
	size_t		len = dots == NULL ? strlen(text) :
			    (size_t)(dots - text);

	(void)a;
	if (len > 0) {
		assert_int_equal(prim_date(bytes_of(text, len), 0, &s), OK);
		v.time.lo = s.lo;
		if (dots == NULL)
			v.time.hi = s.hi;
	}
	if (dots != NULL && dots[2] != '\0') {
		assert_int_equal(prim_date(bytes_str(dots + 2), 0, &s), OK);
		v.time.hi = s.hi;
	}
	return v;
}

/* S04, Q12 */
static void
date_prefixes(void **state)
{
	static const struct row	rows[] = {
		{ "date=2013-01-14", "2013-01-14", true },
		{ "date=2013-01-14", "2013-01-14T00:00:00Z", true },
		{ "date=2013-01-14", "2013-01-14T23:59:59Z", true },
		{ "date=2013-01-14", "2013-01-15T00:00:00Z", false },
		{ "date=2013-01-14", "2013-01", false },
		{ "date=2013-01-14", "2013-01-14T23:00:00-02:00", false },
		{ "date=2013", "2013-01-14", true },
		{ "date=2013-01-14T10:00:00Z", "2013-01-14", false },
		{ "date=2013-01-14T10:00Z", "2013-01-14T10:00:30Z", true },
		{ "date=ne2013-01-14", "2013-01-15", true },
		{ "date=ne2013-01-14", "2013-01-14", false },
		{ "date=ne2013-01-14", "2013-01", true },
		{ "date=gt2013-01-14", "2013-01-15T00:00:00Z", true },
		{ "date=gt2013-01-14", "2013-01-14T23:59:59Z", false },
		{ "date=gt2013-01-14", "2013-01", true },
		{ "date=gt2013-01-14", "2013-01-14..", true },
		{ "date=lt2013-01-14", "2013-01-13T23:59:59Z", true },
		{ "date=lt2013-01-14", "2013-01-14T00:00:00Z", false },
		{ "date=lt2013-01-14", "..2020", true },
		{ "date=ge2013-03-14", "2013-01-21..", true },
		{ "date=ge2013-03-14", "2013-03-14", true },
		{ "date=ge2013-03-14", "2013-03-13", false },
		{ "date=ge2013-03-14", "2013-01-21..2013-02-01", false },
		{ "date=le2013-03-14", "2013-01-21..", true },
		{ "date=le2013-03-14", "2013-03-14T23:59:59Z", true },
		{ "date=le2013-03-14", "2013-03-15", false },
		{ "date=sa2013-03-14", "2013-03-15..", true },
		{ "date=sa2013-03-14", "2013-01-21..", false },
		{ "date=sa2013-03-14", "2013-03-14T12:00:00Z", false },
		{ "date=eb2013-03-14", "2013-01-21..2013-03-13", true },
		{ "date=eb2013-03-14", "2013-01-21..", false },
		{ "date=eb2013-03-14", "2013-03-14", false },
		{ "date=ap2013-03-14", "2013-03-14", true },
		{ "date=ap2013-03-14", "2013-01-21..", true },
		{ "date=ap2013-03-14", "1970-01-01", false },
		{ "date=1999,2013", "2013-05", true },
		{ "date=ge2013&date=le2014", "2013-05", true },
		{ "date=ge2013&date=le2014", "2015-05", false }
	};

	check(*state, "Observation", rows, N_ELEM(rows), date);
}

/* --- quantities and numbers ----------------------------------------------- */

/* "5.4 system code unit", missing parts from the right; "<5": comparator. */
static struct value
quantity(struct arena *a, const char *text)
{
	struct value	v = { 0 };
	struct bytes	part[4], rest = bytes_str(text);
	size_t		i;

	(void)a;
	for (i = 0; i < 4; i++)
		bytes_cut(rest, ' ', &part[i], &rest);
	if (part[0].p[0] == '<') {
		bool	or_equal = part[0].p[1] == '=';

		part[0] = bytes_from(part[0], or_equal ? 2 : 1);
		assert_int_equal(prim_dec(part[0], &v.hi), OK);
		v.lo = prim_dec_min;
		if (or_equal)
			v.hi = prim_dec_next(v.hi);
	} else {
		assert_int_equal(prim_dec(part[0], &v.lo), OK);
		v.hi = v.lo;
	}
	v.more = part[1];
	v.text = part[2];
	v.unit = part[3];
	return v;
}

/* S04: equality by precision as written, order by the exact point. */
static void
quantity_prefixes(void **state)
{
	static const struct row	rows[] = {
		{ "value-quantity=100", "100", true },
		{ "value-quantity=100", "99.5", true },
		{ "value-quantity=100", "100.49", true },
		{ "value-quantity=100", "100.5", false },
		{ "value-quantity=100", "99.4999", false },
		{ "value-quantity=100.00", "100.004", true },
		{ "value-quantity=100.00", "100.01", false },
		{ "value-quantity=ne100", "100.4", false },
		{ "value-quantity=ne100", "101", true },
		{ "value-quantity=gt100", "100.001", true },
		{ "value-quantity=gt100", "100", false },
		{ "value-quantity=ge100", "100.00", true },
		{ "value-quantity=ge100", "99.999", false },
		{ "value-quantity=lt100", "99.9", true },
		{ "value-quantity=lt100", "100", false },
		{ "value-quantity=le100", "100", true },
		{ "value-quantity=le100", "100.1", false },
		{ "value-quantity=sa100", "100.1", true },
		{ "value-quantity=sa100", "100", false },
		{ "value-quantity=eb100", "99.9", true },
		{ "value-quantity=eb100", "100", false },
		{ "value-quantity=ap100", "91", true },
		{ "value-quantity=ap100", "109", true },
		{ "value-quantity=ap100", "120", false },
		{ "value-quantity=-5", "-5", true },
		{ "value-quantity=lt0", "-0.1", true },
		/* a comparator in the resource is a range */
		{ "value-quantity=lt5", "<5", true },
		{ "value-quantity=gt4", "<5", true },
		{ "value-quantity=gt5", "<5", false },
		{ "value-quantity=gt5", "<=5", false },
		{ "value-quantity=5", "<5", false },
		{ "value-quantity=eb5", "<5", true },
		{ "value-quantity=eb5", "<=5", false },
		{ "value-quantity=ge5", "<5", false }
	};

	check(*state, "Observation", rows, N_ELEM(rows), quantity);
}

static void
quantity_units(void **state)
{
	static const struct row	rows[] = {
		{ "value-quantity=5|http://u|mg", "5 http://u mg", true },
		{ "value-quantity=5|http://u|mg", "5 http://v mg", false },
		{ "value-quantity=5|http://u|mg", "5 http://u g", false },
		{ "value-quantity=5|http://u|mg", "5  mg", false },
		{ "value-quantity=5|http://u|mg", "5 http://u g mg", false },
		{ "value-quantity=5||mg", "5 http://u mg", true },
		{ "value-quantity=5||mg", "5  mg", true },
		{ "value-quantity=5||milligram", "5 http://u mg milligram",
		    true },
		{ "value-quantity=5||MG", "5 http://u mg", false },
		{ "value-quantity=5|http://u|", "5 http://u g", true },
		{ "value-quantity=5|http://u|", "5 http://v g", false },
		{ "value-quantity=5", "5 http://u mg", true },
		{ "value-quantity=6||mg", "5 http://u mg", false }
	};

	check(*state, "Observation", rows, N_ELEM(rows), quantity);
}

#define UCUM	"http://unitsofmeasure.org"

/* S09: a unit of UCUM finds all that converts to it, by exact decimals. */
static void
quantity_conversions(void **state)
{
	static const struct row	rows[] = {
		{ "value-quantity=200|" UCUM "|mg", "0.2 " UCUM " g", true },
		{ "value-quantity=gt100|" UCUM "|mg", "0.2 " UCUM " g", true },
		{ "value-quantity=lt100|" UCUM "|mg", "0.2 " UCUM " g", false },
		{ "value-quantity=200|" UCUM "|mg", "0.2005 " UCUM " g",
		    false },
		{ "value-quantity=200|" UCUM "|mg", "0.2004 " UCUM " g", true },
		{ "value-quantity=98.6|" UCUM "|[degF]", "37 " UCUM " Cel",
		    true },
		{ "value-quantity=gt98.6|" UCUM "|[degF]", "37 " UCUM " Cel",
		    false },
		{ "value-quantity=gt98.6|" UCUM "|[degF]", "37.001 " UCUM
		    " Cel", true },
		{ "value-quantity=ge150|" UCUM "|[lb_av]", "68.1 " UCUM " kg",
		    true },
		{ "value-quantity=ge150|" UCUM "|[lb_av]", "68 " UCUM " kg",
		    false },
		{ "value-quantity=60|" UCUM "|/min", "60 " UCUM " {beats}/min",
		    true },
		{ "value-quantity=61|" UCUM "|/min", "3660 " UCUM " /h",
		    true },
		{ "value-quantity=sa1|" UCUM "|g", "1.1 " UCUM " g", true },
		/* a range in the resource: below and up to 5 mg */
		{ "value-quantity=lt0.005|" UCUM "|g", "<5 " UCUM " mg", true },
		{ "value-quantity=gt0.005|" UCUM "|g", "<=5 " UCUM " mg",
		    false },
		{ "value-quantity=eb0.005|" UCUM "|g", "<=5 " UCUM " mg",
		    false },
		{ "value-quantity=eb0.005|" UCUM "|g", "<5 " UCUM " mg",
		    true },
		{ "value-quantity=ne0.005|" UCUM "|g", "5 " UCUM " mg",
		    false },
		{ "value-quantity=ne0.005|" UCUM "|g", "6 " UCUM " mg",
		    true },
		/* another kind of quantity is found by no prefix */
		{ "value-quantity=ne5|" UCUM "|g", "5 " UCUM " m", false },
		{ "value-quantity=5|" UCUM "|mmol/L", "5 " UCUM " meq/L",
		    false },
		{ "value-quantity=gt0|" UCUM "|mmol/L", "5 " UCUM " mg/dL",
		    false },
		/* only UCUM converts, and only where the search names it */
		{ "value-quantity=200|http://u|mg", "0.2 http://u g", false },
		{ "value-quantity=200|" UCUM "|mg", "0.2 http://u g", false },
		{ "value-quantity=200|" UCUM "|mg", "200 http://u mg", false },
		{ "value-quantity=200||mg", "0.2 " UCUM " g", false },
		{ "value-quantity=200", "0.2 " UCUM " g", false },
		{ "value-quantity=200|" UCUM "|", "200 " UCUM " g", true },
		/* what is no unit is compared as it stands */
		{ "value-quantity=120|" UCUM "|mmHg", "120 " UCUM " mmHg",
		    true },
		{ "value-quantity=120|" UCUM "|mmHg", "120 " UCUM " mm[Hg]",
		    false },
		{ "value-quantity=120|" UCUM "|mm[Hg]", "120 " UCUM " mmHg",
		    false }
	};

	check(*state, "Observation", rows, N_ELEM(rows), quantity);
}

static void
number_prefixes(void **state)
{
	static const struct row	rows[] = {
		{ "length=3", "3", true }, { "length=3", "3.4", true },
		{ "length=3", "4", false }, { "length=gt3", "3.1", true },
		{ "length=gt3,lt1", "2", false }
	};

	check(*state, "Encounter", rows, N_ELEM(rows), quantity);
}

/* --- text ----------------------------------------------------------------- */

static struct value
string(struct arena *a, const char *text)
{
	struct value	v = { .text = bytes_str(text) };

	assert_int_equal(text_fold(a, v.text, &v.more), OK);
	return v;
}

/* S01 */
static void
strings(void **state)
{
	static const struct row	rows[] = {
		{ "name=son", "Sonja", true },
		{ "name=son", "Anderson", false },
		{ "name=MULLER", "M\xc3\xbcller", true },
		{ "name=M%C3%BCll", "Muller", true },
		{ "name=Sonja", "Son", false },
		{ "name:contains=ders", "Anderson", true },
		{ "name:contains=DERS", "Anderson", true },
		{ "name:contains=dars", "Anderson", false },
		{ "name:exact=Son", "Son", true },
		{ "name:exact=son", "Son", false },
		{ "name:exact=So", "Son", false },
		{ "name:exact=Muller", "M\xc3\xbcller", false },
		{ "name=x,son", "Sonja", true },
		/* SRC-20 */
		{ "name=%25", "Sonja", false }, { "name=*", "Sonja", false },
		{ "name=a%25b*", "A%b*c", true },
		{ "name=a%5C,b", "a,b", true }, { "name=a%5C", "a\\", true }
	};

	check(*state, "Patient", rows, N_ELEM(rows), string);
}

/* "system|code"; no bar: no system. */
static struct value
token(struct arena *a, const char *text)
{
	struct value	v = { 0 };
	struct bytes	t = bytes_str(text);

	(void)a;
	if (!bytes_cut(t, '|', &v.more, &v.text)) {
		v.text = t;
		v.more = bytes_of(NULL, 0);
	}
	return v;
}

/* S02 */
static void
tokens(void **state)
{
	static const struct row	rows[] = {
		{ "code=1-2", "http://l|1-2", true },
		{ "code=1-2", "1-2", true }, { "code=1-2", "1-20", false },
		{ "code=ABC", "http://l|abc", true },
		{ "code=http://l|ABC", "http://l|abc", true },
		{ "code=http://L|abc", "http://l|abc", false },
		{ "code=http://l|abc", "abc", false },
		{ "code=|abc", "abc", true },
		{ "code=|abc", "http://l|abc", false },
		{ "code=http://l|", "http://l|abc", true },
		{ "code=http://l|", "http://m|abc", false },
		{ "code=x,y,abc", "http://l|abc", true },
		{ "code:not=abc", "http://l|abc", false },
		{ "code:not=abc", "http://l|xyz", true },
		{ "code:not=xyz,abc", "http://l|abc", false },
		{ "code=a&code=b", "a", false }
	};

	check(*state, "Observation", rows, N_ELEM(rows), token);
}

static struct value
uri(struct arena *a, const char *text)
{
	(void)a;
	return (struct value){ .text = bytes_str(text) };
}

static void
uris_are_exact(void **state)
{
	static const struct row	rows[] = {
		{ "url=http://a/b", "http://a/b", true },
		{ "url=http://a/B", "http://a/b", false },
		{ "url=http://a", "http://a/b", false },
		{ "url=x,http://a/b", "http://a/b", true }
	};

	check(*state, "ValueSet", rows, N_ELEM(rows), uri);
}

/* --- references ----------------------------------------------------------- */

/* "Type/id" is local, all else a foreign URL. */
static struct value
reference(struct arena *a, const char *text)
{
	const struct base_urls	urls = { 0 };
	struct ref		r;

	(void)a;
	assert_int_equal(prim_ref(bytes_str(text), &urls, false, &r), OK);
	if (r.kind == REF_LOCAL)
		return (struct value){ .text = r.id, .type = r.type };
	return (struct value){ .text = r.url };
}

/* S06, Q04 */
static void
references(void **state)
{
	static const struct row	rows[] = {
		{ "subject=1", "Patient/1", true },
		{ "subject=1", "Group/1", true },
		{ "subject=1", "Patient/12", false },
		{ "subject=Patient/1", "Patient/1", true },
		{ "subject=Patient/1", "Group/1", false },
		{ "subject:Patient=1", "Patient/1", true },
		{ "subject:Patient=1", "Group/1", false },
		{ "subject:Patient=Patient/1", "Patient/1", true },
		{ "subject:Patient=https://h/fhir/Patient/1", "Patient/1",
		    true },
		{ "subject._id=1", "Patient/1", true },
		{ "subject._id=1", "Device/1", true },
		{ "subject:Patient._id=1", "Patient/1", true },
		{ "subject:Patient._id=1", "Device/1", false },
		{ "patient=1", "Patient/1", true },
		{ "patient=1", "Group/1", false },
		{ "subject=https://x/Patient/1", "https://x/Patient/1", true },
		{ "subject=https://x/Patient/1", "Patient/1", false },
		{ "subject=1", "https://x/Patient/1", false },
		{ "subject=2,Patient/1", "Patient/1", true }
	};

	check(*state, "Observation", rows, N_ELEM(rows), reference);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(date_prefixes), T(quantity_prefixes), T(quantity_units),
		T(quantity_conversions),
		T(number_prefixes), T(strings), T(tokens), T(uris_are_exact),
		T(references)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
