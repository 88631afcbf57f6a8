/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_two.h -- two worlds that differ in what pA's view does not hold, and
 * what pA can see of an answer, as text.
 */
#ifndef TESTS_UNIT_STORE_TWO_H
#define TESTS_UNIT_STORE_TWO_H

#include "tests/unit/store_forest.h"

static uint64_t	seed = 20260102;

struct worlds { struct world *w[2]; };

/* --- making them --------------------------------------------------------- */

/* Others' data: another amount of it, with other values, in each world. */
static inline void
put_hidden(struct world *w, struct dice *d, unsigned step)
{
	static const char *const others[] = { "pB", "pC", "pD", NULL };
	const char *id;
	unsigned i, n = (unsigned)roll(d, 5);

	for (i = 0; i < n; i++) {
		id = arena_printf(w->arena, "h%u-%u", step, i);
		switch (i == 0 ? roll(d, 11) : 1 + roll(d, 10)) {
		case 0:
			put_patient(w, d, roll(d, 2) ? "pB" : "pC");
			break;
		case 1:
			put_doctor(w, d, arena_printf(w->arena, "dr-%s",
			    id));
			break;
		case 2:		/* pA and others: of several (CMP-18) */
			world_put(w, arena_printf(w->arena,
			    "{\"resourceType\":\"Appointment\",\"id\":\"%s\","
			    "\"participant\":[{\"actor\":{\"reference\":"
			    "\"Patient/pA\"},\"status\":\"accepted\"},"
			    "{\"actor\":{\"reference\":\"Patient/pB\"},"
			    "\"status\":\"accepted\"}]}", id));
			break;
		case 3:
			put_order(w, d, id, "pB");
			break;
		case 4:
			put_shot(w, d, id, "pC");
			break;
		case 5:
		case 6:		/* lists name what is pA's, too */
			put_tree(w, d, id, roll(d, 2) ? "pB" : "pC");
			break;
		default:	/* pA may perform, and stays outside (CMP-17) */
			put_observation(w, d, id, PICK(d, others));
			break;
		}
	}
	/* Of an earlier step: times of one resource grow, those of all too. */
	id = arena_printf(w->arena, "h%u-0", step - 1);
	if (roll(d, 9) == 0 && step > 0 &&
	    world_known(w, type_num("Observation"), bytes_str(id)) != NULL)
		world_delete(w, "Observation", id);
}

/* pA's own: the same in both. */
static inline void
put_visible(struct world *w, struct dice *d, unsigned step)
{
	const char *id = arena_printf(w->arena, "r%u", step);

	switch (roll(d, 8)) {
	case 0:
		put_order(w, d, id, "pA");
		break;
	case 2:
	case 3:
		put_tree(w, d, id, "pA");
		break;
	case 1:
		put_shot(w, d, id, "pA");
		break;
	default:
		put_observation(w, d, id, "pA");
		break;
	}
	if (step % 10 == 9) {	/* deletions of its own are 410 in both */
		id = arena_printf(w->arena, "r%u", step - 5);
		if (world_known(w, type_num("Observation"),
		    bytes_str(id)) != NULL)
			world_delete(w, "Observation", id);
	}
}

static inline struct world *
make(uint64_t hidden)
{
	struct world *w = world_new();
	struct dice same = { seed }, other = { hidden };
	unsigned i;

	for (i = 0; i < 3; i++)
		put_doctor(w, &same, doctors[i]);
	world_put(w, "{\"resourceType\":\"Medication\",\"id\":\"m1\"}");
	put_hidden(w, &other, 1000);
	for (i = 0; i < 120; i++) {
		world_commit(w);
		put_hidden(w, &other, i);
		if (i == 60)
			put_patient(w, &same, "pA");
		put_visible(w, &same, i);
	}
	world_commit(w);
	return w;
}

static inline int
setup(void **state)
{
	static struct worlds both;

	both.w[0] = make(1);
	both.w[1] = make(2);
	assert_int_not_equal(both.w[0]->n, both.w[1]->n);
	*state = &both;
	return 0;
}

static inline int
teardown(void **state)
{
	struct worlds *both = *state;

	world_free(both->w[0]);
	world_free(both->w[1]);
	return 0;
}

/* --- telling -------------------------------------------------------------- */

static inline void
tell_page(struct buf *b, const struct page *p)
{
	const struct resource *r;
	size_t i;

	buf_printf(b, "%u of %llu, %u\n", (unsigned)p->n_match,
	    (unsigned long long)p->total, (unsigned)p->n_entry);
	for (i = 0; i < p->n_entry; i++) {
		r = &p->entry[i];
		buf_printf(b, "%u %llu %lld ", r->type,
		    (unsigned long long)r->version, (long long)r->updated.ms);
		buf_add(b, r->id);
		buf_str(b, " ");
		buf_add(b, r->body);
		buf_str(b, "\n");
	}
	buf_printf(b, "links %u %u %u %u\n", (unsigned)p->next.len,
	    (unsigned)p->previous.len, (unsigned)p->first.len,
	    (unsigned)p->last.len);
}

/* The first lines that differ, to be printed. */
static inline void
first_difference(struct bytes told[2])
{
	struct bytes line[2];

	do {
		(void)bytes_cut(told[0], '\n', &line[0], &told[0]);
		(void)bytes_cut(told[1], '\n', &line[1], &told[1]);
	} while (bytes_eq(line[0], line[1]) && told[0].len > 0);
	told[0] = bytes_sub(line[0], 0, 200);
	told[1] = bytes_sub(line[1], 0, 200);
}

#endif
