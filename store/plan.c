/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.c -- a criterion becomes lists and ranges of the index.
 *
 * Each kind of value has its own shape of keys (key.h draws them); here stand
 * the inverse: which keys may hold what a match finds.  Whatever has no short
 * answer (:not, :missing, :contains, "system|", ne) is left to the rows.
 */
#include <stdlib.h>

#include "fhir/json.h"
#include "store/plan.h"

#define LISTS_MAX	4096	/* lists of one criterion; beyond: rows */
#define TARGETS_MAX	65536	/* of a chain; beyond: rows */
#define KEYS_MAX	256	/* keys looked at to guess a range */
#define KEYS_FEW	8	/* so many keys are lists, not a range */

struct build {
	struct arena	*arena;
	struct range	*range;
	size_t		 n, cap;
	size_t		 n_key;		/* of n: single keys */
};

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
static void
add_key(struct build *b, const struct key *k)
{
	struct key end = *k;

	key_add_u8(&end, 0);
	add(b, keep(b->arena, k), keep(b->arena, &end));
	b->n_key++;
}

/* --- by kind ------------------------------------------------------------- */

static void
string_keys(struct build *b, uint16_t param, const struct match *m)
{
	struct key k = key_start(param);

	key_add(&k, bytes_sub(m->v.more, 0, KEY_CUT));
	add_prefix(b, &k);
}

static bool
token_keys(struct build *b, uint16_t param, const struct match *m)
{
	struct key k = key_start(param);

	if (m->v.any_code)
		return false;
	key_add_lower(&k, m->v.text);
	key_add_u8(&k, 0);
	if (m->v.any_system) {
		add_prefix(b, &k);
		return true;
	}
	key_add_hash8(&k, m->v.more);	/* "" for |code */
	add_key(b, &k);
	return true;
}

static struct key
local_key(uint16_t param, uint16_t type, struct bytes id)
{
	struct key k = key_start(param);

	key_add_u8(&k, 1);
	key_add_be16(&k, type);
	key_add(&k, id);
	return k;
}

static void
add_local(struct build *b, uint16_t param, uint16_t type, struct bytes id)
{
	struct key k = local_key(param, type, id);

	add_key(b, &k);
}

/* Without a type: that id of whatever type, or a foreign URL. */
static bool
reference_keys(struct build *b, const struct def_param *p,
    const struct match *m)
{
	struct key k = key_start(p->num);
	struct typeset to = p->targets;
	uint16_t type;

	if (m->v.type != 0) {
		add_local(b, p->num, m->v.type, m->v.text);
		return true;
	}
	key_add_u8(&k, 2);
	key_add_cut(&k, m->v.text);
	add_key(b, &k);
	if (!json_id_ok(m->v.text))
		return true;
	for (type = 1; type <= DEF_TYPES; type++)
		if ((to.bits[0] | to.bits[1]) == 0 || typeset_has(to, type))
			add_local(b, p->num, type, m->v.text);
	return b->n <= LISTS_MAX;
}

static void
uri_keys(struct build *b, uint16_t param, const struct match *m)
{
	struct key k = key_start(param);

	key_add_cut(&k, m->v.text);
	add_key(b, &k);
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
ends_of(uint16_t param, const struct quantity *q)
{
	struct ends at;

	at.narrow = at.wide_all = key_start(param);
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
	struct ends at = ends_of(param, NULL);
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
	struct ends at = ends_of(param, q);

	key_add(&at.lo, bytes_of(lo->b, DEC_LEN));
	key_add(&at.hi, bytes_of(hi->b, DEC_LEN));
	key_add(&at.wide, bytes_of(lo->b, DEC_LEN));
	at.from = at.lo;
	return span_keys(b, m->prefix, &at);
}

/* false: the index cannot narrow this match. */
static bool
match_keys(struct build *b, const struct def_param *p, const struct match *m)
{
	switch ((enum param_kind)m->v.kind) {
	case PK_STRING:
		string_keys(b, p->num, m);
		return true;
	case PK_TOKEN:
		return token_keys(b, p->num, m);
	case PK_REFERENCE:
		return reference_keys(b, p, m);
	case PK_URI:
		uri_keys(b, p->num, m);
		return true;
	case PK_DATE:
		return date_keys(b, p->num, m);
	case PK_NUMBER:
	case PK_QUANTITY:
		return number_keys(b, p->num, m);
	case PK_COMPOSITE:
	case PK__MAX:
		break;
	}
	return false;
}

/* --- sources ------------------------------------------------------------- */

static bool
can_narrow(const struct criterion *c)
{
	switch (c->mod) {
	case MOD_NONE:
	case MOD_EXACT:
	case MOD_TYPE:
	case MOD_ID:
		return c->n_any > 0;
	case MOD_MISSING:
	case MOD_CONTAINS:
	case MOD_NOT:
	case MOD_TEXT:
	case MOD_IN:
	case MOD_NOT_IN:
	case MOD_ABOVE:
	case MOD_BELOW:
	case MOD_WHOLE:
	case MOD_STARTS:
	case MOD_ENDS:
	case MOD_OTHER:
		break;
	}
	return false;
}

static bool
all_keys(struct build *b, const struct criterion *c)
{
	size_t i, j;

	for (i = 0; i < c->n_any; i++) {
		if (!match_keys(b, c->param, &c->any[i]))
			return false;
		for (j = 0; j < c->n_also; j++)
			if (!match_keys(b, c->also[j], &c->any[i]))
				return false;
	}
	return true;
}

/* A string's key is what is compared, unless it was cut or case matters. */
static bool
is_exact(const struct criterion *c)
{
	size_t i;

	switch (c->param->kind) {
	case PK_TOKEN:
	case PK_REFERENCE:
	case PK_URI:
	case PK_DATE:
		return true;
	case PK_STRING:
		for (i = 0; i < c->n_any; i++)
			if (c->any[i].v.more.len > KEY_CUT)
				return false;
		return c->mod == MOD_NONE;
	case PK_NUMBER:
	case PK_QUANTITY:
	case PK_COMPOSITE:
	case PK__MAX:
		break;
	}
	return false;
}

struct guess {
	struct build	 few;		/* the first keys met */
	uint64_t	 postings;
	unsigned	 keys;
};

static enum err
guess_key(void *arg, struct bytes key, uint64_t n)
{
	struct guess *g = arg;
	struct key k = { .len = key.len };

	if (g->keys < KEYS_FEW) {
		memcpy(k.b, key.p, key.len);
		add_key(&g->few, &k);
	}
	g->postings += n;
	return ++g->keys < KEYS_MAX ? OK : ERR_TOOBIG;
}

/*
 * Look through a range for its size: one that is too long is guessed at
 * several times the look.  One of a few keys, like a code in whatever system,
 * is as good as their lists: they can be counted and sought in.
 */
static enum err
guess_size(struct gate *g, struct arena *a, uint16_t type, struct source *s)
{
	struct guess sum = { .few = { .arena = a } };
	enum err e = OK;
	size_t i;

	for (i = 0; e == OK && i < s->n_range; i++)
		e = gate_keys(g, type, s->range[i].from, s->range[i].to,
		    guess_key, &sum);
	s->size = sum.postings;
	if (e == ERR_TOOBIG) {
		s->size *= 16;
		return OK;
	}
	if (e == OK && sum.keys <= KEYS_FEW && s->exact && !s->by_key) {
		s->kind = SOURCE_LISTS;
		s->range = sum.few.range;
		s->n_range = sum.few.n;
	}
	return e;
}

static enum err
count_lists(struct gate *g, uint16_t type, struct source *s)
{
	uint64_t n;
	enum err e;
	size_t i;

	for (i = 0; i < s->n_range; i++) {
		e = gate_count(g, type, s->range[i].from, &n);
		if (e != OK)
			return e;
		s->size += n;
	}
	return OK;
}

enum err
plan_source(struct gate *g, struct arena *a, uint16_t type,
    const struct criterion *c, struct source *out)
{
	struct build b = { .arena = a };
	struct source s = { .kind = SOURCE_NONE, .c = c };
	enum err e;

	if (c->param->num == PARAM_ID && c->mod == MOD_NONE)
		return plan_ids(g, a, type, c, out);
	*out = s;
	if (c->param->num == PARAM_ID || !can_narrow(c) || !all_keys(&b, c))
		return OK;
	s.kind = b.n_key == b.n ? SOURCE_LISTS : SOURCE_RANGES;
	s.range = b.range;
	s.n_range = b.n;
	s.exact = is_exact(c);
	s.by_key = c->param->kind == PK_DATE;
	s.of_type = c->param->type != 0;
	e = s.kind == SOURCE_LISTS ? count_lists(g, type, &s) :
	    guess_size(g, a, type, &s);
	if (e == OK)
		*out = s;
	return e;
}

void
plan_reference(const struct def_param *link, uint16_t type, struct bytes id,
    struct key *from_out, struct key *to_out)
{
	*from_out = local_key(link->num, type, id);
	*to_out = *from_out;
	key_add_u8(to_out, 0);
}

enum err
plan_references(struct gate *g, struct arena *a, uint16_t source,
    const struct def_param *link, uint16_t type, const struct bytes *id,
    size_t n, struct source *out)
{
	struct source s = { .kind = SOURCE_LISTS, .exact = true,
	    .of_type = true };
	struct build b = { .arena = a };
	enum err e;
	size_t i;

	*out = (struct source){ .kind = SOURCE_NONE };
	if (n > TARGETS_MAX)
		return OK;
	for (i = 0; i < n; i++)
		add_local(&b, link->num, type, id[i]);
	s.range = b.range;
	s.n_range = b.n;
	e = count_lists(g, source, &s);
	if (e == OK)
		*out = s;
	return e;
}

enum err
plan_type(struct gate *g, struct arena *a, uint16_t type, struct source *out)
{
	struct build b = { .arena = a };
	struct key k = key_reserved(KEY_P_TYPE, type);

	add_key(&b, &k);
	*out = (struct source){
		.kind = SOURCE_LISTS,
		.range = b.range,
		.n_range = 1,
		.exact = true,
		.of_type = true,
	};
	return count_lists(g, type, out);
}

static int
cmp_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

enum err
plan_ids(const struct gate *g, struct arena *a, uint16_t type,
    const struct criterion *c, struct source *out)
{
	struct source s = { .kind = SOURCE_IDS, .c = c, .exact = true,
	    .of_type = true };
	size_t i, n = 0;
	enum err e;

	s.rid = arena_array(a, c->n_any, sizeof(*s.rid));
	for (i = 0; i < c->n_any; i++) {
		e = gate_find(g, VIEW_SEARCH, type, c->any[i].v.text,
		    &s.rid[s.n_rid]);
		if (e == OK)
			s.n_rid++;
		else if (e != ERR_NOTFOUND && e != ERR_GONE)
			return e;
	}
	if (s.n_rid > 1)
		qsort(s.rid, s.n_rid, sizeof(*s.rid), cmp_u64);
	for (i = 0; i < s.n_rid; i++)
		if (i == 0 || s.rid[i] != s.rid[i - 1])
			s.rid[n++] = s.rid[i];
	s.n_rid = n;
	s.size = n;
	*out = s;
	return OK;
}

bool
plan_key_match(const struct criterion *c, struct bytes key)
{
	const uint64_t sign = UINT64_C(1) << 63;
	struct value v = { .kind = PK_DATE };
	int64_t first, second;
	size_t i;

	if (key.len != 2 + 1 + 2 * sizeof(uint64_t))
		return false;
	first = (int64_t)(key_be64(key.p + 3) ^ sign);
	second = (int64_t)(key_be64(key.p + 11) ^ sign);
	v.time = key.p[2] == 1 ? (struct span){ first, second } :
	    (struct span){ second, first };
	for (i = 0; i < c->n_any; i++)
		if (query_value_match(c, &c->any[i], &v))
			return true;
	return false;
}
