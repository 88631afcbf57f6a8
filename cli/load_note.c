/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_note.c -- how far a load has come, kept with what it loaded.  (L5)
 *
 * The note is written in the transaction of the resources before it, so that
 * after a kill the two agree.  It is named by the inputs (names, sizes, times
 * of change): --resume with other ones starts at their beginning.
 */
#include "cli/load.h"

#include <inttypes.h>
#include <sodium.h>

#include "base/text.h"

#define FIELDS	6

void
load_note_name(struct load *l)
{
	crypto_generichash_state h;
	uint8_t digest[16];
	struct bytes hex;
	size_t i;

	crypto_generichash_init(&h, NULL, 0, sizeof digest);
	for (i = 0; i < l->in.n; i++) {
		const struct input_file *f = &l->in.file[i];

		crypto_generichash_update(&h, (const uint8_t *)f->name,
		    strlen(f->name) + 1);
		crypto_generichash_update(&h, (const uint8_t *)&f->size,
		    sizeof f->size);
		crypto_generichash_update(&h, (const uint8_t *)&f->changed,
		    sizeof f->changed);
	}
	crypto_generichash_final(&h, digest, sizeof digest);
	hex = text_hex(l->c->arena, bytes_of(digest, sizeof digest));
	l->note = bytes_str(arena_printf(l->c->arena, "load/%.*s",
	    BYTES_FMT(hex)));
}

struct bytes
load_note_write(struct arena *a, const struct load_mark *m)
{
	return bytes_str(arena_printf(a, "%" PRIu64 " %" PRIu64 " %" PRIu64
	    " %" PRIu64 " %" PRIu64 " %d", m->file, m->offset, m->line,
	    m->entry, m->rejects, m->done));
}

static enum err
parse(struct bytes text, struct load_mark *out)
{
	struct bytes word, rest = text;
	uint64_t v[FIELDS];
	int i;

	for (i = 0; i < FIELDS; i++) {
		bytes_cut(rest, ' ', &word, &rest);
		if (!text_u64(word, UINT64_MAX, &v[i]))
			return ERR_STORE;
	}
	*out = (struct load_mark){ .file = v[0], .offset = v[1],
	    .line = v[2], .entry = v[3], .rejects = v[4],
	    .done = v[5] != 0 };
	return OK;
}

enum err
load_note_read(struct load *l, struct load_mark *out)
{
	struct snapshot *t;
	struct bytes text;
	enum err e;

	e = store_begin(l->store, l->c->arena, &t);
	if (e != OK)
		return e;
	e = maint_note_get(t, l->note, &text);
	if (e == OK)
		e = parse(text, out);
	store_end(t);
	return e;
}
