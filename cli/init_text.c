/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init_text.c -- the configuration that tiphys init writes.  (L5)
 *
 * Only what is needed; tiphys.conf(5) has the rest, and a copy of defaults
 * here would hide it when they get better.
 */
#include "cli/init.h"

#define TEXT_MAX_B	((size_t)16384)

static void
add_key(struct buf *b, enum conf_id id, const char *value)
{
	if (value != NULL)
		buf_printf(b, "%s = %s\n", conf_rows[id].name, value);
}

static void
write_text(struct buf *b, const struct init *in)
{
	buf_str(b,
	    "# Configuration of Tiphys: tiphys.conf(5) has every key.\n"
	    "# After a change: tiphys config check, then reload the server.\n"
	    "\n"
	    "# The address clients use.  Tokens are made for it: a new one\n"
	    "# ends those that are out.\n");
	add_key(b, CONF_BASE_URL, in->base);
	if (in->issuer != NULL) {
		buf_str(b, "\n# Who signs tokens and shows the login.\n");
		add_key(b, CONF_ISSUER, in->issuer);
	}
	if (in->tls_front) {
		buf_str(b, "\n# TLS ends at a proxy on the way to us.\n");
		add_key(b, CONF_TLS_FRONT, "yes");
	}
	if (in->user != NULL || in->group != NULL) {
		buf_str(b, "\n# The account that serves, and the group that\n"
		    "# may use the store with it.\n");
		add_key(b, CONF_USER, in->user);
		add_key(b, CONF_AUTH_USER, in->auth_user);
		add_key(b, CONF_GROUP, in->group);
	}
	if (in->passes > 0) {
		buf_str(b, "\n# What a password hash takes, measured on this "
		    "machine.\n");
		buf_printf(b, "%s = %lld\n", conf_rows[CONF_PASS_MEM].name,
		    (long long)in->memory);
		buf_printf(b, "%s = %lld\n",
		    conf_rows[CONF_PASS_PASSES].name, (long long)in->passes);
	}
	buf_str(b, "\n# keys/, guard/, grants/ and store/ lie in the folder of "
	    "this file.\n# data-dir = .\n");
}

/* One line each: a line end in a value would be a second key. */
static enum err
check_line(struct cli *c, const char *option, const char *value)
{
	const char *p;

	if (value == NULL)
		return OK;
	for (p = value; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return cli_fail(c, ERR_USAGE, option,
			    "holds a control character", NULL);
	if (*value == '\0')
		return cli_fail(c, ERR_USAGE, option, "is empty", NULL);
	return OK;
}

/* "init:5: what" or "init: what": the line is none the caller knows. */
static const char *
without_line(const char *why)
{
	const char *text = strstr(why, ": ");

	return text != NULL ? text + 2 : why;
}

enum err
init_text(struct cli *c, struct init *in)
{
	struct buf b = buf_on(c->arena, TEXT_MAX_B);
	struct conf *conf;
	const char *why = NULL;
	enum err e;

	e = check_line(c, "--base-url", in->base);
	if (e == OK)
		e = check_line(c, "--issuer", in->issuer);
	if (e == OK)
		e = check_line(c, "--user", in->user);
	if (e == OK)
		e = check_line(c, "--auth-user", in->auth_user);
	if (e == OK)
		e = check_line(c, "--group", in->group);
	if (e != OK)
		return e;
	write_text(&b, in);
	if (buf_end(&b, &in->text) != OK)
		return cli_fail(c, ERR_USAGE, NULL, "the values are too long",
		    NULL);
	e = conf_parse(c->arena, "init", "/", in->text, &conf, &why);
	if (e != OK)
		return cli_fail(c, ERR_USAGE, NULL, without_line(why), NULL);
	return OK;
}
