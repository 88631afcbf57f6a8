/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init_cost.c -- what a password hash may cost on this machine.  (L5)
 *
 * A guess should cost as much as people bear to wait at a sign-in, and no
 * machine is like another: so it is measured once, and written down.
 */
#include "auth/smart_admin.h"
#include "cli/init.h"

#define MIB		((int64_t)1 << 20)
#define GOAL_US		INT64_C(300000)		/* one hash */
#define BEAR_US		INT64_C(1000000)	/* the longest one */
#define MEMORY		(64 * MIB)
#define MEMORY_LEAST	(19 * MIB)		/* OWASP: 19 MiB, 2 passes */
#define PASSES_LEAST	2
#define PASSES_MOST	16

/* CPU time of one pass: what else runs here meanwhile must not count. */
static enum err
measure(int64_t memory, int64_t *us_out)
{
	int64_t start = clock_cpu();
	enum err e = smart_hash_once(memory, 1);

	*us_out = clock_cpu() - start;
	if (*us_out < 1)
		*us_out = 1;
	return e;
}

enum err
init_cost(struct cli *c, struct init *in)
{
	int64_t us = 0, memory = MEMORY;
	enum err e = measure(memory, &us);

	while (memory > MEMORY_LEAST && (e == ERR_NOMEM ||
	    (e == OK && us * PASSES_LEAST > BEAR_US))) {
		memory = memory / 2 > MEMORY_LEAST ? memory / 2 :
		    MEMORY_LEAST;
		e = measure(memory, &us);
	}
	if (e != OK)
		return cli_fail(c, e, NULL, "a password cannot be hashed",
		    "it takes 19 MiB of memory");
	in->memory = memory;
	in->passes = GOAL_US / us;
	if (in->passes < PASSES_LEAST)
		in->passes = PASSES_LEAST;
	if (in->passes > PASSES_MOST)
		in->passes = PASSES_MOST;
	return OK;
}
