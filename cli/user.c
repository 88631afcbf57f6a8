/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user.c -- tiphys user add, passwd, disable, enable, link, totp.  (L5)
 *
 * A user is somebody who signs in to tiphys-auth.  A password is asked for,
 * and judged, before anything is written: no half-made user stays behind
 * because of one that is too short.
 */
#include "cli/user.h"

#include "base/text.h"

#define PATIENT_OPTION							      \
	{ "patient", 'p', "ID", "a patient in a related person's care; may "  \
	    "be repeated" }

static const struct cli_opt add_options[] = {
	{ "kind", 'k', "KIND", "practitioner, patient, related or admin "
	    "(required)" },
	{ "display", 'd', "TEXT", "the name people see (NAME)" },
	{ "link", 'l', "TYPE/ID", "the resource that is this user's" },
	PATIENT_OPTION,
	SECRET_OPTIONS,
	{ "no-password", 0, NULL, "none yet: \"user passwd\" sets one" },
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt passwd_options[] = {
	SECRET_OPTIONS,
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt link_options[] = {
	{ "link", 'l', "TYPE/ID", "the resource that is this user's" },
	PATIENT_OPTION,
	YES_OPTION,
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt totp_options[] = {
	{ "off", 0, NULL, "take the second factor away" },
	YES_OPTION,
	{ NULL, 0, NULL, NULL }
};

static const struct cli_opt no_options[] = {
	{ NULL, 0, NULL, NULL }
};

const char user_absent[] = "there is no user of this name";

enum err
user_get(struct admin *m, struct smart_user *out)
{
	enum err e = smart_user_get(m->s, &m->call, admin_operand(m->c), out);

	if (e != OK)
		return admin_fail(m, e, m->c->operand[0], user_absent);
	admin_again(m);
	return OK;
}

/* --- what options say ---------------------------------------------------- */

static enum err
kind_of(struct cli *c, enum user_kind *out)
{
	const char *given = cli_value(c, "kind", NULL), *near;
	const char *names[] = { "practitioner", "patient", "related",
	    "admin", NULL };
	const enum user_kind kinds[] = { USER_PRACTITIONER, USER_PATIENT,
	    USER_RELATED, USER_ADMIN };
	size_t i;

	if (given == NULL)
		return cli_fail(c, ERR_USAGE, "--kind", "is missing",
		    "it is practitioner, patient, related or admin");
	for (i = 0; i < N_ELEM(kinds); i++)
		if (strcmp(given, names[i]) == 0) {
			*out = kinds[i];
			return OK;
		}
	near = text_near(bytes_str(given), names);
	return cli_fail(c, ERR_USAGE, "--kind",
	    "is practitioner, patient, related or admin",
	    near == NULL ? NULL :
	    arena_printf(c->arena, "did you mean %s?", near));
}

static void
take_patients(struct cli *c, struct smart_user *u)
{
	const struct cli_given g = cli_values(c, "patient");
	size_t i;

	if (g.n == 0)
		return;
	u->patient = arena_array(c->arena, g.n, sizeof *u->patient);
	u->n_patient = g.n;
	for (i = 0; i < g.n; i++)
		u->patient[i] = bytes_str(g.value[i]);
}

/* --- add ----------------------------------------------------------------- */

static enum err
add_password(struct cli *c, struct bytes name, struct secret *out)
{
	const bool none = cli_flag(c, "no-password");
	const char *fault;
	enum err e;

	if (none && (cli_flag(c, "generate") ||
	    cli_value(c, "password-file", NULL) != NULL))
		return cli_fail(c, ERR_USAGE, "--no-password",
		    "cannot be together with a password", NULL);
	if (none)
		return OK;
	e = secret_password(c, out);
	if (e != OK)
		return e;
	fault = pass_fault(out->text, name, c->conf->text[CONF_SITE_NAME],
	    false);
	if (fault != NULL)
		return cli_fail(c, ERR_VALUE, "password", fault, NULL);
	return OK;
}

static void
print_secret(struct cli *c, struct bytes name, const struct secret *pass)
{
	static const struct out_col col[] = {
		{ "name", OUT_TEXT },
		{ "password", OUT_TEXT },
	};

	if (!c->out.json && !pass->made)
		return;
	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, name);
	out_cell(&c->out, pass->made ? pass->text : bytes_of(NULL, 0));
	out_end(&c->out);
	if (pass->made)
		admin_note(c, "The password is shown this once; only its "
		    "hash is kept.");
}

/* Staff without a second factor would meet a closed door. */
static void
hint_second(struct cli *c, const struct smart_user *u)
{
	if ((u->kind == USER_PRACTITIONER || u->kind == USER_ADMIN) &&
	    c->conf->num[CONF_STAFF_TOTP] != 0)
		admin_note(c, arena_printf(c->arena, "Staff sign in with a "
		    "second factor (staff-second-factor): go on with \"tiphys "
		    "user totp %s\".", c->operand[0]));
}

static enum err
user_add(struct cli *c)
{
	struct secret pass = { .made = false };
	struct smart_user u = { .enabled = true };
	struct admin m;
	enum err e;

	u.name = admin_operand(c);
	u.display = bytes_str(cli_value(c, "display", c->operand[0]));
	u.link = bytes_str(cli_value(c, "link", NULL));
	take_patients(c, &u);
	e = kind_of(c, &u.kind);
	if (e == OK)
		e = add_password(c, u.name, &pass);
	if (e == OK)
		e = admin_open(c, &m);
	if (e == OK)
		e = admin_store(&m);
	if (e != OK)
		return e;
	e = smart_user_add(m.s, &m.call, &u, &m.is);
	if (e != OK)
		return admin_fail(&m, e, "user add",
		    "the resource named is not in the store");
	if (pass.text.len > 0) {
		admin_again(&m);
		e = smart_user_passwd(m.s, &m.call, u.name, pass.text, &m.is);
	}
	if (e != OK)
		return admin_fail(&m, e, "the user has no password yet",
		    user_absent);
	print_secret(c, u.name, &pass);
	hint_second(c, &u);
	return OK;
}

/* --- changes ------------------------------------------------------------- */

static enum err
user_passwd(struct cli *c)
{
	struct smart_user u;
	struct secret pass;
	struct admin m;
	const char *fault;
	enum err e;

	e = secret_password(c, &pass);
	if (e == OK)
		e = admin_open(c, &m);
	if (e == OK)
		e = user_get(&m, &u);
	if (e != OK)
		return e;
	fault = pass_fault(pass.text, u.name,
	    c->conf->text[CONF_SITE_NAME], u.totp);
	if (fault != NULL)
		return cli_fail(c, ERR_VALUE, "password", fault, NULL);
	e = smart_user_passwd(m.s, &m.call, u.name, pass.text, &m.is);
	if (e != OK)
		return admin_fail(&m, e, c->operand[0], user_absent);
	print_secret(c, u.name, &pass);
	return OK;
}

static enum err
user_on(struct cli *c, bool on)
{
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e != OK)
		return e;
	e = smart_user_enable(m.s, &m.call, admin_operand(c), on);
	if (e != OK)
		return admin_fail(&m, e, c->operand[0], user_absent);
	if (c->out.json)
		out_line(&c->out, on ? "enabled" : "disabled",
		    admin_operand(c));
	return OK;
}

static enum err
user_disable(struct cli *c)
{
	return user_on(c, false);
}

static enum err
user_enable(struct cli *c)
{
	return user_on(c, true);
}

static enum err
user_link(struct cli *c)
{
	const char *link = cli_value(c, "link", NULL);
	struct smart_user u;
	struct admin m;
	enum err e;

	if (link == NULL && cli_values(c, "patient").n == 0)
		return cli_fail(c, ERR_USAGE, "user link",
		    "there is nothing to change", "give --link or --patient");
	e = admin_open(c, &m);
	if (e == OK)
		e = user_get(&m, &u);
	if (e != OK)
		return e;
	if (link != NULL)
		u.link = bytes_str(link);
	take_patients(c, &u);
	e = secret_confirm(c, "ends the user's sessions, and what apps were "
	    "granted");
	if (e == OK)
		e = admin_store(&m);
	if (e != OK)
		return e;
	e = smart_user_link(m.s, &m.call, &u, &m.is);
	if (e != OK)
		return admin_fail(&m, e, c->operand[0],
		    "the resource named is not in the store");
	if (c->out.json)
		out_line(&c->out, "linked", u.name);
	return OK;
}

/* --- the second factor --------------------------------------------------- */

static void
print_totp(struct cli *c, const struct smart_totp *t)
{
	static const struct out_col col[] = {
		{ "name", OUT_TEXT },
		{ "secret", OUT_TEXT },
		{ "uri", OUT_TEXT },
		{ "recovery", OUT_LIST },
	};

	out_record(&c->out, col, N_ELEM(col));
	out_cell(&c->out, admin_operand(c));
	out_cell(&c->out, t->secret);
	out_cell(&c->out, t->uri);
	admin_list(&c->out, t->recovery, SMART_RECOVERY);
	out_end(&c->out);
	admin_note(c, "These are shown this once: secret or uri go into an "
	    "authenticator app,\nthe recovery codes, each good for one "
	    "sign-in, on paper.");
}

static enum err
totp_off(struct cli *c, struct admin *m)
{
	enum err e;

	e = secret_confirm(c, "a password alone will sign in");
	if (e != OK)
		return e;
	e = smart_user_totp_off(m->s, &m->call, admin_operand(c));
	if (e != OK)
		return admin_fail(m, e, c->operand[0], user_absent);
	if (c->out.json)
		out_line(&c->out, "off", admin_operand(c));
	return OK;
}

static enum err
user_totp(struct cli *c)
{
	struct smart_totp t;
	struct smart_user u;
	struct admin m;
	enum err e;

	e = admin_open(c, &m);
	if (e == OK)
		e = user_get(&m, &u);
	if (e != OK)
		return e;
	if (cli_flag(c, "off"))
		return totp_off(c, &m);
	if (u.totp) {
		e = secret_confirm(c, "the authenticator and the recovery "
		    "codes in use stop working");
		if (e != OK)
			return e;
	}
	e = smart_user_totp(m.s, &m.call, u.name, &t);
	if (e != OK)
		return admin_fail(&m, e, c->operand[0], user_absent);
	print_totp(c, &t);
	return OK;
}

/* --- rows ---------------------------------------------------------------- */

#define ROW(word, row_options, text)					      \
const struct cli_cmd cmd_user_##word = {				      \
	.name = "user " #word,						      \
	.operands = "NAME",						      \
	.min = 1,							      \
	.max = 1,							      \
	.flags = CLI_LATE_DROP,						      \
	.opt = row_options,						      \
	.run = user_##word,						      \
	.help = text,							      \
}

ROW(add, add_options, "Add somebody who signs in, with a password");
ROW(passwd, passwd_options, "Set a new password, and end what the old one "
    "gave");
ROW(disable, no_options, "Refuse a user, from the next request on");
ROW(enable, no_options, "Let a disabled user sign in again");
ROW(link, link_options, "Change whose resource or patients a user stands "
    "for");
ROW(totp, totp_options, "Make a second factor, with recovery codes");
