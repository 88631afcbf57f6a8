/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.h -- what the commands on users, clients and grants share.  (L5)
 *
 * Files their options name and secrets are read first, as who called; then
 * admin_open gives up root for the owner of guard/, who may be another
 * account than that of the records.  So all these commands are CLI_LATE_DROP.
 */
#ifndef CLI_ADMIN_H
#define CLI_ADMIN_H

#include "auth/smart_admin.h"
#include "cli/cli.h"
#include "cli/fields.h"

struct admin {
	struct cli		*c;
	struct smart		*s;
	struct smart_call	 call;
	struct issues		 is;
};

/* err  as smart_open, said on standard error */
enum err	admin_open(struct cli *c, struct admin *out) NODISCARD;

/*
 * The same, and guard/ is made where it is absent: an older data directory.
 */
enum err	admin_open_new(struct cli *c, struct admin *out) NODISCARD;

/* Before each further call: its own time, random bytes and issues. */
void		admin_again(struct admin *m);

/* A snapshot of the store for the call, where ids must exist. */
enum err	admin_store(struct admin *m) NODISCARD;

/*
 * Say what a call returned: its issues, its error, or e's own text.  For
 * ERR_NOTFOUND without any of these, absent says what is not there.
 */
enum err	admin_fail(struct admin *m, enum err e, const char *where,
		    const char *absent);

/* The first operand. */
struct bytes	admin_operand(const struct cli *c);

/* A cell: words with a space between. */
void		admin_list(struct out *o, const struct bytes *word, size_t n);

/* One line on standard error for people; with --json nothing. */
void		admin_note(struct cli *c, const char *text);

/* Of an enum user_kind: "practitioner". */
field_fn	field_user_kind;

/* --- secret.c ------------------------------------------------------------- */

#define SECRET_OPTIONS							      \
	{ "password-file", 0, "FILE", "read the password from the first "     \
	    "line of this file; - is standard input" },			      \
	{ "generate", 'g', NULL, "make a password, and print it this once" }

#define YES_OPTION							      \
	{ "yes", 'y', NULL, "do not ask whether this is meant" }

struct secret {
	struct bytes	text;
	bool		made;		/* by us: print it */
};

/*
 * A password, as SECRET_OPTIONS say; without them it is asked for twice on
 * the terminal, with the echo off.
 * err	ERR_USAGE  no terminal, both options, or the two differ;
 *	ERR_NOTFOUND, ERR_STORE, ERR_TOOBIG; all said on standard error
 */
enum err	secret_password(struct cli *c, struct secret *out) NODISCARD;

/*
 * Is it meant?  what says what will be lost: "ends 3 sessions".  Asks on a
 * terminal; elsewhere --yes is needed.
 * err	ERR_USAGE  no, said on standard error
 */
enum err	secret_confirm(struct cli *c, const char *what) NODISCARD;

#endif
