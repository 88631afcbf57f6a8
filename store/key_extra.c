/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_extra.c -- words, texts and contained resources beside a row.  (L2)
 *
 * Written once per change, read by the few searches that ask for it, so that
 * rows stay as short as those that ask for nothing of the kind need them.
 * Damaged bytes never lead outside: they end the walk, and check reports them.
 */
#include "base/text.h"
#include "store/key.h"

#define EXTRA_MAX	(256u << 20)	/* bytes; a resource has fewer */
#define NARRATIVE	0x80		/* of a word's length */

_Static_assert(TEXT_WORD_MAX < NARRATIVE, "the length leaves a bit free");

/* --- writing ------------------------------------------------------------ */

static void
put_word(struct buf *b, struct bytes word, bool narrative)
{
	buf_u8(b, (uint8_t)(word.len | (narrative ? NARRATIVE : 0)));
	buf_add(b, word);
}

/* Texts and links, by parameter: links come last within one. */
static void
put_own(struct buf *b, const struct values *text, const struct values *link)
{
	size_t t = 0, l = 0;

	while (t < text->n || l < link->n) {
		if (l == link->n || (t < text->n &&
		    text->v[t].param <= link->v[l].param))
			key_put_entry(b, &text->v[t++]);
		else
			key_put_entry(b, &link->v[l++]);
	}
}

/* Close a part that began at the length which stands at p[at]. */
static void
close_part(struct buf *b, size_t at)
{
	uint32_t n = htobe32((uint32_t)(b->len - at - sizeof(n)));

	if (!b->over)
		memcpy(b->p + at, &n, sizeof(n));
}

static size_t
open_part(struct buf *b)
{
	size_t at = b->len;

	buf_be32(b, 0);
	return at;
}

static void
put_entries(struct buf *b, const struct values *v)
{
	size_t at = open_part(b), i;

	for (i = 0; i < v->n; i++)
		key_put_entry(b, &v->v[i]);
	close_part(b, at);
}

enum err
key_put_extra(struct arena *a, const struct extra *x, struct bytes *out)
{
	const struct contained_values *in;
	struct buf b = buf_on(a, EXTRA_MAX);
	size_t at, i;

	if (x->n_word + x->text.n + x->link.n + x->n_contained == 0) {
		*out = bytes_of(NULL, 0);
		return OK;
	}
	at = open_part(&b);
	for (i = 0; i < x->n_word; i++)
		put_word(&b, x->word[i].text, x->word[i].narrative);
	close_part(&b, at);
	at = open_part(&b);
	put_own(&b, &x->text, &x->link);
	close_part(&b, at);
	for (in = x->contained; in < x->contained + x->n_contained; in++) {
		buf_be16(&b, in->type);
		put_word(&b, bytes_sub(in->id, 0, TEXT_WORD_MAX), false);
		put_entries(&b, &in->values);
		put_entries(&b, &in->text);
	}
	return buf_end(&b, out);
}

/* --- reading ------------------------------------------------------------ */

/* Take a be32 length and that many bytes off the front. */
static bool
take_part(struct bytes *in, struct bytes *out)
{
	uint32_t n;

	if (in->len < sizeof(n))
		return false;
	memcpy(&n, in->p, sizeof(n));
	n = be32toh(n);
	if (n > in->len - sizeof(n))
		return false;
	*out = bytes_sub(*in, sizeof(n), n);
	*in = bytes_from(*in, sizeof(n) + n);
	return true;
}

enum err
key_get_extra(struct bytes in, struct extra_parts *out)
{
	struct extra_parts p = { .words = { NULL, 0 } };

	if (in.len > 0 && (!take_part(&in, &p.words) ||
	    !take_part(&in, &p.own.entries)))
		return ERR_STORE;
	p.inner = in;
	*out = p;
	return OK;
}

bool
key_word(struct bytes *at, struct bytes *word_out, bool *narrative_out)
{
	size_t len;

	if (at->len == 0)
		return false;
	*narrative_out = (at->p[0] & NARRATIVE) != 0;
	len = at->p[0] & (NARRATIVE - 1);
	if (len > at->len - 1)
		return false;
	*word_out = bytes_sub(*at, 1, len);
	*at = bytes_from(*at, 1 + len);
	return true;
}

bool
key_inner(struct bytes *at, struct inner *out)
{
	struct bytes in = *at;
	bool narrative;

	*out = (struct inner){ .type = 0 };
	if (in.len < sizeof(uint16_t))
		return false;
	out->type = (uint16_t)(in.p[0] << 8 | in.p[1]);
	in = bytes_from(in, sizeof(uint16_t));
	if (!key_word(&in, &out->id, &narrative) ||
	    !take_part(&in, &out->values.entries) ||
	    !take_part(&in, &out->text.entries))
		return false;
	*at = in;
	return true;
}

struct key
key_of_word(uint16_t type, uint16_t param, struct bytes word)
{
	struct key k = key_start(key_param(type, param));

	key_add(&k, word);
	return k;
}
