/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.h -- the frame every command of tiphys stands in.  (L5)
 *
 * A command is one struct cli_cmd: name, operands, options, function.  The
 * frame parses the command line by these rows, prints --help from them,
 * reads the configuration, gives up root, and turns the enum err the
 * function returns into an exit status of sysexits(3).  To add a command,
 * write its row and function in a file of its own, declare the row below and
 * list it in commands[] (main.c).
 *
 * No secret is ever an option or an operand: others can read them.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/conf.h"
#include "base/err.h"
#include "cli/out.h"
#include "fhir/issue.h"

/* One option; both forms --name VALUE and --name=VALUE are understood. */
struct cli_opt {
	const char	*name;		/* long, without the dashes */
	char		 letter;	/* short form, or 0 */
	const char	*arg;		/* name of its value: "FILE"; NULL: a
					 * flag */
	const char	*help;		/* one line, no full stop */
};

enum cli_flag {
	CLI_NOCONF = 1,		/* runs without a configuration (init) */
	CLI_LATE_DROP = 2	/* the command calls cli_drop itself, after it
				 * opened the files its caller named */
};

struct cli;
typedef enum err cli_fn(struct cli *c);

struct cli_cmd {
	const char		*name;		/* "load", "token mint" */
	const char		*operands;	/* "[GRANT]", or "" */
	int			 min, max;	/* how many; max -1: any */
	unsigned		 flags;		/* enum cli_flag */
	const struct cli_opt	*opt;		/* ends with a NULL name */
	cli_fn			*run;
	const char		*help;		/* one line, no full stop */
};

/* What an option was given as, in the order given. */
struct cli_given {
	const char	**value;	/* a flag's values are "" */
	size_t		  n;		/* 0: not given */
};

/* One run of the program: process memory. */
struct cli {
	struct arena		*arena;
	const struct cli_cmd	*cmd;
	const char		*conf_path;	/* of -c, or NULL */
	struct conf		*conf;		/* NULL with CLI_NOCONF */
	struct cli_given	*given;		/* by row of cmd->opt */
	char			**operand;
	int			 n_operand;
	struct out		 out;		/* standard output */
	int			 status;	/* of a run that was OK and
						 * found faults: 1 */
};

/* --- for commands ------------------------------------------------------- */

/* The last value of an option of the command's rows, or def. */
const char	*cli_value(const struct cli *c, const char *name,
		    const char *def);
bool		 cli_flag(const struct cli *c, const char *name);

/* All values of an option that may be repeated. */
struct cli_given cli_values(const struct cli *c, const char *name);

/*
 * A number option within least..most; untouched where it was not given.
 * err	ERR_USAGE  said on standard error
 */
enum err	 cli_number(struct cli *c, const char *name, int64_t least,
		    int64_t most, int64_t *v_out) NODISCARD;

/*
 * Say on standard error "tiphys: where: what; remedy" (with --json one
 * object with the members error, where, what, remedy) and return err, for
 * "return".  where and remedy may be NULL.
 */
enum err	 cli_fail(struct cli *c, enum err err, const char *where,
		    const char *what, const char *remedy);

/* The same for every issue, or for err's own text where there is none. */
enum err	 cli_fail_issues(struct cli *c, enum err err,
		    const char *where, const struct issues *is);

/*
 * Read the configuration into c->conf, as the frame does before a command
 * that has no CLI_NOCONF.
 * err	ERR_CONFIG  said on standard error
 */
enum err	 cli_conf(struct cli *c) NODISCARD;

/*
 * Give up root for good: from here on this process is the owner of the
 * folder path (and of its group), so that what it makes belongs to who
 * will use it.  Nothing to do for an ordinary user, or where root owns it.
 * err	ERR_CONFIG, ERR_NOTFOUND  said on standard error
 */
enum err	 cli_drop(struct cli *c, const char *path) NODISCARD;

/* The same for the owner and group of an open folder; path is its name. */
enum err	 cli_drop_to(struct cli *c, int fd, const char *path) NODISCARD;

/*
 * All of a file ("-" or NULL: standard input), at most max bytes.
 * err	ERR_NOTFOUND, ERR_TOOBIG, ERR_STORE  said on standard error
 */
enum err	 cli_slurp(struct cli *c, const char *path, size_t max,
		    struct bytes *out) NODISCARD;

/* --- the frame's own ---------------------------------------------------- */

/*
 * Parse the arguments behind the command's name into c.
 * err	ERR_USAGE  said on standard error; *help_out  --help was there
 */
enum err	 cli_parse(struct cli *c, int argc, char **argv,
		    bool *help_out) NODISCARD;

void		 cli_help(FILE *f, const struct cli_cmd *cmd);
void		 cli_help_common(FILE *f);	/* rows of every command */

/* --- rows, by file -------------------------------------------------------- */

extern const struct cli_cmd	cmd_token_mint, cmd_token_explain,
				cmd_token_revoke;		/* token.c */
extern const struct cli_cmd	cmd_key_new, cmd_key_list, cmd_key_rotate;
								/* key.c */
extern const struct cli_cmd	cmd_user_add, cmd_user_passwd,
				cmd_user_disable, cmd_user_enable,
				cmd_user_link, cmd_user_totp;	/* user.c */
extern const struct cli_cmd	cmd_user_list, cmd_user_show;
							/* user_show.c */
extern const struct cli_cmd	cmd_client_add, cmd_client_set,
				cmd_client_disable, cmd_client_enable,
				cmd_client_rotate_secret,
				cmd_client_invite;		/* client.c */
extern const struct cli_cmd	cmd_client_list, cmd_client_show;
							/* client_show.c */
extern const struct cli_cmd	cmd_grant_list, cmd_grant_show,
				cmd_grant_revoke;		/* grant.c */
extern const struct cli_cmd	cmd_session_list, cmd_session_end;
								/* session.c */
extern const struct cli_cmd	cmd_launch_new;			/* launch.c */

extern const struct cli_cmd	cmd_init;			/* init.c */
extern const struct cli_cmd	cmd_load;			/* load.c */
extern const struct cli_cmd	cmd_validate;			/* validate.c */
extern const struct cli_cmd	cmd_synth;			/* synth.c */
extern const struct cli_cmd	cmd_export;			/* export.c */
extern const struct cli_cmd	cmd_stats;			/* stats.c */
extern const struct cli_cmd	cmd_explain;			/* search.c */
extern const struct cli_cmd	cmd_check, cmd_reindex;		/* check.c */
extern const struct cli_cmd	cmd_config_check, cmd_config_show;
								/* config.c */

#endif
