/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h -- the frame of every page, and the parts they share.  (L5)
 *
 * Pages have no script; every label, hint and error is text beside what it
 * speaks of; nothing is told by colour alone and nothing runs out while
 * somebody reads.  WCAG 2.2 AA; requirements M07, Z16.
 */
#ifndef SMART_PAGE_H
#define SMART_PAGE_H

#include "fcgi/smart/act.h"

#define PAGE_NAME	60	/* characters of a name that are shown */

/* What is wrong with a form: said at its top and beside the field. */
struct problem {
	const char	*field;		/* id of the field, or NULL */
	const char	*text;		/* or NULL: there is none */
};

/*
 * Head and header, up to and with the page's heading.
 * in	who	signed in; or NULL
 *	pr	"Error: " in the title and the summary; or NULL
 */
void		page_begin(struct call *c, struct html *h,
		    struct bytes title, const struct smart_session *who,
		    const struct problem *pr);
/* The rest, and the page is the answer. */
enum err	page_end(struct call *c, struct html *h) NODISCARD;

struct html	page_new(const struct call *c);

/* <form method="post" action="..."> with its hidden fields. */
void		page_form(struct call *c, struct html *h, const char *path,
		    struct bytes flow);
/* One more hidden field. */
void		page_hidden(struct html *h, const char *name,
		    struct bytes value);

struct field {
	const char	*id;		/* and name */
	const char	*label, *hint;	/* hint: or NULL */
	const char	*type;		/* "text", "password" ... */
	const char	*complete;	/* autocomplete */
	struct bytes	 value;
	bool		 required;
};
void		page_field(struct html *h, const struct field *f,
		    const struct problem *pr);

/* An error in plain words, as a whole page. */
void		page_error(struct call *c, struct html *h,
		    const struct smart_error *error);

/* A name as it is shown: cut, in its own direction. */
struct bytes	page_name(const struct call *c, struct bytes name);

/* A reason of auth/ as a sentence: "it is over" as "It is over." */
const char	*page_sentence(const struct call *c, const char *text);

/* "Try again in 2 minutes." of a throttle. */
const char	*page_wait(const struct call *c, int64_t seconds);

/* "19 February 2027"; with time: "19 February 2027, 14:05 UTC". */
struct bytes	page_date(const struct call *c, struct instant t,
		    bool time);
/* A FHIR date as people write it; as it is where it is none. */
struct bytes	page_birth(const struct call *c, struct bytes date);

struct bytes	page_number(const struct call *c, uint64_t n);

#endif
