/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate_care.c -- whom a practitioner cares for: REACH_RELATION.
 *
 * A care relation to a patient is one of these, as they stand now:
 *
 *	Patient.careProvider		names the practitioner
 *	CarePlan of the patient		category careteam, status active,
 *					participant.member the practitioner
 *	Encounter of the patient	participant.individual the practitioner,
 *					not cancelled, its period within
 *					care-days of this moment
 *
 * Reading: an Encounter counts from care-days before it begins, too: who will
 * see somebody prepares for it.  One without a period is no relation.
 *
 * Judged for each patient from that patient's own rows, once in a request.
 * These rows are read though the view may not hold them: they do not answer
 * the caller, they say who the caller is.
 *
 * Spec: requirements Z06; design 7.
 */
#include "store/gate_in.h"

#define DAY_MS	INT64_C(86400000)

/* The parameters that say it; all of them stand in params.tbl. */
enum said {
	SAID_PROVIDER, SAID_PLAN_MEMBER, SAID_PLAN_CATEGORY,
	SAID_PLAN_STATUS, SAID_VISIT_MEMBER, SAID_VISIT_STATUS,
	SAID_VISIT_DATE, SAID__MAX
};

static const struct {
	const char	*type, *code;
} said[] = {
	[SAID_PROVIDER] = { "Patient", "careprovider" },
	[SAID_PLAN_MEMBER] = { "CarePlan", "participant" },
	[SAID_PLAN_CATEGORY] = { "CarePlan", "category" },
	[SAID_PLAN_STATUS] = { "CarePlan", "status" },
	[SAID_VISIT_MEMBER] = { "Encounter", "practitioner" },
	[SAID_VISIT_STATUS] = { "Encounter", "status" },
	[SAID_VISIT_DATE] = { "Encounter", "date" },
};

/* One patient that was judged. */
struct known {
	uint64_t	rid;		/* 0: free */
	bool		cares;
};

struct care {
	uint16_t		 param[SAID__MAX];
	uint16_t		 practitioner, patient, plan;	/* types */
	struct arena		*arena;
	const struct relation	*who;
	struct span		 near;		/* care-days on both sides */
	struct known		*slot;		/* open addressing */
	size_t			 n, cap;	/* cap: a power of two */
	uint64_t		*all;		/* care_list, once asked for */
	size_t			 n_all, cap_all;
	bool			 listed;
};

static uint16_t
type_of(const char *name)
{
	return def_type(bytes_str(name))->num;
}

struct care *
care_new(struct arena *a, const struct relation *who)
{
	struct care *c = arena_alloc(a, sizeof(*c));
	const int64_t days = (int64_t)who->care_days * DAY_MS;
	size_t i;

	*c = (struct care){
		.arena = a,
		.who = who,
		.near = { who->now.ms - days, who->now.ms + days },
		.practitioner = type_of("Practitioner"),
		.patient = type_of("Patient"),
		.plan = type_of("CarePlan"),
		.cap = 64
	};
	for (i = 0; i < SAID__MAX; i++)
		c->param[i] = def_param(type_of(said[i].type),
		    bytes_str(said[i].code))->num;
	c->slot = arena_array(a, c->cap, sizeof(*c->slot));
	memset(c->slot, 0, c->cap * sizeof(*c->slot));
	return c;
}

/* --- one patient --------------------------------------------------------- */

/* A row of the patient, and what it says. */
struct judge {
	const struct care	*c;
	bool			 cares;
};

/* Does an entry of the parameter name the practitioner? */
static bool
names(const struct judge *j, const struct row *row, enum said s)
{
	struct bytes at = { NULL, 0 };
	struct value v;

	while (key_entry(j->c->arena, row, j->c->param[s], &at, &v))
		if (v.type == j->c->practitioner &&
		    bytes_eq(v.text, j->c->who->practitioner))
			return true;
	return false;
}

static bool
has_code(const struct judge *j, const struct row *row, enum said s,
    const char *code)
{
	struct bytes at = { NULL, 0 };
	struct value v;

	while (key_entry(j->c->arena, row, j->c->param[s], &at, &v))
		if (bytes_is(v.text, code))
			return true;
	return false;
}

static bool
is_near(const struct judge *j, const struct row *row)
{
	struct bytes at = { NULL, 0 };
	struct value v;

	while (key_entry(j->c->arena, row, j->c->param[SAID_VISIT_DATE],
	    &at, &v))
		if (v.time.lo < j->c->near.hi && v.time.hi > j->c->near.lo)
			return true;
	return false;
}

static enum err
judge_row(void *arg, uint64_t rid, const struct row *row)
{
	struct judge *j = arg;

	if (j->cares)
		return OK;
	if (rid_type(rid) == j->c->patient)
		j->cares = names(j, row, SAID_PROVIDER);
	else if (rid_type(rid) == j->c->plan)
		j->cares = names(j, row, SAID_PLAN_MEMBER) &&
		    has_code(j, row, SAID_PLAN_CATEGORY, "careteam") &&
		    has_code(j, row, SAID_PLAN_STATUS, "active");
	else
		j->cares = names(j, row, SAID_VISIT_MEMBER) &&
		    !has_code(j, row, SAID_VISIT_STATUS, "cancelled") &&
		    is_near(j, row);
	return OK;
}

static enum err
judge(const struct gate *g, uint64_t patient, bool *cares_out)
{
	struct judge j = { .c = g->care };
	struct typeset types = { { 0, 0 } };
	enum err e;

	typeset_add(&types, j.c->patient);
	typeset_add(&types, j.c->plan);
	typeset_add(&types, type_of("Encounter"));
	e = gate_walk(g, patient, types, judge_row, &j);
	*cares_out = j.cares;
	return e;
}

/* --- what was judged ------------------------------------------------------ */

static struct known *
slot_of(const struct care *c, uint64_t rid)
{
	size_t i = (size_t)(rid * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	    (c->cap - 1);

	while (c->slot[i].rid != 0 && c->slot[i].rid != rid)
		i = (i + 1) & (c->cap - 1);
	return &c->slot[i];
}

static void
remember(struct care *c, uint64_t rid, bool cares)
{
	const struct known *old = c->slot;
	size_t i, n = c->cap;

	if (2 * ++c->n > c->cap) {
		c->cap *= 2;
		c->slot = arena_array(c->arena, c->cap, sizeof(*c->slot));
		memset(c->slot, 0, c->cap * sizeof(*c->slot));
		for (i = 0; i < n; i++)
			if (old[i].rid != 0)
				*slot_of(c, old[i].rid) = old[i];
	}
	*slot_of(c, rid) = (struct known){ rid, cares };
}

enum err
care_holds(const struct gate *g, uint64_t patient)
{
	struct known *k;
	bool cares;
	enum err e;

	if (g->care == NULL || g->care->who->practitioner.len == 0 ||
	    patient == 0)
		return ERR_NOTFOUND;
	k = slot_of(g->care, patient);
	if (k->rid == patient)
		return k->cares ? OK : ERR_NOTFOUND;
	e = judge(g, patient, &cares);
	if (e != OK)
		return e;
	remember(g->care, patient, cares);
	return cares ? OK : ERR_NOTFOUND;
}

/* --- everyone ------------------------------------------------------------- */

static void
candidate(struct care *c, uint64_t rid)
{
	uint64_t *more;

	/* Visits of one patient mostly stand together. */
	if (c->n_all > 0 && c->all[c->n_all - 1] == rid)
		return;
	if (c->n_all == c->cap_all) {
		c->cap_all = c->cap_all == 0 ? 256 : 2 * c->cap_all;
		more = arena_array(c->arena, c->cap_all, sizeof(*more));
		if (c->n_all > 0)
			memcpy(more, c->all, c->n_all * sizeof(*more));
		c->all = more;
	}
	c->all[c->n_all++] = rid;
}

/* Owners of all that names the practitioner by this parameter. */
static enum err
named_by(const struct gate *g, struct cur *cur, enum said s)
{
	struct key k = key_start(g->care->param[s]);
	struct header h;
	struct bytes body;
	uint64_t rid;
	enum err e;

	key_add_u8(&k, 1);
	key_add_be16(&k, g->care->practitioner);
	key_add(&k, g->care->who->practitioner);
	for (e = cur_seek64(cur, key_bytes(&k), 0, &rid); e == OK;
	    e = cur_next64(cur, &rid)) {
		e = raw_record(g->t, rid, &h, &body);
		if (e != OK)
			return e == ERR_NOTFOUND ? ERR_STORE : e;
		if (h.kind == OWNER_ONE)
			candidate(g->care, h.owner);
	}
	return e == ERR_NOTFOUND ? OK : e;
}

/* Keep those that are patients of theirs, each once. */
static enum err
keep_cared(const struct gate *g)
{
	struct care *c = g->care;
	size_t i, n = 0;
	enum err e;

	c->n_all = rid_sort(c->all, c->n_all);
	for (i = 0; i < c->n_all; i++) {
		e = care_holds(g, c->all[i]);
		if (e == OK)
			c->all[n++] = c->all[i];
		else if (e != ERR_NOTFOUND)
			return e;
	}
	c->n_all = n;
	return OK;
}

enum err
care_list(const struct gate *g, const uint64_t **rid_out, size_t *n_out)
{
	static const enum said by[] = { SAID_PROVIDER, SAID_PLAN_MEMBER,
	    SAID_VISIT_MEMBER };
	struct care *c = g->care;
	struct cur *cur;
	enum err e = OK;
	size_t i;

	if (!c->listed && c->who->practitioner.len > 0) {
		e = raw_cursor(g->t, DB_INDEX, &cur);
		for (i = 0; e == OK && i < N_ELEM(by); i++)
			e = named_by(g, cur, by[i]);
		if (e == OK)
			e = keep_cared(g);
		if (e != OK)
			return e;
	}
	c->listed = true;
	*rid_out = c->all;
	*n_out = c->n_all;
	return OK;
}
