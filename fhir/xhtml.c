/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xhtml.c -- the reader of narrative.  (L1)
 *
 * Knows just enough XML: whatever is not a tag, a text or an entity it
 * expects is a fault, so there is nothing for a browser to read otherwise.
 * Elements that are open stand on a stack of fixed height.
 *
 * Reading: a div without its xmlns is taken for XHTML all the same, for so
 * many write it in JSON; xml:lang and xml:space are XML's own and may stand.
 */
#include "fhir/xhtml.h"

#include "base/attr.h"
#include "fhir/xhtml_part.h"

struct read {
	struct bytes	 text;
	size_t		 at;		/* the next byte */
	struct bytes	 open[XHTML_DEPTH];
	size_t		 depth;
	bool		 content;	/* txt-2: something to see */
	bool		 stopped;
	size_t		 said;		/* place of the last fault, */
	size_t		 said_char;	/* and which character that is */
	xhtml_say_fn	*say;
	xhtml_image_fn	*image;
	void		*arg;
};

/* txt-1, sorted. */
static const char *const elements[] = {
	"a", "abbr", "acronym", "b", "big", "blockquote", "br", "caption",
	"cite", "code", "col", "colgroup", "dd", "dfn", "div", "dl", "dt",
	"em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li",
	"ol", "p", "pre", "q", "samp", "small", "span", "strong", "table",
	"tbody", "td", "tfoot", "th", "thead", "tr", "tt", "ul", "var"
};

/* txt-3, sorted, and what XML itself has. */
static const char *const attributes[] = {
	"abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border",
	"cellhalign", "cellpadding", "cellspacing", "cellvalign", "char",
	"charoff", "charset", "cite", "class", "colspan", "compact",
	"coords", "dir", "frame", "headers", "height", "href", "hreflang",
	"hspace", "id", "lang", "longdesc", "name", "nowrap", "rel", "rev",
	"rowspan", "rules", "scope", "shape", "span", "src", "start",
	"style", "summary", "tabindex", "title", "type", "valign", "value",
	"vspace", "width", "xml:lang", "xml:space", "xmlns"
};

static bool
listed(const char *const *list, size_t n, struct bytes name)
{
	size_t	lo = 0, hi = n;

	while (lo < hi) {
		size_t	mid = (lo + hi) / 2;
		int	c = bytes_cmp(name, bytes_str(list[mid]));

		if (c == 0)
			return true;
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

/*
 * Characters, not bytes: what an editor counts.  Faults come in the order of
 * the text, so each counts on from the one before: a text of nothing but
 * faults is read twice, not once for each.
 */
static size_t
character(struct read *r, size_t at)
{
	if (at < r->said)
		r->said = r->said_char = 0;
	for (; r->said < at && r->said < r->text.len; r->said++)
		r->said_char += (r->text.p[r->said] & 0xc0) != 0x80;
	return r->said_char + 1;
}

static void
say(struct read *r, enum xhtml_fault fault, size_t at, struct bytes name,
    const char *want)
{
	if (!r->stopped)
		r->stopped = !r->say(r->arg, fault, character(r, at), name,
		    want);
}

/* No XHTML from here on.  false, for "return". */
static bool
stop(struct read *r, const char *want)
{
	say(r, XHTML_FORM, r->at, bytes_of(NULL, 0), want);
	r->stopped = true;
	return false;
}

/* --- characters ---------------------------------------------------------- */

static uint8_t
peek(const struct read *r)
{
	return r->at < r->text.len ? r->text.p[r->at] : 0;
}

static bool
take(struct read *r, const char *word)
{
	if (!bytes_starts(bytes_from(r->text, r->at), bytes_str(word)))
		return false;
	r->at += strlen(word);
	return true;
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What XML has no place for. */
static bool
control(uint8_t c)
{
	return c < ' ' && !is_space(c);
}

static bool
space(struct read *r)
{
	size_t	from = r->at;

	while (is_space(peek(r)))
		r->at++;
	return r->at > from;
}

static bool
name_char(uint8_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == ':' ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static struct bytes
name(struct read *r)
{
	size_t	from = r->at;

	while (name_char(peek(r)))
		r->at++;
	return bytes_sub(r->text, from, r->at - from);
}

/*
 * The entity at "&", which is passed; *c_out is its character.  White space
 * is told from the rest: a non-breaking space shows nothing.
 */
static bool
entity(struct read *r, uint32_t *c_out)
{
	size_t	n = xhtml_entity(bytes_from(r->text, r->at), c_out);

	if (n == 0)
		return stop(r, "& begins an entity of XHTML (&amp; &lt; "
		    "&nbsp; ...) or a number, &#8217;; as text it is &amp;");
	r->at += n;
	return true;
}

/* --- attributes ---------------------------------------------------------- */

/* A value in quotes; its text stays as written, entities and all. */
static bool
value(struct read *r, struct bytes *out)
{
	uint8_t		quote = peek(r);
	size_t		from = r->at + 1;
	uint32_t	c;

	if (quote != '"' && quote != '\'')
		return stop(r, "the value of an attribute stands in quotes");
	r->at++;
	while (r->at < r->text.len && peek(r) != quote) {
		if (peek(r) == '<')
			return stop(r, "< in a value is written &lt;");
		if (control(peek(r)))
			return stop(r, "no control characters");
		if (peek(r) == '&') {
			if (!entity(r, &c))
				return false;
		} else {
			r->at++;
		}
	}
	if (r->at == r->text.len)
		return stop(r, "this value is not closed");
	*out = bytes_sub(r->text, from, r->at - from);
	r->at++;
	return true;
}

static void
judge(struct read *r, size_t at, struct bytes tag, struct bytes attr,
    struct bytes val)
{
	const char	*want;

	if (!listed(attributes, N_ELEM(attributes), attr)) {
		say(r, XHTML_ATTRIBUTE, at, attr, "no attribute of "
		    "narrative: take it out");
		return;
	}
	if (bytes_is(attr, "xmlns") &&
	    !bytes_is(val, "http://www.w3.org/1999/xhtml"))
		say(r, XHTML_FORM, at, attr,
		    "must be http://www.w3.org/1999/xhtml");
	want = xhtml_active(attr, val);
	if (want != NULL)
		say(r, XHTML_ACTIVE, at, attr, want);
	if (!bytes_is(tag, "img") || !bytes_is(attr, "src"))
		return;
	r->content = true;
	if (r->image != NULL && val.len > 0 && val.p[0] == '#')
		r->image(r->arg, bytes_from(val, 1));
}

/* A tag has few attributes, so each looks back over all before it. */
static bool
attribute(struct read *r, struct bytes tag, struct bytes *seen, size_t *n)
{
	size_t		at = r->at;
	struct bytes	attr = name(r), val;

	if (attr.len == 0)
		return stop(r, "the name of an attribute, > or /> belongs "
		    "here");
	for (size_t i = 0; i < *n; i++)
		if (bytes_eq(seen[i], attr))
			return stop(r, "this attribute stands twice");
	if (*n == XHTML_ATTRS)
		return stop(r, "more attributes than XHTML has");
	seen[(*n)++] = attr;
	(void)space(r);
	if (!take(r, "="))
		return stop(r, "= and a value belong here");
	(void)space(r);
	if (!value(r, &val))
		return false;
	judge(r, at, tag, attr, val);
	return !r->stopped;
}

/* --- tags ---------------------------------------------------------------- */

static bool
enter(struct read *r, struct bytes tag)
{
	if (r->depth == XHTML_DEPTH)
		return stop(r, "more than 64 elements in each other");
	r->open[r->depth++] = tag;
	return true;
}

static bool
open_tag(struct read *r)
{
	struct bytes	seen[XHTML_ATTRS], tag;
	size_t		n = 0, at = r->at++;

	tag = name(r);
	if (tag.len == 0)
		return stop(r, "< begins a tag; as text it is &lt;");
	if (r->depth == 0 && !bytes_is(tag, "div"))
		return stop(r, "narrative is one <div>");
	if (!listed(elements, N_ELEM(elements), tag))
		say(r, XHTML_ELEMENT, at, tag, "no element of narrative: "
		    "take it out (names are in lower case)");
	while (!r->stopped) {
		bool	gap = space(r);

		if (take(r, "/>"))
			return true;
		if (take(r, ">"))
			return enter(r, tag);
		if (!gap)
			return stop(r, "a blank, > or /> belongs here");
		if (!attribute(r, tag, seen, &n))
			return false;
	}
	return false;
}

static bool
close_tag(struct read *r)
{
	struct bytes	tag;

	r->at += 2;
	tag = name(r);
	(void)space(r);
	if (r->depth == 0 || !bytes_eq(tag, r->open[r->depth - 1]))
		return stop(r, "closes another element than the one that is "
		    "open");
	if (!take(r, ">"))
		return stop(r, "> belongs here");
	r->depth--;
	return true;
}

static bool
markup(struct read *r)
{
	struct bytes	rest = bytes_from(r->text, r->at);

	if (bytes_starts(rest, bytes_str("</")))
		return close_tag(r);
	if (bytes_starts(rest, bytes_str("<!--")))
		return stop(r, "no comments in narrative");
	if (bytes_starts(rest, bytes_str("<!")))
		return stop(r, "no DOCTYPE nor CDATA in narrative");
	if (bytes_starts(rest, bytes_str("<?")))
		return stop(r, "no processing instructions in narrative");
	return open_tag(r);
}

/* Text up to the next tag. */
static bool
text(struct read *r)
{
	uint32_t	c;

	while (r->at < r->text.len && peek(r) != '<') {
		c = peek(r);
		if (control((uint8_t)c))
			return stop(r, "no control characters");
		if (c == '&') {
			if (!entity(r, &c))
				return false;
		} else if (bytes_starts(bytes_from(r->text, r->at),
		    bytes_str("]]>"))) {
			return stop(r, "]]> in text is written ]]&gt;");
		} else {
			r->at++;
		}
		r->content |= c > 0xff || (!is_space((uint8_t)c) &&
		    c != 0xa0);
	}
	return true;
}

void
xhtml_read(struct bytes div, xhtml_say_fn *fn, xhtml_image_fn *image,
    void *arg)
{
	struct read	r = { .text = div, .say = fn, .image = image,
			    .arg = arg };

	(void)space(&r);
	if (peek(&r) != '<') {
		(void)stop(&r, "narrative is one <div>");
		return;
	}
	do {
		if (!markup(&r))
			return;
		if (r.depth > 0 && !text(&r))
			return;
		if (r.depth > 0 && r.at == r.text.len) {
			(void)stop(&r, "an element is not closed");
			return;
		}
	} while (r.depth > 0);
	(void)space(&r);
	if (r.at < r.text.len)
		(void)stop(&r, "text behind the <div>");
	else if (!r.content)
		say(&r, XHTML_EMPTY, 0, bytes_of(NULL, 0),
		    "some text, or an image");
}
