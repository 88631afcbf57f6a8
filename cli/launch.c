/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch.c -- tiphys launch new: start an app as an EHR page would.  (L5)
 *
 * The handle is good for one launch by the user named, who signs in as
 * always; it gives no right by itself.
 */
#include "cli/admin.h"

#define CONTEXT_MAX_B	((size_t)8192)

static const struct cli_opt new_options[] = {
	{ "user", 'u', "NAME", "who will use the app (required)" },
	{ "patient", 'p', "ID", "the patient in context" },
	{ "encounter", 0, "ID", "the encounter in context" },
	{ "location", 0, "ID", "the location in context" },
	{ "intent", 0, "WORD", "what the app is to do" },
	{ "context-file", 0, "FILE", "fhirContext, a JSON array; - is "
	    "standard input" },
	{ "no-banner", 0, NULL, "the page shows who the patient is" },
	{ NULL, 0, NULL, NULL }
};

static enum err
read_context(struct cli *c, struct bytes *out)
{
	const char *path = cli_value(c, "context-file", NULL);

	return path == NULL ? OK : cli_slurp(c, path, CONTEXT_MAX_B, out);
}

static void
print_launch(struct cli *c, struct bytes handle, struct bytes location)
{
	static const struct out_col col[] = {
		{ "launch", OUT_TEXT },
		{ "location", OUT_TEXT },
		{ "expires_in", OUT_NUM },
	};

	if (!c->out.json) {
		out_line(&c->out, "location", location);
		return;
	}
	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, handle);
	out_cell(&c->out, location);
	out_num(&c->out, c->conf->num[CONF_LAUNCH_S]);
	out_end(&c->out);
}

static enum err
launch_new(struct cli *c)
{
	struct smart_launch l = {
	    .client = admin_operand(c),
	    .patient = bytes_str(cli_value(c, "patient", NULL)),
	    .encounter = bytes_str(cli_value(c, "encounter", NULL)),
	    .location = bytes_str(cli_value(c, "location", NULL)),
	    .intent = bytes_str(cli_value(c, "intent", NULL)),
	    .no_banner = cli_flag(c, "no-banner") };
	struct bytes user = bytes_str(cli_value(c, "user", NULL));
	struct bytes handle, location;
	struct admin m;
	enum err e;

	if (user.len == 0)
		return cli_fail(c, ERR_USAGE, "--user", "is missing",
		    "a launch is made for one user");
	e = read_context(c, &l.context);
	if (e == OK)
		e = admin_open(c, &m);
	if (e == OK)
		e = admin_store(&m);
	if (e != OK)
		return e;
	e = smart_launch(m.s, &m.call, NULL, user, &l, &handle, &location);
	if (e != OK)
		return admin_fail(&m, e, "launch new",
		    "there is no such client, user or patient");
	print_launch(c, handle, location);
	return OK;
}

const struct cli_cmd cmd_launch_new = {
	.name = "launch new",
	.operands = "CLIENT",
	.min = 1,
	.max = 1,
	.flags = CLI_LATE_DROP,
	.opt = new_options,
	.run = launch_new,
	.help = "Make a one-time address that starts an app",
};
