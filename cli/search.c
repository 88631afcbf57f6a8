/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.c -- tiphys explain: how the server would run a search.  (L5)
 *
 * Runs it, as the server would, with the same code and limits, and prints
 * what each step began with and found: for a view of everything, or for that
 * of a token.  Names of parameters are printed; their values and what was
 * found are not.
 */
#include <sodium.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/token.h"

#define NAME_SHOWN	64	/* bytes of a parameter's name */

static const struct cli_opt options[] = {
	{ "token", 't', "FILE", "with the view of the token in FILE, or -" },
	{ NULL, 0, NULL, NULL }
};

struct explain {
	struct cli		*c;
	const struct view	*view;
	uint16_t		 type, compartment;
	struct bytes		 id, query;
	struct search_trace	 trace;
	struct budget {
		int64_t	end;		/* clock_cpu */
	}			 budget;
};

/* --- the question --------------------------------------------------------- */

static enum err
wrong(struct explain *x, const char *what)
{
	return cli_fail(x->c, ERR_USAGE, NULL, what, "write a search as it "
	    "follows the base URL: Observation?patient=1, "
	    "Patient/1/Observation?code=8480-6, ?_id=1");
}

static enum err
type_of(struct explain *x, struct bytes name, uint16_t *out)
{
	const struct def_type *t = def_type(name);

	if (t == NULL)
		return wrong(x, "there is no such resource type");
	*out = t->num;
	return OK;
}

/* "[base/][C/I/]T?a=b"; T is "*" or missing for all types. */
static enum err
read_question(struct explain *x)
{
	struct bytes base = x->c->conf->text[CONF_BASE_URL];
	struct bytes all = bytes_str(x->c->operand[0]), path, seg[3];
	bool more = true;
	size_t n = 0;
	enum err e = OK;

	if (bytes_starts(all, base))
		all = bytes_from(all, base.len);
	(void)bytes_cut(all, '?', &path, &x->query);
	if (path.len > 0 && path.p[0] == '/')
		path = bytes_from(path, 1);
	while (more && path.len > 0 && n < N_ELEM(seg))
		more = bytes_cut(path, '/', &seg[n++], &path);
	if (path.len > 0 || n == 2)
		return wrong(x, "this is no search");
	if (n == 3) {
		e = type_of(x, seg[0], &x->compartment);
		x->id = seg[1];
	}
	if (e == OK && n > 0 && !bytes_is(seg[n - 1], "*"))
		e = type_of(x, seg[n - 1], &x->type);
	return e;
}

static enum err
parse(struct explain *x, struct query *q)
{
	const struct conf *conf = x->c->conf;
	const struct base_urls urls = prim_urls(conf);
	const struct query_limits lim = {
	    .params = (size_t)conf->num[CONF_PARAMS],
	    .values = (size_t)conf->num[CONF_VALUES],
	    .depth = (size_t)conf->num[CONF_DEPTH],
	    .zone = (int)conf->num[CONF_ZONE] };
	struct arena *a = x->c->arena;
	struct issues is = issues_on(a);
	struct pair *pairs;
	size_t n;
	enum err e;

	e = query_pairs(a, x->query, lim.params, &is, &pairs, &n);
	if (e == OK)
		e = query_parse(a, x->type, pairs, n, &urls, clock_now(),
		    &lim, &is, q);
	if (e == OK && x->compartment != 0)
		e = query_compartment(a, q, x->compartment, x->id, &is);
	return e == OK ? OK : cli_fail_issues(x->c, e, NULL, &is);
}

/* --- the view ------------------------------------------------------------- */

static const struct view *
view_of_all(struct arena *a)
{
	struct view_rule *rule = arena_alloc(a, sizeof(*rule));
	struct view *v = arena_alloc(a, sizeof(*v));
	uint16_t type;

	for (type = 1; type <= DEF_TYPES; type++)
		typeset_add(&rule->types, type);
	rule->ops = VIEW_READ | VIEW_SEARCH;
	rule->reach = REACH_ALL;
	v->rule = rule;
	v->n_rule = 1;
	return v;
}

static enum err
view_of_token(struct explain *x, const char *path)
{
	struct cli *c = x->c;
	enum login_fault fault;
	struct bytes token;
	struct login l;
	struct auth *g;
	enum err e;

	e = token_read(c, path, &token);
	if (e == OK)
		e = token_guard(c, AUTH_READ, &g);
	if (e != OK)
		return e;
	e = auth_login(g, c->arena, bytes_str(arena_printf(c->arena,
	    "Bearer %.*s", BYTES_FMT(token))), clock_now(), &fault, &l);
	if (e == ERR_LOGIN || e == ERR_USAGE)
		return cli_fail(c, ERR_LOGIN, "token", l.why, NULL);
	if (e != OK)
		return cli_fail(c, e, "grants", err_text(e), NULL);
	x->view = l.view;
	return OK;
}

static enum err
choose_view(struct explain *x)
{
	const char *path = cli_value(x->c, "token", NULL);
	struct bytes dir = x->c->conf->text[CONF_DATA_DIR];

	if (path != NULL)
		return view_of_token(x, path);
	x->view = view_of_all(x->c->arena);
	return cli_drop(x->c, arena_str(x->c->arena, dir));
}

/* --- the answer ----------------------------------------------------------- */

static const struct out_col columns[] = {
	{ "step", OUT_TEXT }, { "type", OUT_TEXT }, { "parameter", OUT_TEXT },
	{ "how", OUT_TEXT }, { "count", OUT_NUM }
};

static void
row(struct out *o, const char *step, uint16_t type, struct bytes what,
    const char *how, uint64_t n)
{
	const struct def_type *t = def_type_num(type);

	out_str(o, step);
	out_str(o, t == NULL ? "" : t->name);
	out_cell(o, bytes_sub(what, 0, NAME_SHOWN));
	out_str(o, how);
	out_num(o, (int64_t)n);
}

static void
print(struct explain *x, const struct page *p, uint64_t work, int64_t us)
{
	const struct bytes none = { .len = 0 };
	struct out *o = &x->c->out;
	size_t i;

	out_table(o, columns, N_ELEM(columns));
	for (i = 0; i < x->trace.n; i++) {
		const struct trace_step *s = &x->trace.step[i];

		row(o, s->step, s->type, s->what, s->how, s->n);
	}
	row(o, "total", x->type, none, "matches in the view", p->total);
	row(o, "page", x->type, none, "matches on it", p->n_match);
	row(o, "include", 0, none, "resources brought along",
	    p->n_entry - p->n_match);
	row(o, "work", 0, none, "calls of the store", work);
	row(o, "time", 0, none, "microseconds", (uint64_t)us);
	out_end(o);
}

static bool
spent(void *arg)
{
	const struct budget *b = arg;

	return clock_cpu() > b->end;
}

static uint64_t
count_of(const struct conf *conf, const struct query *q)
{
	int64_t most = conf->num[CONF_PAGE_MAX];

	if (q->count < 0)
		return (uint64_t)conf->num[CONF_PAGE];
	return (uint64_t)(q->count < most ? q->count : most);
}

static enum err
run(struct explain *x, const struct query *q)
{
	const struct conf *conf = x->c->conf;
	struct arena *a = x->c->arena;
	struct page_ask ask = {
		.count = count_of(conf, q),
		.max_rows = (uint64_t)conf->num[CONF_ROWS],
		.max_include = (uint64_t)conf->num[CONF_INCLUDES],
		.max_memory = (uint64_t)conf->num[CONF_MEM] / 2,
		.max_bytes = (uint64_t)conf->num[CONF_PAGE_BYTES],
		.spent = spent,
		.spent_arg = &x->budget,
		.now = clock_now(),
		.lifetime_ms = 1,	/* its links go nowhere */
		.trace = &x->trace
	};
	struct issues is = issues_on(a);
	const char *why = NULL;
	struct snapshot *t;
	struct store *s;
	struct page p;
	int64_t began;
	enum err e;

	e = store_open(a, conf, STORE_READ, &s, &why);
	if (e == OK)
		e = store_begin(s, a, &t);
	if (e != OK)
		return cli_fail(x->c, e, NULL, why != NULL ? why :
		    err_text(e), NULL);
	x->trace.arena = a;
	x->budget.end = clock_cpu() + conf->num[CONF_CPU_MS] * 1000;
	began = clock_mono();
	e = store_search(t, a, x->view, q, &ask, &is, &p);
	if (e == OK)
		print(x, &p, store_work(t), clock_mono() - began);
	store_end(t);
	return e == OK ? OK : cli_fail_issues(x->c, e, NULL, &is);
}

static enum err
explain(struct cli *c)
{
	struct explain x = { .c = c };
	struct query q;
	enum err e;

	e = read_question(&x);
	if (e == OK)
		e = parse(&x, &q);
	if (e == OK)
		e = choose_view(&x);
	return e == OK ? run(&x, &q) : e;
}

const struct cli_cmd cmd_explain = {
	.name = "explain",
	.operands = "QUERY",
	.min = 1,
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = options,
	.run = explain,
	.help = "Say how a search is run, and what it costs",
};
