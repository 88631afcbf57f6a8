/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ucum.c -- unit expressions, read by the grammar of UCUM.  (L1)
 *
 *	unit	   = [ "/" ] component { ("." | "/") component }
 *	component  = symbol [ exponent ] [ annotation ] | annotation |
 *		     digits [ annotation ] | "(" unit ")" [ annotation ]
 *	symbol	   = atom | prefix metric-atom
 *
 * "a/b.c" is (a/b).c.  Parentheses stand in each other DEPTH_MAX deep.
 *
 * Spec: UCUM 2.0, 2.2 (character set, symbols), 2.3 (syntax), 2.6 (special
 * units).
 */
#include "fhir/ucum.h"

#include <stdio.h>

#include "base/text.h"
#include "fhir/ucum_factor.h"
#include "fhir/ucum_tables.h"

#define DEPTH_MAX	8
#define EXPONENT_MAX	99	/* written after a symbol */
#define NAME_DIMS	6	/* base units in one name */

struct parse {
	struct bytes	text;
	size_t		at;
	unsigned	parts;	/* symbols and numbers read */
};

static enum err	read_unit(struct parse *p, unsigned depth, struct ucum *u);

static int
peek(const struct parse *p)
{
	return p->at < p->text.len ? p->text.p[p->at] : -1;
}

static bool
digit(int c)
{
	return c >= '0' && c <= '9';
}

/* --- atoms ---------------------------------------------------------------- */

static int
compare(struct bytes key, const char *code)
{
	size_t	n = strnlen(code, UCUM_CODE_LEN);

	return bytes_cmp(key, bytes_of(code, n));
}

static const struct ucumt_atom *
atom(struct bytes code)
{
	size_t	lo = 0, hi = ucumt_n_atom;

	while (lo < hi) {
		size_t	mid = (lo + hi) / 2;
		int	c = compare(code, ucumt_atom[mid].code);

		if (c == 0)
			return &ucumt_atom[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static void
atom_unit(const struct ucumt_atom *a, int prefix, struct ucum *out)
{
	*out = (struct ucum){ .num = a->num, .den = a->den, .off = a->off,
	    .exp = a->exp + prefix, .off_exp = a->off_exp - prefix };
	for (uint8_t i = 0; i < a->n_dim; i++)
		out->dim[a->dim[i].base] = a->dim[i].exp;
}

/* An atom wins over a prefix: "cd" is candela, "min" a minute. */
static enum err
symbol(struct bytes code, struct ucum *out)
{
	const struct ucumt_atom	*a = atom(code);

	if (a != NULL) {
		atom_unit(a, 0, out);
		return OK;
	}
	for (uint16_t i = 0; i < ucumt_n_prefix; i++) {
		struct bytes	head = bytes_str(ucumt_prefix[i].code);

		if (!bytes_starts(code, head))
			continue;
		a = atom(bytes_from(code, head.len));
		if (a == NULL || !a->metric)
			continue;
		atom_unit(a, ucumt_prefix[i].exp, out);
		return OK;
	}
	return ERR_SYNTAX;
}

/* --- the grammar ---------------------------------------------------------- */

/* What stands in {} counts nothing: printable ASCII without braces. */
static enum err
annotation(struct parse *p)
{
	if (peek(p) != '{')
		return OK;
	for (p->at++; peek(p) != '}'; p->at++)
		if (peek(p) < '!' || peek(p) > '~' || peek(p) == '{')
			return ERR_SYNTAX;
	p->at++;
	return OK;
}

/* Where a symbol ends: what stands in [] belongs to it whole. */
static size_t
symbol_end(const struct parse *p)
{
	size_t	i = p->at;
	bool	inside = false;

	for (; i < p->text.len; i++) {
		uint8_t	c = p->text.p[i];

		if (c < '!' || c > '~' || c == '{' || c == '}' || c == '"')
			break;
		if (c == '[' || c == ']')
			inside = c == '[';
		else if (!inside && strchr("./()+-=", c) != NULL)
			break;
	}
	return inside ? p->at : i;
}

/* Digits, and a sign before them when it may be; 0 is none. */
static bool
exponent(struct parse *p, int *out)
{
	int	sign = peek(p) == '-' ? -1 : 1, n = 0;
	size_t	from;

	if (peek(p) == '-' || peek(p) == '+')
		p->at++;
	for (from = p->at; digit(peek(p)); p->at++)
		n = n > EXPONENT_MAX ? n : n * 10 + (peek(p) - '0');
	*out = sign * n;
	return p->at > from && n != 0;
}

static enum err
read_symbol(struct parse *p, struct ucum *u)
{
	size_t		from = p->at, end = symbol_end(p), cut = end;
	struct ucum	f;
	int		n = 1;
	enum err	e;

	while (cut > from && digit(p->text.p[cut - 1]))
		cut--;
	e = symbol(bytes_sub(p->text, from, cut - from), &f);
	if (e != OK)
		return e;
	p->at = cut;
	if ((digit(peek(p)) || peek(p) == '-' || peek(p) == '+') &&
	    !exponent(p, &n))
		return ERR_SYNTAX;
	if (n > EXPONENT_MAX || n < -EXPONENT_MAX)
		return ERR_VALUE;
	if (f.off != 0 && (n != 1 || p->parts > 1))
		return ERR_VALUE;
	if (f.off != 0) {
		*u = f;
		return OK;
	}
	return ucum_times(u, &f, n) ? OK : ERR_VALUE;
}

/* An integer factor, as in "/100{WBC}"; zero is no unit. */
static enum err
read_factor(struct parse *p, struct ucum *u)
{
	struct ucum	f = { .den = 1 };

	for (; digit(peek(p)); p->at++)
		if (__builtin_mul_overflow(f.num, 10u, &f.num) ||
		    __builtin_add_overflow(f.num, (unsigned)(peek(p) - '0'),
		    &f.num))
			return ERR_VALUE;
	if (f.num == 0)
		return ERR_SYNTAX;
	return ucum_reduce(&f) && ucum_times(u, &f, 1) ? OK : ERR_VALUE;
}

/* "10*" and "10^" are symbols that begin with digits. */
static bool
is_factor(const struct parse *p)
{
	size_t	i = p->at;

	while (i < p->text.len && digit(p->text.p[i]))
		i++;
	return i > p->at && (i == p->text.len ||
	    (p->text.p[i] != '*' && p->text.p[i] != '^'));
}

static enum err
read_component(struct parse *p, unsigned depth, struct ucum *u)
{
	enum err	e;

	*u = (struct ucum){ .num = 1, .den = 1 };
	if (peek(p) == '{')
		return annotation(p);
	p->parts++;
	if (peek(p) == '(') {
		p->at++;
		e = depth == 0 ? ERR_VALUE : read_unit(p, depth - 1, u);
		if (e == OK && (peek(p) != ')' || u->off != 0))
			e = u->off != 0 ? ERR_VALUE : ERR_SYNTAX;
		p->at++;
	} else if (is_factor(p)) {
		e = read_factor(p, u);
	} else {
		e = read_symbol(p, u);
	}
	return e == OK ? annotation(p) : e;
}

static enum err
read_unit(struct parse *p, unsigned depth, struct ucum *u)
{
	struct ucum	f;
	bool		over = peek(p) == '/';
	enum err	e;

	*u = (struct ucum){ .num = 1, .den = 1 };
	if (over)
		p->at++;
	for (;;) {
		e = read_component(p, depth, &f);
		if (e != OK)
			return e;
		if (f.off != 0) {
			*u = f;
			return over || (peek(p) != -1 && peek(p) != ')') ?
			    ERR_VALUE : OK;
		}
		if (!ucum_times(u, &f, over ? -1 : 1))
			return ERR_VALUE;
		if (peek(p) != '.' && peek(p) != '/')
			return OK;
		over = peek(p) == '/';
		p->at++;
	}
}

enum err
ucum_parse(struct bytes unit, struct ucum *out)
{
	struct parse	p = { .text = unit };
	struct ucum	u;
	int		n = 0;
	enum err	e;

	if (unit.len == 0)
		return ERR_SYNTAX;
	if (unit.len > UCUM_LEN_MAX)
		return ERR_VALUE;
	e = read_unit(&p, DEPTH_MAX, &u);
	if (e != OK)
		return e;
	if (p.at != unit.len)
		return ERR_SYNTAX;
	for (int i = 0; i < UCUM_DIMS; i++)
		n += u.dim[i] != 0;
	if (n > NAME_DIMS)
		return ERR_VALUE;
	*out = u;
	return OK;
}

/* --- dimensions ----------------------------------------------------------- */

bool
ucum_same(const struct ucum *a, const struct ucum *b)
{
	return memcmp(a->dim, b->dim, sizeof(a->dim)) == 0;
}

struct bytes
ucum_name(const struct ucum *u, char out[UCUM_NAME_MAX])
{
	size_t	n = 0;

	for (uint16_t i = 0; i < ucumt_n_base; i++) {
		int	exp = u->dim[i];

		if (exp == 0)
			continue;
		n += (size_t)snprintf(out + n, UCUM_NAME_MAX - n, "%s%s",
		    n == 0 ? "" : ".", ucumt_atom[ucumt_base[i]].code);
		if (exp != 1)
			n += (size_t)snprintf(out + n, UCUM_NAME_MAX - n,
			    "%d", exp);
	}
	if (n == 0)
		out[n++] = '1';
	return bytes_of(out, n);
}

/* --- what was meant ------------------------------------------------------- */

static bool
meant(struct bytes unit, const char *wrong, bool nocase)
{
	if (strlen(wrong) != unit.len)
		return false;
	for (size_t i = 0; i < unit.len; i++) {
		uint8_t	a = unit.p[i] == ' ' ? '_' : unit.p[i];

		if (nocase ? !text_caseeq(bytes_of(&a, 1),
		    bytes_of(wrong + i, 1)) : a != (uint8_t)wrong[i])
			return false;
	}
	return true;
}

const char *
ucum_near(struct bytes unit)
{
	for (int nocase = 0; nocase < 2; nocase++)
		for (uint16_t i = 0; i < ucumt_n_means; i++)
			if (meant(unit, ucumt_means[i].wrong, nocase == 1))
				return ucumt_means[i].right;
	return NULL;
}
