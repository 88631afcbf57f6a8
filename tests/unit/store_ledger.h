/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_ledger.h -- what a store must hold after any writes, kept by hand.
 *
 * Resources of few ids, each a list of versions; a journal of all; and a list
 * of what to undo.  So simple that it can be seen to be right.
 */
#ifndef TESTS_UNIT_STORE_LEDGER_H
#define TESTS_UNIT_STORE_LEDGER_H

#include "tests/unit/store_random.h"

#define THINGS		24
#define VERSIONS_MAX	4096
#define JOURNAL_MAX	65536

/* Whose: nobody's, pA's, pB's; everybody's (a Practitioner). */
enum whose { NOBODY, OF_A, OF_B, EVERYBODYS };

struct version {
	int64_t		 ms;
	bool		 deleted;
	enum whose	 whose;
	unsigned	 look, tag;	/* which of LOOKS, TAGS */
};

struct thing {
	char		 id[16];
	bool		 doctor;	/* a Practitioner; else Observation */
	struct version	 v[VERSIONS_MAX];
	size_t		 n;		/* versions; the last is current */
};

struct entry { unsigned thing; size_t version; };

/* One step back. */
struct step { unsigned thing; bool grew; size_t version; unsigned tag; };

struct ledger {
	struct thing	 thing[THINGS];
	struct entry	 journal[JOURNAL_MAX];
	size_t		 n_journal;
	int64_t		 last;		/* time of the last change */
	struct step	 undo[256];
	int64_t		 was_last[256];
	size_t		 n_undo;
};

/* A writer or reader: 0 the loader, 1 who may all, 2 pA. */
enum who { LOADER, STAFF, PATIENT_A };

static const char *const	looks[] = { "final", "amended", "preliminary",
	"registered" };
static const char *const	tag_codes[] = { "t0", "t1", "t2" };

static inline const struct version *
current(const struct thing *t)
{
	return t->n == 0 ? NULL : &t->v[t->n - 1];
}

static inline bool
ledger_holds(enum who who, enum whose whose, bool change)
{
	return who != PATIENT_A || whose == OF_A ||
	    (whose == EVERYBODYS && !change);
}

/* One wish, as the test draws it. */
struct wish {
	enum change_kind kind;
	unsigned	 thing;
	enum whose	 whose;
	unsigned	 look, tag;
	uint64_t	 if_version, of_version;
	bool		 create;
};

static inline void
ledger_undo_to(struct ledger *l, size_t mark)
{
	struct step *s;

	while (l->n_undo > mark) {
		s = &l->undo[--l->n_undo];
		if (s->grew) {
			l->thing[s->thing].n--;
			l->n_journal--;
			l->last = l->was_last[l->n_undo];
		} else
			l->thing[s->thing].v[s->version].tag = s->tag;
	}
}

static inline void
ledger_grow(struct ledger *l, unsigned thing, struct version v, int64_t now)
{
	struct thing *t = &l->thing[thing];

	assert_true(t->n < VERSIONS_MAX && l->n_journal < JOURNAL_MAX);
	l->undo[l->n_undo] = (struct step){ thing, true, 0, 0 };
	l->was_last[l->n_undo++] = l->last;
	v.ms = now > l->last ? now : l->last;
	if (t->n > 0 && v.ms <= current(t)->ms)
		v.ms = current(t)->ms + 1;
	l->last = v.ms;
	t->v[t->n++] = v;
	l->journal[l->n_journal++] = (struct entry){ thing, t->n };
}

static inline enum err
ledger_meta(struct ledger *l, enum who who, const struct wish *w,
    struct change_result *r)
{
	struct thing *t = &l->thing[w->thing];
	size_t i = w->of_version == 0 ? t->n : w->of_version;

	if (i > t->n || !ledger_holds(who, t->v[i - 1].whose, true))
		return ERR_NOTFOUND;
	if (t->v[i - 1].deleted)
		return ERR_GONE;
	if (w->if_version != 0 && w->if_version != t->n)
		return ERR_VERSION;
	r->version = i;
	r->updated.ms = t->v[i - 1].ms;
	r->same = t->v[i - 1].tag == w->tag;
	if (!r->same)
		l->undo[l->n_undo++] = (struct step){ w->thing, false, i - 1,
		    t->v[i - 1].tag };
	t->v[i - 1].tag = w->tag;
	return OK;
}

static inline enum err
ledger_delete(struct ledger *l, const struct wish *w, int64_t now,
    struct change_result *r)
{
	struct thing *t = &l->thing[w->thing];
	struct version v = *current(t);

	r->same = v.deleted;
	v.deleted = true;
	if (!r->same)
		ledger_grow(l, w->thing, v, now);
	return OK;
}

static inline enum err
ledger_put(struct ledger *l, enum who who, const struct wish *w,
    int64_t now, struct change_result *r)
{
	struct thing *t = &l->thing[w->thing];
	const struct version *c = current(t);
	struct version v = { .whose = w->whose, .look = w->look,
	    .tag = w->tag };

	if (who != LOADER && c != NULL && c->whose != w->whose)
		return ERR_OWNER;
	if (!ledger_holds(who, w->whose, true))
		return ERR_FORBIDDEN;
	if (w->if_version != 0 && w->if_version != t->n)
		return ERR_VERSION;
	r->created = c == NULL || c->deleted;
	r->same = !r->created && c->whose == v.whose && c->look == v.look &&
	    c->tag == v.tag;
	if (!r->same)
		ledger_grow(l, w->thing, v, now);
	return OK;
}

/* What the store must say, and hold from then on. */
static inline enum err
ledger_wish(struct ledger *l, enum who who, const struct wish *w,
    int64_t now, struct change_result *r)
{
	struct thing *t = &l->thing[w->thing];
	const struct version *c = current(t);
	enum err e;

	*r = (struct change_result){ .err = OK };
	if (w->kind == CHANGE_PUT && w->create)
		e = c == NULL ? OK : ERR_CONFLICT;
	else if (c == NULL)
		e = w->kind == CHANGE_PUT && who != PATIENT_A ? OK :
		    ERR_NOTFOUND;
	else
		e = ledger_holds(who, c->whose, true) ? OK : ERR_NOTFOUND;
	if (e != OK)
		return e;
	if (w->kind == CHANGE_META)
		return ledger_meta(l, who, w, r);
	if (w->kind == CHANGE_DELETE && w->if_version != 0 &&
	    w->if_version != t->n)
		return ERR_VERSION;
	e = w->kind == CHANGE_PUT ? ledger_put(l, who, w, now, r) :
	    ledger_delete(l, w, now, r);
	if (e == OK) {
		r->version = t->n;
		r->updated.ms = current(t)->ms;
	}
	return e;
}

/* --- as text -------------------------------------------------------------- */

/* What was sent; the store adds version and time to meta. */
static inline const char *
ledger_text(struct arena *a, const struct thing *t, const struct version *v)
{
	static const char *const subject[] = { "",
	    ",\"subject\":{\"reference\":\"Patient/pA\"}",
	    ",\"subject\":{\"reference\":\"Patient/pB\"}" };
	const char *meta = arena_printf(a, "\"meta\":{\"tag\":[{\"system\":"
	    "\"urn:t\",\"code\":\"%s\"}]}", tag_codes[v->tag]);

	if (t->doctor)
		return arena_printf(a, "{\"resourceType\":\"Practitioner\","
		    "\"id\":\"%s\",%s,\"name\":{\"family\":[\"%s\"]}}",
		    t->id, meta, looks[v->look]);
	return arena_printf(a, "{\"resourceType\":\"Observation\","
	    "\"id\":\"%s\",%s,\"status\":\"%s\",\"code\":{\"text\":\"x\"}%s}",
	    t->id, meta, looks[v->look], subject[v->whose]);
}

static inline uint16_t
ledger_type(const struct thing *t)
{
	return type_num(t->doctor ? "Practitioner" : "Observation");
}

#endif
