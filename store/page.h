/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h -- where a page stands in a result, and the sealed cursor.  (L2)
 *
 * Internal to store/.  A result has a total order; a place in it is a spot,
 * bytes that memcmp in that order.  A page is what follows (or precedes) a
 * spot, so that writes between two pages move nothing: what did not change
 * appears once.  What was created after the first page stays out by the
 * journal ceiling the cursor carries.
 *
 * A cursor is opened only by who holds the same view, for the same query,
 * before it expires; all of it is sealed, and its length is decided by what
 * the query sorts by, never by what lies there.
 *
 * Requirements 2.3; design 6; security SRC-09, SRC-10.
 */
#ifndef STORE_PAGE_H
#define STORE_PAGE_H

#include "store/gate.h"

#define SPOT_TEXT	120	/* bytes of a text that decide */
#define SPOT_MAX	(QUERY_SORTS * (1 + SPOT_TEXT) + 2 + 8)

/* Sort keys, then rid or version; all spots of one result are as long. */
struct spot {
	size_t	len;
	uint8_t	b[SPOT_MAX];
};

struct page_at {
	bool		back;		/* the page ends before the spot; else
					 * it begins after it */
	bool		bounded;	/* there is a spot; else from the end */
	struct spot	spot;
	uint64_t	ceiling;	/* journal: what is born later is out */
};

enum page_link { LINK_NEXT, LINK_PREVIOUS, LINK_FIRST, LINK_LAST };

/*
 * Open ask->cursor.
 * in	out	spot.len  as the query has it
 * err	ERR_VALUE  not one of ours, of another query, view or principal, or
 *		expired: all alike
 */
enum err	page_open(const struct snapshot *t, struct arena *a,
		    const struct view *v, const uint8_t query[static 16],
		    const struct page_ask *ask, struct page_at *out) NODISCARD;

/*
 * What a cursor is for, where that is no query: name it, and all that decides
 * its list.
 */
void		page_digest(const char *what, const uint64_t *number,
		    size_t n, struct bytes id, uint8_t out[static 16]);

/* --- the part of a result that a page shows ------------------------------ */

/* The nearest entries to a place, of all that are offered in any order. */
struct window {
	struct page_at	 place;
	uint8_t		*spot;		/* place.spot.len bytes each; after
					 * window_done in order */
	size_t		 n, cap;
	uint64_t	 total;		/* counted by who offers */
	uint64_t	 rows;		/* looked at for it so far */
	bool		 other;		/* something lies across the place */
};

/* For count entries, and one more to know whether there are. */
struct window	window_new(struct arena *a, const struct page_at *p,
		    uint64_t count);

/* Would it enter?  Notes what lies across the place. */
bool		window_wants(struct window *w, const struct spot *s);
void		window_add(struct window *w, const struct spot *s);
void		window_done(struct window *w);

/* Does it hold this one? */
bool		window_has(const struct window *w, const struct spot *s);

/*
 * What begins so, all of it: can none of it enter any more?  Does all of it
 * lie across the place?
 */
bool		window_beyond(const struct window *w, const uint8_t *b,
		    size_t len);
bool		window_across(const struct window *w, const uint8_t *b,
		    size_t len);

/* The rid or version of an entry. */
uint64_t	window_number(const struct window *w, size_t i);

/* What of it is shown: 0 itself, else its contained one so many'th by id. */
unsigned	window_inner(const struct window *w, size_t i);

/* Seal the links of a page that shows n spots from first on. */
void		page_links(const struct snapshot *t, struct arena *a,
		    const struct view *v, const uint8_t query[static 16],
		    const struct page_ask *ask, const struct window *w,
		    size_t first, size_t n, struct page *out);

/* --- sort ---------------------------------------------------------------- */

/* Bytes of a spot. */
size_t		sort_len(const struct query *q);

/* Does the order ask for the id, which no row holds? */
bool		sort_by_id(const struct query *q);

/*
 * Where a resource stands: ascending by the least of its values, descending
 * by the greatest; without one, last.  Ties, and no _sort, by creation.
 *
 *	date			its low end, descending its high end
 *	number, quantity	likewise, whatever the unit
 *	string			its text, folded
 *	token			its code in small letters, then its system
 *	reference		Type/id, or the URL
 *	uri			itself
 *
 * Of texts the first SPOT_TEXT bytes decide: what is alike so far is a tie.
 * Where contained resources are shown, those of one rank stand together.
 *
 * in	inner	as window_inner
 *	id	where sort_by_id; of one inside, its own
 *	row	may be NULL where q has no sort
 */
void		sort_spot(const struct query *q, uint64_t rid,
		    unsigned inner, struct bytes id, const struct row *row,
		    struct spot *out);
/* How a spot begins by the first key: so many bytes... */
size_t		sort_width(const struct query *q);
/* ...of one value; not in the order yet, but as sort_rank makes them. */
void		sort_value(const struct sort_key *k, const struct value *v,
		    uint8_t *out);
/* Put the first byte in front, and turn the rest where descending. */
void		sort_rank(const struct sort_key *k, const uint8_t *value,
		    uint8_t *out);

uint64_t	spot_number(const struct spot *s);

/* A spot that is a number and nothing else. */
void		spot_plain(uint64_t number, struct spot *out);

#endif
