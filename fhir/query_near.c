/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_near.c -- near=LAT,LONG and how far.  (L1)
 *
 * Two parameters make one criterion: what follows near under the same name
 * ("location.near", "location.near-distance") is its distance.
 *
 * Reading: a distance without a prefix, and "eq", means within it; nobody
 * looks for what lies on a line.  ap is a tenth more.  The comma parts the
 * coordinates, so near has one place; later drafts have a colon there.
 *
 * Spec: DSTU2 location.html#search.
 */
#include "fhir/query_part.h"

#define DISTANCE	"-distance"
#define KILOMETRE	"km"

/* A unit of length, or what to write instead. */
static enum err
read_unit(const struct query_ctx *x, struct bytes system, struct bytes code,
    struct ucum *out)
{
	struct ucum	metre;
	const char	*near;
	bool		is_ucum = system.len == 0 ||
			    bytes_is(system, UCUM_SYSTEM);

	if (is_ucum && ucum_parse(code, out) == OK &&
	    ucum_parse(bytes_str("m"), &metre) == OK && ucum_same(out, &metre))
		return OK;
	near = is_ucum ? ucum_near(code) : NULL;
	return query_value_wrong(x, ERR_VALUE, arena_printf(x->arena,
	    "the unit of near-distance is a length of UCUM ("
	    UCUM_SYSTEM "): km, m, [mi_i]%s%s%s", near == NULL ? "" :
	    "; did you mean \"", near == NULL ? "" : near,
	    near == NULL ? "" : "\"?"));
}

/* "[prefix]NUMBER|system|unit" in metres, and what the prefix says. */
static enum err
read_distance(const struct query_ctx *x, struct bytes raw,
    struct dec *out, enum prefix *prefix_out)
{
	struct ucum	unit;
	struct bytes	part[3], number;
	struct dec	d, low;
	size_t		n;
	enum err	e = query_prefix(x, &raw, prefix_out);

	if (e != OK)
		return e;
	n = query_split_bars(x->arena, raw, part);
	if ((n != 1 && n != 3) || (n == 3 && part[2].len == 0) ||
	    prim_dec(part[0], &d) != OK)
		return query_value_wrong(x, ERR_VALUE, "not a distance: write "
		    "number, which are kilometres, or number|" UCUM_SYSTEM
		    "|unit, as in 10||km, after one of eq ne gt lt ge le sa "
		    "eb ap or nothing");
	number = part[0];
	if (number.p[0] == '-')
		return query_value_wrong(x, ERR_VALUE, "a distance is not "
		    "below 0");
	e = read_unit(x, n == 3 ? part[1] : bytes_of(NULL, 0),
	    n == 3 ? part[2] : bytes_str(KILOMETRE), &unit);
	if (e != OK)
		return e;
	if (*prefix_out == PRE_AP) {
		e = prim_dec_about(number, &low, &d);
		if (e != OK)
			return ERR_BUG;		/* it was a number */
	}
	*out = ucum_scale(&unit, d);
	return OK;
}

/* The value of the one pair of this name; NULL: there is none. */
static const struct pair *
find(const struct query_ctx *x, struct bytes name, bool *twice_out)
{
	const struct pair	*found = NULL;
	size_t			 i;

	*twice_out = false;
	for (i = 0; i < x->n_pairs; i++)
		if (bytes_eq(x->pairs[i].name, name)) {
			*twice_out = found != NULL;
			found = &x->pairs[i];
		}
	return found;
}

/* What stands beside near; *metres and *prefix stay where nothing does. */
static enum err
beside(const struct query_ctx *x, struct dec *metres, enum prefix *prefix)
{
	struct bytes		 name = bytes_str(arena_printf(x->arena,
				    "%.*s" DISTANCE, BYTES_FMT(x->whole)));
	const struct pair	*p;
	struct query_ctx	 in = *x;
	bool			 twice;

	p = find(x, name, &twice);
	if (p == NULL)
		return OK;
	in.whole = name;
	if (twice)
		return query_value_wrong(&in, ERR_USAGE, "given twice: one "
		    "distance goes with one near");
	return read_distance(&in, p->value, metres, prefix);
}

/* "LAT,LONG" or "LAT:LONG", in degrees. */
static enum err
read_place(const struct query_ctx *x, struct bytes text,
    struct near_place *out)
{
	struct bytes	part[3], lat, lon;
	struct dec	a, b;

	/* No bar stands there; a comma may be escaped like any other. */
	if (query_split_bars(x->arena, text, part) != 1 ||
	    (!bytes_cut(part[0], ',', &lat, &lon) &&
	    !bytes_cut(part[0], ':', &lat, &lon)) || prim_dec(lat, &a) != OK ||
	    prim_dec(lon, &b) != OK)
		return query_value_wrong(x, ERR_VALUE, "not a place: write one "
		    "LAT,LONG in decimal degrees of WGS84, as in "
		    "42.2565,-83.6945, and how far in near-distance");
	if (near_place(&a, &b, out) != OK)
		return query_value_wrong(x, ERR_VALUE, "a latitude is from "
		    "-90 to 90 degrees, a longitude from -180 to 180; the "
		    "latitude comes first");
	return OK;
}

enum err
query_near_parse(const struct query_ctx *x, struct bytes text,
    struct criterion *c)
{
	struct near_place	place;
	struct near		*near = arena_alloc(x->arena, sizeof(*near));
	enum prefix		 prefix = PRE_EQ;
	struct dec		 metres = prim_dec_join(false, NEAR_METRES, 0);
	enum err		 e;

	e = read_place(x, text, &place);
	if (e == OK)
		e = beside(x, &metres, &prefix);
	if (e != OK)
		return e;
	if (near_circle(&place, &metres, near) != OK)
		return ERR_BUG;		/* below 0 was refused */
	near->beyond = prefix == PRE_NE || prefix == PRE_GT ||
	    prefix == PRE_GE || prefix == PRE_SA;
	/* The rim is within, but where it is said to be the other's. */
	near->rim = prefix != PRE_LT && prefix != PRE_EB && prefix != PRE_GE;
	c->any = arena_array(x->arena, 1, sizeof(*c->any));
	c->n_any = 1;
	/* any_code: no key of the index is that of what is near */
	c->any->v = (struct value){ .param = c->param->num, .kind = PK_TOKEN,
	    .any_system = true, .any_code = true };
	c->any->near = near;
	return OK;
}

bool
query_near_beside(struct bytes name)
{
	static const char	word[] = "near" DISTANCE;
	size_t			n = sizeof(word) - 1, at;

	if (name.len < n)
		return false;
	at = name.len - n;
	return bytes_is(bytes_from(name, at), word) &&
	    (at == 0 || name.p[at - 1] == '.' || name.p[at - 1] == ':');
}

enum err
query_near_distance(const struct query_ctx *x, struct node *out)
{
	bool	twice;

	if (find(x, bytes_sub(x->whole, 0, x->whole.len - strlen(DISTANCE)),
	    &twice) == NULL)
		return issue_add(x->is, ERR_USAGE, "search-near",
		    query_place(x->arena, x->whole), "it says how far from "
		    "where: give near=LAT,LONG beside it");
	*out = (struct node){ .op = NODE_AND, .name = x->whole };
	return OK;
}
