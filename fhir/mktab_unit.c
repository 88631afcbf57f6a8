/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_unit.c -- units.tbl: prefixes, atoms as factors of base units, and
 * what people write instead.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "fhir/mktab.h"
#include "fhir/ucum_factor.h"
#include "fhir/ucum_tables.h"

struct atom {
	const char	*code;
	struct place	 at;
	struct ucum	 u;
	bool		 metric;
	int		 base;		/* number, or -1 */
};

struct units {
	struct ucumt_prefix	*prefix;
	int			 n_prefix;
	struct atom		*atom;
	int			 n_atom, n_base;
	struct ucumt_means	*means;
	int			 n_means;
};

static const struct atom *
atom_find(const struct units *un, const char *code)
{
	for (int i = 0; i < un->n_atom; i++)
		if (strcmp(un->atom[i].code, code) == 0)
			return &un->atom[i];
	return NULL;
}

/* Digits with a point and an exponent: an integer and a power of ten. */
static int64_t
decimal(struct place at, const char *text, int32_t *exp_out)
{
	int64_t		 n = 0;
	const char	*p = text;
	bool		 point = false;

	*exp_out = 0;
	for (; (*p >= '0' && *p <= '9') || (*p == '.' && !point); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (n > INT64_MAX / 100)
			die(at, "'%s' has too many digits", text);
		n = n * 10 + (*p - '0');
		*exp_out -= point;
	}
	if (*p == 'e')
		*exp_out += (int32_t)strtol(p + 1, (char **)&p, 10);
	if (*p != '\0' || n == 0)
		die(at, "'%s' is no number", text);
	return n;
}

/* "9.80665", "5/9" */
static void
set_factor(struct ucum *u, struct place at, char *text)
{
	char	*den = cut(text, "/");
	int32_t	 exp = 0;

	*u = (struct ucum){ .den = 1 };
	u->num = (uint64_t)decimal(at, text, &u->exp);
	if (den != NULL)
		u->den = (uint64_t)decimal(at, den, &exp);
	u->exp -= exp;
	if (!ucum_reduce(u))
		die(at, "'%s' is too large", text);
}

/* "m", "s-1", "10*-6": an atom above, and how often. */
static void
times_term(const struct units *un, struct ucum *u, struct place at,
    char *term)
{
	size_t			 n = strlen(term);
	int			 times = 1;
	const struct atom	*a;

	while (n > 0 && strchr("-0123456789", term[n - 1]) != NULL)
		n--;
	if (term[n] != '\0') {
		times = (int)strtol(term + n, NULL, 10);
		term[n] = '\0';
	}
	a = atom_find(un, term);
	if (a == NULL)
		die(at, "no unit above is called '%s'", term);
	if (a->u.off != 0)
		die(at, "%s has an offset: nothing is made of it", term);
	if (times == 0 || !ucum_times(u, &a->u, times))
		die(at, "too large");
}

/* "unit CODE [metric] [= NUMBER TERMS [+ OFFSET]]" */
static void
read_unit(struct units *un, struct reader *r)
{
	struct atom	 a = { .at = r->at, .base = -1 };
	char		*word = reader_word(r), *terms;

	if (word == NULL || strlen(word) >= UCUM_CODE_LEN)
		die(r->at, "a unit needs a code of 1 to %d bytes",
		    UCUM_CODE_LEN - 1);
	a.code = word;
	if (atom_find(un, a.code) != NULL)
		die(r->at, "unit %s stands twice", a.code);
	word = reader_word(r);
	if (word != NULL && strcmp(word, "metric") == 0) {
		a.metric = true;
		word = reader_word(r);
	}
	if (word == NULL) {
		if (un->n_base == UCUM_DIMS)
			die(r->at, "more than %d base units", UCUM_DIMS);
		a.u = (struct ucum){ .num = 1, .den = 1 };
		a.base = un->n_base++;
		a.u.dim[a.base] = 1;
	} else {
		char	*number = reader_word(r);

		terms = reader_word(r);
		if (strcmp(word, "=") != 0 || terms == NULL)
			die(r->at, "want: unit CODE [metric] = NUMBER TERMS");
		set_factor(&a.u, r->at, number);
		for (char *next; strcmp(terms, "1") != 0 && terms != NULL;
		    terms = next) {
			next = cut(terms, ".");
			times_term(un, &a.u, r->at, terms);
			if (next == NULL)
				break;
		}
		word = reader_word(r);
		if (word != NULL) {
			char	*off = reader_word(r);

			if (strcmp(word, "+") != 0 || off == NULL)
				die(r->at, "want: + OFFSET");
			a.u.off = decimal(r->at, off, &a.u.off_exp);
		}
	}
	if (reader_word(r) != NULL)
		die(r->at, "more than a unit");
	GROW(un->atom, un->n_atom);
	un->atom[un->n_atom++] = a;
}

static void
read_prefix(struct units *un, struct reader *r)
{
	struct ucumt_prefix	 p = { .exp = 0 };
	char			*code = reader_word(r), *exp = reader_word(r);

	if (exp == NULL || reader_word(r) != NULL ||
	    strlen(code) >= sizeof(p.code))
		die(r->at, "want: prefix CODE EXPONENT");
	strncpy(p.code, code, sizeof(p.code) - 1);
	p.exp = (int8_t)(*exp == '-' ? -reader_number(r, exp + 1, 24) :
	    reader_number(r, exp, 24));
	GROW(un->prefix, un->n_prefix);
	un->prefix[un->n_prefix++] = p;
}

static void
read_means(struct units *un, struct reader *r)
{
	struct ucumt_means	 m = { .wrong = "" };
	char			*wrong = reader_word(r), *right;

	right = reader_word(r);
	if (right == NULL || reader_word(r) != NULL ||
	    strlen(wrong) >= sizeof(m.wrong) ||
	    strlen(right) >= sizeof(m.right))
		die(r->at, "want: means WRONG RIGHT");
	for (int i = 0; i < un->n_means; i++)
		if (strcmp(un->means[i].wrong, wrong) == 0)
			die(r->at, "'%s' means two things", wrong);
	strncpy(m.wrong, wrong, sizeof(m.wrong) - 1);
	strncpy(m.right, right, sizeof(m.right) - 1);
	GROW(un->means, un->n_means);
	un->means[un->n_means++] = m;
}

static int
by_code(const void *a, const void *b)
{
	const struct atom	*m = a, *n = b;

	return strcmp(m->code, n->code);
}

void
units_read(struct tables *tb, const char *dir)
{
	struct units	*un = NULL;
	struct reader	 r;

	GROW(un, 0);
	for (reader_open(&r, dir, "units.tbl"); reader_line(&r);) {
		char	*word = reader_word(&r);

		if (r.indent != 0)
			die(r.at, "indented");
		if (strcmp(word, "prefix") == 0)
			read_prefix(un, &r);
		else if (strcmp(word, "unit") == 0)
			read_unit(un, &r);
		else if (strcmp(word, "means") == 0)
			read_means(un, &r);
		else
			die(r.at, "want: prefix, unit or means");
	}
	if (un->n_atom == 0 || un->n_prefix == 0 || un->n_means == 0)
		die(r.at, "no units, no prefixes or no meanings");
	qsort(un->atom, (size_t)un->n_atom, sizeof(*un->atom), by_code);
	for (int i = 0; i < un->n_atom; i++) {
		int	n = 0;

		for (int d = 0; d < UCUM_DIMS; d++)
			n += un->atom[i].u.dim[d] != 0;
		if (n > UCUM_ATOM_DIMS)
			die(un->atom[i].at, "of more than %d base units",
			    UCUM_ATOM_DIMS);
	}
	tb->units = un;
}

/* --- what decides about keys on disk -------------------------------------- */

void
units_digest(const struct tables *tb, void (*add)(uint64_t *h, uint64_t n),
    void (*text)(uint64_t *h, const char *s), uint64_t *h)
{
	const struct units	*un = tb->units;

	for (int i = 0; i < un->n_prefix; i++) {
		text(h, un->prefix[i].code);
		add(h, (uint64_t)un->prefix[i].exp);
	}
	for (int i = 0; i < un->n_atom; i++) {
		const struct atom	*a = &un->atom[i];

		text(h, a->code);
		add(h, a->metric);
		add(h, a->u.num);
		add(h, a->u.den);
		add(h, (uint64_t)a->u.exp);
		add(h, (uint64_t)a->u.off);
		add(h, (uint64_t)a->u.off_exp);
		for (int d = 0; d < UCUM_DIMS; d++)
			add(h, (uint64_t)a->u.dim[d]);
	}
}

/* --- out ------------------------------------------------------------------ */

static void
put_string(const char *s)
{
	putchar('"');
	for (; *s != '\0'; s++)
		printf(*s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	putchar('"');
}

static void
put_atom(const struct atom *a)
{
	int	n = 0;

	printf("\t{ ");
	put_string(a->code);
	printf(", UINT64_C(%" PRIu64 "), UINT64_C(%" PRIu64 "), %" PRId64
	    ", %d, %d, %d, ", a->u.num, a->u.den, a->u.off, (int)a->u.exp,
	    (int)a->u.off_exp, a->metric);
	for (int d = 0; d < UCUM_DIMS; d++)
		n += a->u.dim[d] != 0;
	printf("%d, { ", n);
	for (int d = 0; d < UCUM_DIMS; d++)
		if (a->u.dim[d] != 0)
			printf("{ %d, %d }, ", d, a->u.dim[d]);
	printf("%s} },\n", n == 0 ? "{ 0, 0 } " : "");
}

void
units_write(const struct tables *tb)
{
	const struct units	*un = tb->units;

	printf("#include \"fhir/ucum_tables.h\"\n\n"
	    "const uint16_t ucumt_n_prefix = %d;\n"
	    "const struct ucumt_prefix ucumt_prefix[] = {\n", un->n_prefix);
	for (int len = 2; len > 0; len--)
		for (int i = 0; i < un->n_prefix; i++)
			if ((int)strlen(un->prefix[i].code) == len)
				printf("\t{ \"%s\", %d },\n",
				    un->prefix[i].code, un->prefix[i].exp);
	printf("};\nconst uint16_t ucumt_n_atom = %d;\n"
	    "const struct ucumt_atom ucumt_atom[] = {\n", un->n_atom);
	for (int i = 0; i < un->n_atom; i++)
		put_atom(&un->atom[i]);
	printf("};\nconst uint16_t ucumt_n_base = %d;\n"
	    "const uint16_t ucumt_base[] = {", un->n_base);
	for (int b = 0; b < un->n_base; b++)
		for (int i = 0; i < un->n_atom; i++)
			if (un->atom[i].base == b)
				printf(" %d,", i);
	printf(" };\nconst uint16_t ucumt_n_means = %d;\n"
	    "const struct ucumt_means ucumt_means[] = {\n", un->n_means);
	for (int i = 0; i < un->n_means; i++) {
		printf("\t{ ");
		put_string(un->means[i].wrong);
		printf(", ");
		put_string(un->means[i].right);
		printf(" },\n");
	}
	printf("};\n");
}
