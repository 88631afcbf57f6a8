/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html.h -- a page is written here, and nothing gets into it raw.  (L4)
 *
 * A template is a literal of C, kept readable; what comes from outside is an
 * argument, and its place in the template names the context:
 *
 *	{t}	text between tags
 *	{a}	an attribute's value, between double quotes
 *	{u}	a URL that is a whole attribute's value: http, https, or a
 *		path of ours; anything else becomes "#"
 *	{q}	a value inside a URL: percent-encoded, between double quotes
 *	{k}	an attribute of ours ("checked", "disabled", ""), inside a tag
 *
 *	HTML(&h, "<p>Signed in as <b>{t}</b></p>", name);
 *
 * The printer follows the markup: an insertion in another context than it
 * names, too few or too many arguments, or a page that ends inside a tag
 * makes the page ERR_BUG, not a hole (attack cases LOG-10, AUZ-29).  Text
 * loses control characters and the ones that turn the direction of writing;
 * what is not UTF-8 becomes U+FFFD.
 *
 * Not for scripts, styles or comments: pages have none.
 */
#ifndef FCGI_HTML_H
#define FCGI_HTML_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

enum html_at {
	HTML_IN_TEXT,
	HTML_IN_TAG,
	HTML_IN_VALUE		/* of an attribute, after its quote */
};

struct html {
	struct buf	buf;
	enum html_at	at;
	bool		fault;		/* a template is wrong: our own bug */
};

/* in: max  bytes of the page */
struct html	html_on(struct arena *a, size_t max);

/* Write the template with its arguments, each a struct bytes. */
#define HTML(h, template, ...)						      \
	html_put((h), "" template, (const struct bytes[]){ __VA_ARGS__ },     \
	    sizeof((const struct bytes[]){ __VA_ARGS__ }) /		      \
	    sizeof(struct bytes))
void		html_put(struct html *h, const char *template,
		    const struct bytes *arg, size_t n);

/* A template without arguments. */
#define HTML_LIT(h, template)	html_put((h), "" template, NULL, 0)

/* err  ERR_BUG  a template was wrong; ERR_TOOBIG */
enum err	html_end(struct html *h, struct bytes *out) NODISCARD;

/* At most n characters of text, then an ellipsis; in a, or borrowed. */
struct bytes	html_cut(struct arena *a, struct bytes text, size_t n);

#endif
