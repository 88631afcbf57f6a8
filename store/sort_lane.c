/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort_lane.c -- keys of the index as an order of what they stand for.
 *
 * The inverse of key_index.c, as far as sort_value asks: ascending a resource
 * stands by its least value, so keys that begin with low ends are the order;
 * descending by its greatest.  High ends stand in keys of what is wide; of
 * what is narrow the low end says where the high one lies, within a day.
 * References are one lane for each type, since types sort by name.
 */
#include "store/sort_index.h"

#define LEAD	3	/* bytes of a parameter and of what comes first */

bool
lane_can(const struct sort_key *k)
{
	return k->param->num != PARAM_ID &&
	    k->param->num != PARAM_LASTUPDATED &&
	    k->param->kind != PK_COMPOSITE;
}

static struct lane
lane(enum lane_how how, uint16_t param, uint8_t lead)
{
	struct lane l = { .how = how, .from = key_start(param) };

	if (lead != 0)
		key_add_u8(&l.from, lead);
	l.head = l.from.len;
	(void)key_after(&l.from, &l.to);	/* no parameter is FFFF */
	return l;
}

static size_t
reference_lanes(struct arena *a, const struct def_param *p,
    struct lane **out)
{
	struct typeset to = p->targets;
	bool any = (to.bits[0] | to.bits[1]) == 0;
	struct lane *l;
	uint16_t type;
	size_t n = 0;

	*out = arena_array(a, DEF_TYPES + 1, sizeof(**out));
	for (type = 1; type <= DEF_TYPES; type++) {
		if (!any && !typeset_has(to, type))
			continue;
		l = &(*out)[n++];
		*l = lane(LANE_TYPE, p->num, 1);
		key_add_be16(&l->from, type);
		l->head = l->from.len;
		l->type = def_type_num(type)->name;
		(void)key_after(&l->from, &l->to);
	}
	(*out)[n++] = lane(LANE_TEXT, p->num, 2);
	return n;
}

void
lane_new(struct arena *a, uint16_t type, const struct sort_key *k,
    struct lane **out, size_t *n_out)
{
	uint16_t num = key_param(type, k->param->num);
	struct lane *l;

	if (k->param->kind == PK_REFERENCE) {
		*n_out = reference_lanes(a, k->param, out);
		return;
	}
	l = *out = arena_array(a, 2, sizeof(*l));
	*n_out = 1;
	switch (k->param->kind) {
	case PK_TOKEN:
		l[0] = lane(LANE_CODE, num, 0);
		return;
	case PK_DATE:
	case PK_NUMBER:
	case PK_QUANTITY:
		l[0] = lane(!k->descending ? LANE_LOW :
		    k->param->kind == PK_DATE ? LANE_NARROW : LANE_POINT,
		    num, 1);
		if (k->descending)
			l[(*n_out)++] = lane(LANE_HIGH, num, 2);
		return;
	default:
		l[0] = lane(LANE_TEXT, num, 0);
		return;
	}
}

/* --- where to begin ------------------------------------------------------- */

/* A time less or more a day, as it stands in keys. */
static void
shift(const uint8_t *time, bool more, uint8_t *out)
{
	uint64_t t = key_be64(time);

	if (more)
		t = t > UINT64_MAX - KEY_WIDE_MS ? UINT64_MAX :
		    t + KEY_WIDE_MS;
	else
		t = t < KEY_WIDE_MS ? 0 : t - KEY_WIDE_MS;
	key_put_be64(out, t);
}

static void
cut_from(struct lane *l, struct bytes value)
{
	key_add(&l->from, value);
}

/* To all that begin with value; whole: to value itself, and nothing longer. */
static void
cut_to(struct lane *l, struct bytes value, bool whole)
{
	struct key k = l->from, end;

	key_add(&k, value);
	if (whole)
		key_add_u8(&k, 0);
	else if (key_after(&k, &end))
		k = end;
	l->to = k;
}

/* Nothing of the lane. */
static void
cut_all(struct lane *l)
{
	l->to = l->from;
}

/* Zeros fill a text up, and part a code from its system. */
static struct bytes
text_of(const uint8_t *value, size_t n)
{
	const uint8_t *end = memchr(value, 0, n);

	return bytes_of(value, end == NULL ? n : (size_t)(end - value));
}

static void
cut_text(struct lane *l, struct bytes text, bool up)
{
	if (up)
		cut_from(l, text);
	else
		cut_to(l, text, text.len < SPOT_TEXT);
}

static void
cut_code(struct lane *l, struct bytes code, bool up)
{
	struct key k = { .len = 0 };

	key_add(&k, code);
	if (code.len < SPOT_TEXT)
		key_add_u8(&k, 0);
	if (up)
		cut_from(l, key_bytes(&k));
	else
		cut_to(l, key_bytes(&k), false);
}

/* All of a type lies before, behind, or about what is asked for. */
static void
cut_type(struct lane *l, struct bytes text, bool up)
{
	size_t len = strlen(l->type);
	struct bytes name = bytes_of(l->type, len);
	int order = bytes_cmp(bytes_sub(text, 0, len), name);

	if (order == 0 && text.len > len)
		order = (text.p[len] > '/') - (text.p[len] < '/');
	else if (order == 0)
		order = -1;
	if (order == 0)
		cut_text(l, bytes_from(text, len + 1), up);
	else if ((order > 0) == up)
		cut_all(l);
}

void
lane_cut(struct lane *l, const uint8_t *value, size_t n, bool up)
{
	uint8_t time[sizeof(uint64_t)];

	if (value == NULL)
		return;
	switch (l->how) {
	case LANE_TEXT:
		cut_text(l, text_of(value, n), up);
		return;
	case LANE_TYPE:
		cut_type(l, text_of(value, n), up);
		return;
	case LANE_CODE:
		cut_code(l, text_of(value, n), up);
		return;
	case LANE_NARROW:
		if (up) {
			shift(value, false, time);
			value = time;
		}
		break;
	case LANE_LOW:
	case LANE_HIGH:
	case LANE_POINT:
		break;
	}
	if (up)
		cut_from(l, bytes_of(value, n));
	else
		cut_to(l, bytes_of(value, n), false);
}

/* --- what a key stands for ------------------------------------------------ */

static void
fill(struct bytes head, struct bytes text, uint8_t more, uint8_t *out,
    size_t n)
{
	size_t len = head.len;

	text = bytes_sub(text, 0, n - len);
	memset(out, more, n);
	if (len > 0)
		memcpy(out, head.p, len);
	if (text.len > 0)
		memcpy(out + len, text.p, text.len);
}

static void
near_code(struct bytes rest, bool up, uint8_t *out, size_t n)
{
	struct bytes code = text_of(rest.p, rest.len < n ? rest.len : n);

	fill(bytes_of(NULL, 0), code, up ? 0 : 0xff, out, n);
	if (code.len < n)
		out[code.len] = 0;
}

enum err
lane_near(const struct lane *l, struct bytes key, bool up, uint8_t *out,
    size_t n)
{
	struct bytes rest = bytes_from(key, l->head), none = { NULL, 0 };
	char name[SPOT_TEXT];
	size_t len;

	switch (l->how) {
	case LANE_TEXT:
		fill(none, rest, 0, out, n);
		return OK;
	case LANE_TYPE:
		len = strlen(l->type);
		memcpy(name, l->type, len);
		name[len++] = '/';
		fill(bytes_of(name, len), rest, 0, out, n);
		return OK;
	case LANE_CODE:
		if (rest.len <= sizeof(uint64_t))
			return ERR_STORE;
		near_code(rest, up, out, n);
		return OK;
	case LANE_LOW:
	case LANE_HIGH:
	case LANE_NARROW:
	case LANE_POINT:
		break;
	}
	if (rest.len < 2 * n)
		return ERR_STORE;
	if (l->how == LANE_NARROW && !up)
		shift(rest.p, true, out);
	else
		memcpy(out, rest.p, n);
	return OK;
}

enum lane_says
lane_value(const struct lane *l, struct bytes key, uint8_t *out, size_t n)
{
	const uint8_t *ends = key.p + LEAD;

	switch (l->how) {
	case LANE_CODE:
		return LANE_ASK;
	case LANE_NARROW:
		if (key_be64(ends + n) - key_be64(ends) > KEY_WIDE_MS)
			return LANE_SKIP;
		memcpy(out, ends + n, n);
		return LANE_EXACT;
	case LANE_POINT:
		if (memcmp(ends, ends + n, n) != 0)
			return LANE_SKIP;
		break;
	case LANE_TEXT:
	case LANE_LOW:
	case LANE_HIGH:
	case LANE_TYPE:
		break;
	}
	/* lane_near has looked at its length. */
	return lane_near(l, key, true, out, n) == OK ? LANE_EXACT : LANE_ASK;
}
