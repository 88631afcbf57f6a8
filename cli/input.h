/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h -- files to load or validate, one JSON value at a time.  (L5)
 *
 * Files, folders (*.json, *.ndjson and these with .gz, recursively, in the
 * order of their names) and "-" for standard input; gzip is known by its
 * first bytes.  What is in memory is one value, whatever the file's size.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "cli/cli.h"

struct input_file {
	const char	*name;		/* "-": standard input */
	int		 fd;		/* open already, or -1 */
	uint64_t	 size;		/* bytes; 0 where it is not known */
	int64_t		 changed;	/* time of its last change, ns */
	uint64_t	 dev, ino;
};

struct input_list {
	struct input_file	*file;
	size_t			 n, cap;
	uint64_t		 bytes;		/* of all together */
};

/*
 * What the operands stand for.
 * err	ERR_NOTFOUND  said: not there, or a folder without such files
 */
enum err	input_find(struct cli *c, struct input_list *out) NODISCARD;

/* Open all of them now, before root is given up. */
enum err	input_open_all(struct cli *c, struct input_list *l) NODISCARD;

/* --- values ------------------------------------------------------------- */

struct input;		/* one open file; its memory is its own */

struct input_value {
	struct bytes	text;	/* until the next call */
	uint64_t	offset;	/* of text in the file, uncompressed */
	uint64_t	after;	/* of what follows it */
	uint64_t	line;	/* where text begins, from 1 */
	uint64_t	line_after;
	size_t		column;	/* bytes before it on its line */
	bool		too_long;	/* was passed over; text is empty */
};

/*
 * in	max	bytes of a value at most
 *	stop_fd	readable when the user wants to stop
 * err	ERR_NOTFOUND  said
 */
enum err	input_open(struct cli *c, struct input_file *f, size_t max,
		    int stop_fd, struct input **out) NODISCARD;
void		input_close(struct input *in);

/* Go on at a value met earlier: its offset and line. */
enum err	input_skip(struct input *in, uint64_t offset, uint64_t line)
		    NODISCARD;

/*
 * err	ERR_NOTFOUND  the file is at its end
 *	ERR_BUSY      stop_fd became readable: stop
 *	ERR_STORE     *why_out says what is wrong with the file
 */
enum err	input_next(struct input *in, struct input_value *out,
		    const char **why_out) NODISCARD;

/* Bytes of the file consumed, as they lie on the disk. */
uint64_t	input_read(const struct input *in);

#endif
