/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_keys.c -- a criterion becomes lists and ranges of the index.
 *
 * Each kind of value has its own shape of keys (key.h draws them); here stand
 * the inverse: which keys may hold what a match finds.  Whatever has no short
 * answer (:not, :missing, :contains, "system|", ne) is left to the rows.
 */
#include "base/text.h"
#include "fhir/json.h"
#include "fhir/term.h"
#include "store/plan_in.h"

#define LISTS_MAX	4096	/* lists of one criterion; beyond: rows */

/* How keys of a parameter begin, of the type that is searched. */
static struct key
start(const struct build *b, uint16_t param)
{
	return key_start(key_param(b->type, param));
}

static struct bytes
keep(struct arena *a, const struct key *k)
{
	return arena_copy(a, key_bytes(k));
}

static void
add(struct build *b, struct bytes from, struct bytes to)
{
	struct range *more;

	if (b->n == b->cap) {
		b->cap = b->cap == 0 ? 8 : 2 * b->cap;
		more = arena_array(b->arena, b->cap, sizeof(*more));
		if (b->n > 0)
			memcpy(more, b->range, b->n * sizeof(*more));
		b->range = more;
	}
	b->range[b->n++] = (struct range){ from, to };
}

/* All keys that begin with k. */
static void
add_prefix(struct build *b, const struct key *k)
{
	struct key end;

	add(b, keep(b->arena, k), key_after(k, &end) ?
	    keep(b->arena, &end) : bytes_of(NULL, 0));
}

/* Keys from one to all that begin with last, both included. */
static void
add_between(struct build *b, const struct key *from, const struct key *last)
{
	struct key end;

	add(b, keep(b->arena, from), key_after(last, &end) ?
	    keep(b->arena, &end) : bytes_of(NULL, 0));
}

/* The one key k: the next one possible has a zero byte more. */
void
plan_add_key(struct build *b, const struct key *k)
{
	struct key end = *k;

	key_add_u8(&end, 0);
	add(b, keep(b->arena, k), keep(b->arena, &end));
	b->n_key++;
}

/* --- by kind ------------------------------------------------------------- */

/* All values of param that begin so, folded. */
static void
begin_keys(struct build *b, uint16_t param, struct bytes text)
{
	struct key k = start(b, param);

	key_add(&k, bytes_sub(text, 0, KEY_CUT));
	add_prefix(b, &k);
}

/* Words stand in one of two lists; those of the narrative are content, too. */
static void
word_keys(struct build *b, uint16_t param, enum modifier mod,
    struct bytes word)
{
	struct key k = key_of_word(b->type, PARAM_TEXT, word);

	if (mod == MOD_NONE)
		plan_add_key(b, &k);
	else
		begin_keys(b, PARAM_TEXT, word);
	if (param == PARAM_TEXT)
		return;
	k = key_of_word(b->type, PARAM_CONTENT, word);
	if (mod == MOD_NONE)
		plan_add_key(b, &k);
	else
		begin_keys(b, PARAM_CONTENT, word);
}

/*
 * The text of a token is content: what has it, has a word that begins like
 * its first, or more words than are kept.
 */
static bool
text_keys(struct build *b, const struct match *m)
{
	struct key k = start(b, PARAM_CONTENT);
	struct bytes rest = m->v.more, word;

	if (!text_word(&rest, &word))
		return false;
	word_keys(b, PARAM_CONTENT, MOD_STARTS, word);
	plan_add_key(b, &k);
	return true;
}

static bool
string_keys(struct build *b, const struct criterion *c,
    const struct def_param *p, const struct match *m)
{
	struct key k = start(b, p->num);

	if (p->num == PARAM_TEXT || p->num == PARAM_CONTENT) {
		word_keys(b, p->num, c->mod, m->v.more);
		return c->mod == MOD_NONE || c->mod == MOD_STARTS;
	}
	switch (c->mod) {
	case MOD_NONE:
	case MOD_EXACT:
	case MOD_STARTS:
		begin_keys(b, p->num, m->v.more);
		return true;
	case MOD_WHOLE:
		key_add_cut(&k, m->v.more);
		plan_add_key(b, &k);
		return true;
	case MOD_TEXT:
		return p->kind == PK_TOKEN && text_keys(b, m);
	default:
		return false;
	}
}

static bool
token_keys(struct build *b, enum modifier mod, uint16_t param,
    const struct match *m)
{
	struct key k = start(b, param);

	if (m->v.any_code || (mod != MOD_NONE && mod != MOD_STARTS) ||
	    (mod == MOD_STARTS && m->v.text.len > KEY_CUT))
		return false;
	key_add_lower(&k, m->v.text);
	if (mod == MOD_STARTS) {
		add_prefix(b, &k);
		return true;
	}
	key_add_u8(&k, 0);
	if (m->v.any_system) {
		add_prefix(b, &k);
		return true;
	}
	key_add_hash8(&k, m->v.more);	/* "" for |code */
	plan_add_key(b, &k);
	return true;
}

struct key
plan_local_key(uint16_t param, uint16_t type, struct bytes id)
{
	struct key k = key_start(param);

	key_add_u8(&k, 1);
	key_add_be16(&k, type);
	key_add(&k, id);
	return k;
}

void
plan_add_local(struct build *b, uint16_t param, uint16_t type, struct bytes id)
{
	struct key k = plan_local_key(param, type, id);

	plan_add_key(b, &k);
}

/* Without a type: that id of whatever type, or a foreign URL. */
static bool
reference_keys(struct build *b, const struct def_param *p,
    const struct match *m)
{
	struct key k = start(b, p->num);
	struct typeset to = p->targets;
	uint16_t type;

	if (m->v.type != 0) {
		plan_add_local(b, p->num, m->v.type, m->v.text);
		return true;
	}
	key_add_u8(&k, 2);
	key_add_cut(&k, m->v.text);
	plan_add_key(b, &k);
	if (!json_id_ok(m->v.text))
		return true;
	for (type = 1; type <= DEF_TYPES; type++)
		if ((to.bits[0] | to.bits[1]) == 0 || typeset_has(to, type))
			plan_add_local(b, p->num, type, m->v.text);
	return b->n <= LISTS_MAX;
}

static void
uri_key(struct build *b, uint16_t param, struct bytes uri)
{
	struct key k = start(b, param);

	key_add_cut(&k, uri);
	plan_add_key(b, &k);
}

/* What a uri stands below: all that ends before or behind a mark of it. */
static bool
uri_above(struct build *b, uint16_t param, struct bytes uri)
{
	size_t i;

	for (i = 1; i < uri.len && b->n <= LISTS_MAX; i++) {
		if (strchr("/?#", uri.p[i]) == NULL)
			continue;
		uri_key(b, param, bytes_sub(uri, 0, i));
		uri_key(b, param, bytes_sub(uri, 0, i + 1));
	}
	uri_key(b, param, uri);
	return b->n <= LISTS_MAX;
}

static bool
uri_keys(struct build *b, enum modifier mod, uint16_t param,
    struct bytes uri)
{
	switch (mod) {
	case MOD_NONE:
		uri_key(b, param, uri);
		return true;
	case MOD_BELOW:
		begin_keys(b, param, uri);
		return true;
	case MOD_ABOVE:
		return uri_above(b, param, uri);
	default:
		return false;
	}
}

/*
 * Dates and numbers stand by their low end under 01 and, where they are wide,
 * by their high end under 02.  With a search range [lo, hi]:
 *
 *	eq           begins in it
 *	lt le eb     begins before its end
 *	gt ge sa ap  begins after lo less the width of what is not wide, or
 *	             is wide and ends after lo (ap: and begins before hi)
 *
 * Quantities in base units stand likewise under 03 and 04, after their unit.
 */
struct ends {
	struct key	narrow, wide_all;	/* all keys of either sort */
	struct key	from;	/* narrow, lo less the width */
	struct key	lo;	/* narrow, lo */
	struct key	hi;	/* narrow, hi */
	struct key	wide;	/* wide_all, lo */
};

static bool
span_keys(struct build *b, enum prefix prefix, const struct ends *at)
{
	switch (prefix) {
	case PRE_EQ:
		add_between(b, &at->lo, &at->hi);
		return true;
	case PRE_LT:
	case PRE_LE:
	case PRE_EB:
		add_between(b, &at->narrow, &at->hi);
		return true;
	case PRE_AP:
		add_between(b, &at->from, &at->hi);
		add_between(b, &at->wide, &at->wide_all);
		return true;
	case PRE_GT:
	case PRE_GE:
	case PRE_SA:
		add_between(b, &at->from, &at->narrow);
		add_between(b, &at->wide, &at->wide_all);
		return true;
	case PRE_NE:
		break;
	}
	return false;
}

static struct ends
ends_of(const struct build *b, uint16_t param, const struct quantity *q)
{
	struct ends at;

	at.narrow = at.wide_all = start(b, param);
	key_add_u8(&at.narrow, 1);
	key_add_u8(&at.wide_all, 2);
	if (q != NULL) {
		at.narrow = key_of_base(param, 3, q);
		at.wide_all = key_of_base(param, 4, q);
	}
	at.from = at.lo = at.hi = at.narrow;
	at.wide = at.wide_all;
	return at;
}

static bool
date_keys(struct build *b, uint16_t param, const struct match *m)
{
	struct ends at = ends_of(b, param, NULL);
	int64_t lo = m->v.time.lo;

	key_add_time(&at.from, lo < INT64_MIN + KEY_WIDE_MS ? INT64_MIN :
	    lo - KEY_WIDE_MS);
	key_add_time(&at.lo, lo);
	key_add_time(&at.hi, m->v.time.hi);
	key_add_time(&at.wide, lo);
	return span_keys(b, m->prefix, &at);
}

static bool
number_keys(struct build *b, uint16_t param, const struct match *m)
{
	const struct quantity *q = m->base == NULL ? NULL : &m->base->asked;
	const struct dec *lo = q == NULL ? &m->v.lo : &q->lo;
	const struct dec *hi = q == NULL ? &m->v.hi : &q->hi;
	struct ends at = ends_of(b, param, q);

	key_add(&at.lo, bytes_of(lo->b, DEC_LEN));
	key_add(&at.hi, bytes_of(hi->b, DEC_LEN));
	key_add(&at.wide, bytes_of(lo->b, DEC_LEN));
	at.from = at.lo;
	return span_keys(b, m->prefix, &at);
}

/* false: the index cannot narrow this match. */
static bool
match_keys(struct build *b, const struct criterion *c,
    const struct def_param *p, const struct match *m)
{
	switch ((enum param_kind)m->v.kind) {
	case PK_STRING:
		return string_keys(b, c, p, m);
	case PK_TOKEN:
		return token_keys(b, c->mod, p->num, m);
	case PK_REFERENCE:
		return c->mod != MOD_OTHER && reference_keys(b, p, m);
	case PK_URI:
		return uri_keys(b, c->mod, p->num, m->v.text);
	case PK_DATE:
		return date_keys(b, p->num, m);
	case PK_NUMBER:
	case PK_QUANTITY:
		return number_keys(b, p->num, m);
	case PK_COMPOSITE:	/* by its first part, which has keys */
		return m->part[0].param != NULL &&
		    m->part[0].param->kind != PK_COMPOSITE &&
		    plan_keys(b, &m->part[0]);
	case PK__MAX:
		break;
	}
	return false;
}

/* --- criteria ------------------------------------------------------------ */

/* Codes of a set that holds no others; of a system or, as a code, of none. */
static bool
set_keys(struct build *b, const struct criterion *c)
{
	struct match m = { .v = { .kind = PK_TOKEN, .any_system = true } };
	struct term_code code;
	uint32_t at = 0;
	size_t j;

	if (!term_closed(c->set))
		return false;
	while (term_each(c->set, &at, &code)) {
		m.v.text = code.code;
		(void)token_keys(b, MOD_NONE, c->param->num, &m);
		for (j = 0; j < c->n_also; j++)
			(void)token_keys(b, MOD_NONE, c->also[j]->num, &m);
		if (b->n > LISTS_MAX)
			return false;
	}
	return true;
}

static bool
can_narrow(const struct criterion *c)
{
	switch (c->mod) {
	case MOD_MISSING:
	case MOD_CONTAINS:
	case MOD_NOT:
	case MOD_NOT_IN:
	case MOD_ENDS:
	case MOD_OTHER:
		return false;
	default:
		return c->n_any > 0;
	}
}

bool
plan_keys(struct build *b, const struct criterion *c)
{
	size_t i, j;

	if (c->mod == MOD_IN)
		return set_keys(b, c);
	if (!can_narrow(c))
		return false;
	for (i = 0; i < c->n_any; i++) {
		if (!match_keys(b, c, c->param, &c->any[i]))
			return false;
		for (j = 0; j < c->n_also; j++)
			if (!match_keys(b, c, c->also[j], &c->any[i]))
				return false;
	}
	return true;
}

/* A string's key is what is compared, unless it was cut or case matters. */
static bool
string_exact(const struct criterion *c)
{
	size_t i;

	for (i = 0; i < c->n_any; i++)
		if (c->any[i].v.more.len > KEY_CUT)
			return false;
	return c->mod == MOD_NONE || c->mod == MOD_STARTS ||
	    c->mod == MOD_WHOLE;
}

bool
plan_exact(const struct criterion *c)
{
	switch (c->param->kind) {
	case PK_TOKEN:
	case PK_URI:
		return c->mod == MOD_NONE;
	case PK_REFERENCE:
	case PK_DATE:
		return true;
	case PK_STRING:
		return string_exact(c);
	case PK_NUMBER:
	case PK_QUANTITY:
	case PK_COMPOSITE:
	case PK__MAX:
		break;
	}
	return false;
}
