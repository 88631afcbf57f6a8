/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env_file.c -- is this data file one that LMDB may map?  (L2)
 *
 * LMDB trusts its file: a truncated one is SIGBUS, a foreign one may be
 * worse.  So the headers are read with pread first, and the pages they
 * speak of must be there.  A sound file may be shorter than its header says
 * (pages taken and given back in one transaction are never written): then,
 * and on request, the trees are walked, and every page they reach must be in
 * the file and look like one.  The walk is of one snapshot, which the caller
 * holds: pages of any other change under a writer.  (attack case DB-14)
 *
 * Data format 1, which 0.9.x writes and never changed:
 *
 *	page	0       8     10      12      14      16
 *		+-------+-----+-------+-------+-------+----------------
 *		| number| pad | flags | lower | upper | u16 node offsets
 *		+-------+-----+-------+-------+-------+----------------
 *	meta	16      20        24     32     40    88    136     144
 *		+-------+---------+------+------+-----+-----+-------+--------
 *		| magic | version | addr | size | free| main| lastpg| txnid
 *		+-------+---------+------+------+-----+-----+-------+--------
 *	db	0       4       6       8 ...                     40
 *		+-------+-------+-------+------------------------+-------
 *		| pad   | flags | depth | branch leaf overfl. n  | root
 *		+-------+-------+-------+------------------------+-------
 *		(pad of the first db of a meta is the page size)
 *	node	0        2       4       6       8
 *		+--------+-------+-------+-------+-----+------
 *		| lo     | hi    | flags | ksize | key | data
 *		+--------+-------+-------+-------+-----+------
 *		leaf: lo, hi are the length of data; branch: with flags the
 *		number of the page below
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/env_in.h"

#define META_LEN	152
#define MAGIC		0xbeefc0deu
#define VERSION		1u
#define NO_ROOT		UINT64_MAX
#define LEVELS		40	/* LMDB's own stack is 32 deep */

enum { P_BRANCH = 1, P_LEAF = 2, P_OVERFLOW = 4, P_META = 8, P_LEAF2 = 32 };
enum { N_BIG = 1, N_SUB = 2 };

struct file {
	int		 fd;
	struct arena	*a;
	uint64_t	 psize, n_page;	/* whole pages in the file */
	uint64_t	 seen;		/* pages walked: a ring must end */
	uint8_t		*page[LEVELS];
};

/* The file is in this machine's byte order, as LMDB itself demands. */
static uint64_t
get(const uint8_t *p, size_t len)
{
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	if (len == 2) {
		memcpy(&v16, p, sizeof(v16));
		return v16;
	}
	if (len == 4) {
		memcpy(&v32, p, sizeof(v32));
		return v32;
	}
	memcpy(&v64, p, sizeof(v64));
	return v64;
}

static bool
read_at(const struct file *f, uint64_t off, uint8_t *out, size_t len)
{
	return pread(f->fd, out, len, (off_t)off) == (ssize_t)len;
}

/* A meta page as it must be; page size out. */
static bool
meta_ok(const uint8_t *m, uint64_t *psize_out)
{
	uint64_t psize = get(m + 40, 4);

	*psize_out = psize;
	return (get(m + 10, 2) & P_META) != 0 && get(m + 16, 4) == MAGIC &&
	    get(m + 20, 4) == VERSION && psize >= 512 && psize <= 65536 &&
	    (psize & (psize - 1)) == 0;
}

static bool	walk(struct file *f, uint64_t root, unsigned level);

/* What a leaf node leads to: overflow pages or another tree. */
static bool
follow(struct file *f, const uint8_t *data, size_t len, uint64_t flags,
    unsigned level)
{
	uint8_t head[16];
	uint64_t at, n;

	if (flags & N_BIG) {
		if (len < 8)
			return false;
		at = get(data, 8);
		if (at >= f->n_page ||
		    !read_at(f, at * f->psize, head, sizeof(head)))
			return false;
		n = get(head + 12, 4);
		return (get(head + 10, 2) & P_OVERFLOW) != 0 && n >= 1 &&
		    n <= f->n_page - at;
	}
	if (flags & N_SUB)
		return len >= 48 && walk(f, get(data + 40, 8), level + 1);
	return true;
}

static bool
node_ok(struct file *f, const uint8_t *p, uint64_t off, bool leaf,
    unsigned level)
{
	uint64_t lo, flags, ksize, len;

	if (off < 16 || off + 8 > f->psize)
		return false;
	p += off;
	lo = get(p, 2) | get(p + 2, 2) << 16;
	flags = get(p + 4, 2);
	ksize = get(p + 6, 2);
	if (off + 8 + ksize > f->psize)
		return false;
	if (!leaf)
		return walk(f, lo | flags << 32, level + 1);
	len = flags & N_BIG ? 8 : lo;
	if (off + 8 + ksize + len > f->psize)
		return false;
	return follow(f, p + 8 + ksize, (size_t)len, flags, level);
}

static bool
walk(struct file *f, uint64_t root, unsigned level)
{
	uint64_t flags, lower, n;
	uint8_t *p;

	if (root == NO_ROOT)
		return true;
	if (level >= LEVELS || root < 2 || root >= f->n_page ||
	    f->seen++ > f->n_page)
		return false;
	if (f->page[level] == NULL)
		f->page[level] = arena_alloc(f->a, (size_t)f->psize);
	p = f->page[level];
	if (!read_at(f, root * f->psize, p, (size_t)f->psize))
		return false;
	flags = get(p + 10, 2);
	if (get(p, 8) != root || (flags & (P_BRANCH | P_LEAF)) == 0)
		return false;
	if (flags & P_LEAF2)		/* bare numbers, nothing below */
		return true;
	lower = get(p + 12, 2);
	if (lower < 16 || lower > f->psize)
		return false;
	n = (lower - 16) / 2;
	for (uint64_t i = 0; i < n; i++)
		if (!node_ok(f, p, get(p + 16 + 2 * i, 2),
		    (flags & P_LEAF) != 0, level))
			return false;
	return true;
}

/* Both headers; page size and number of pages into f. */
static const char *
read_heads(struct file *f, uint8_t m[static 2][META_LEN])
{
	struct stat st;
	uint64_t psize;

	if (!read_at(f, 0, m[0], META_LEN) || !meta_ok(m[0], &f->psize))
		return "is not an LMDB file of this kind of machine";
	if (!read_at(f, f->psize, m[1], META_LEN) ||
	    !meta_ok(m[1], &psize) || psize != f->psize)
		return "is damaged (second header)";
	/* After the headers: a file that grows has the pages they name. */
	if (fstat(f->fd, &st) != 0)
		return "cannot be read";
	f->n_page = (uint64_t)st.st_size / f->psize;
	return NULL;
}

static enum err
open_file(const char *path, struct file *f, const char **why_out)
{
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (f->fd >= 0)
		return OK;
	*why_out = errno == ENOENT ? "is not there" : "cannot be opened";
	return errno == ENOENT ? ERR_NOTFOUND : ERR_CONFIG;
}

enum err
env_file_check(const char *path, bool *brief_out, const char **why_out)
{
	uint8_t m[2][META_LEN];
	struct file f = { .a = NULL };
	const uint8_t *now;
	const char *why;
	enum err e;

	e = open_file(path, &f, why_out);
	if (e != OK)
		return e;
	why = read_heads(&f, m);
	(void)close(f.fd);
	if (why != NULL) {
		*why_out = why;
		return ERR_STORE;
	}
	now = get(m[1] + 144, 8) > get(m[0] + 144, 8) ? m[1] : m[0];
	*brief_out = get(now + 136, 8) >= f.n_page;
	return OK;
}

/* The header of that transaction, or NULL: both are of others by now. */
static const uint8_t *
head_of(uint8_t m[static 2][META_LEN], uint64_t txn)
{
	size_t i;

	for (i = 0; i < 2; i++)
		if (get(m[i] + 144, 8) == txn)
			return m[i];
	return NULL;
}

enum err
env_file_walk(const char *path, uint64_t txn, const char **why_out)
{
	uint8_t m[2][META_LEN];
	const uint8_t *head = NULL;
	struct arena *a = arena_new(0);
	struct file *f = arena_alloc(a, sizeof(*f));
	const char *why = NULL;
	enum err e;

	f->a = a;
	e = open_file(path, f, why_out);
	if (e != OK) {
		arena_free(&a);
		return e;
	}
	why = read_heads(f, m);
	if (why == NULL)
		head = head_of(m, txn);
	if (head != NULL && (!walk(f, get(head + 88 + 40, 8), 0) ||
	    !walk(f, get(head + 40 + 40, 8), 0)))
		why = "is damaged or cut short";
	(void)close(f->fd);
	arena_free(&a);
	if (why != NULL) {
		*why_out = why;
		return ERR_STORE;
	}
	*why_out = "is not what its lock.mdb speaks of";
	return head != NULL ? OK : ERR_BUSY;
}
