/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stats.c -- tiphys stats: how much is in the store.  (L5)
 */
#include <inttypes.h>

#include "cli/cli.h"
#include "store/maint.h"

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

static const struct out_col columns[] = {
	{ "group", OUT_TEXT },
	{ "name", OUT_TEXT },
	{ "count", OUT_NUM },
};

static void
row(struct out *o, const char *group, const char *name, uint64_t v)
{
	out_str(o, group);
	out_str(o, name);
	out_num(o, (int64_t)v);
}

static void
print(struct out *o, const struct maint_stats *s)
{
	static const char *const owner[] = {
		[OWNER_ONE] = "one patient", [OWNER_MANY] = "several",
		[OWNER_SHARED] = "shared", [OWNER_UNOWNED] = "unowned"
	};
	uint64_t all = 0;
	uint16_t i;

	out_table(o, columns, N_ELEM(columns));
	for (i = 1; i <= DEF_TYPE_MAX; i++) {
		all += s->resources[i];
		if (s->resources[i] > 0)
			row(o, "type", def_type_num(i)->name,
			    s->resources[i]);
	}
	for (i = 0; i < N_ELEM(owner); i++)
		row(o, "owner", owner[i], s->by_owner[i]);
	row(o, "store", "resources", all);
	row(o, "store", "deleted", s->deleted);
	row(o, "store", "versions", s->versions);
	row(o, "store", "rows", s->rows);
	row(o, "store", "postings", s->postings);
	row(o, "store", "changes", s->changes);
	row(o, "bytes", "used", s->used);
	row(o, "bytes", "map", s->map);
	out_end(o);
}

static enum err
stats(struct cli *c)
{
	struct maint_stats s;
	const char *why = NULL;
	struct snapshot *t;
	struct store *store;
	enum err e;

	e = store_open(c->arena, c->conf, STORE_READ, &store, &why);
	if (e == OK)
		e = store_begin(store, c->arena, &t);
	if (e == OK) {
		e = maint_stats(t, &s);
		store_end(t);
	}
	if (e != OK)
		return cli_fail(c, e, NULL, why != NULL ? why : err_text(e),
		    NULL);
	print(&c->out, &s);
	return OK;
}

const struct cli_cmd cmd_stats = {
	.name = "stats",
	.operands = "",
	.opt = no_options,
	.run = stats,
	.help = "Say how much is in the store",
};
