/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of narrative: what it takes, what it refuses, and where (F06;
 * NAR-01 to NAR-04, XML-07).
 */
#include "base/arena.h"
#include "base/attr.h"
#include "fhir/xhtml.h"
#include "tests/unit/unit.h"

#define DIV(text)	"<div xmlns=\"http://www.w3.org/1999/xhtml\">" text \
			"</div>"

struct heard {
	struct arena	*arena;
	const char	*what;		/* "txt-1 39 script, ..." */
	size_t		 n, most;
};

static int
open_arena(void **state)
{
	*state = arena_new(0);
	return 0;
}

static int
close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

static bool
hear(void *arg, enum xhtml_fault fault, size_t at, struct bytes name,
    const char *want)
{
	static const char *const names[] = { "form", "txt-1", "txt-2", "txt-3",
		"active" };
	struct heard	*h = arg;

	assert_true(strlen(want) > 5);
	h->what = arena_printf(h->arena, "%s%s%s %zu%s%.*s", h->what,
	    h->n == 0 ? "" : ", ", names[fault], at,
	    name.len == 0 ? "" : " ", BYTES_FMT(name));
	return ++h->n < h->most;
}

/* Where the last of many faults is, and how many there are. */
struct last {
	size_t	n, at;
};

static bool
note(void *arg, enum xhtml_fault fault, size_t at, struct bytes name,
    const char *want)
{
	struct last	*l = arg;

	(void)fault, (void)name, (void)want;
	l->n++;
	l->at = at;
	return true;
}

static void
note_image(void *arg, struct bytes id)
{
	struct heard	*h = arg;

	h->what = arena_printf(h->arena, "%s#%.*s", h->what, BYTES_FMT(id));
}

static const char *
read_div(struct arena *a, const char *div)
{
	struct heard	h = { a, "", 0, 100 };

	xhtml_read(bytes_str(div), hear, NULL, &h);
	return h.what;
}

static void
takes(void **state)
{
	static const char *const good[] = {
		"<div>a</div>", DIV("a"), " \n" DIV("a") "\t",
		DIV("<p class=\"x\">a<br/>b<br /></p><hr/>"),
		DIV("<table border='1'><tbody><tr><td colspan=\"2\">a</td>"
		    "</tr></tbody></table>"),
		DIV("&lt;&gt;&amp;&quot;&apos;&nbsp;&copy;&#8217;&#x2019;"),
		DIV("&AElig;&thetasym;&zwnj;&sect;&aacute;&mdash;&rarr;"),
		DIV("<a name=\"x\"/>a<a href=\"#x\">b</a>"),
		DIV("<a href=\"http://a/?a=1&amp;b=2\">b</a>"),
		DIV("<a href=\"mailto:a@b\">b</a><a href='Patient/1'>c</a>"),
		DIV("<a href=\"valueset-administrative-gender-and-more.html\">"
		    "b</a>"),
		DIV("<img src=\"#11\" alt=\"a\"/>"),
		DIV("<img src=\"data:image/png;base64,iVBORw0KGgo=\"/>"),
		DIV("<span style=\"color: red; font-size: 80%\">a</span>"),
		DIV("<p xml:lang=\"de\" lang=\"de\">\xc3\xa4</p>"),
		DIV("a > b"), DIV("<b>a</b >"), DIV("a ]] b")
	};

	for (size_t i = 0; i < N_ELEM(good); i++)
		if (*read_div(*state, good[i]) != '\0')
			fail_msg("%s: %s", good[i],
			    read_div(*state, good[i]));
}

struct bad {
	const char	*div, *what;
};

static void
judge(struct arena *a, const struct bad *bad, size_t n)
{
	for (; n > 0; n--, bad++)
		if (strcmp(read_div(a, bad->div), bad->what) != 0)
			fail_msg("%s:\n  is   %s\n  want %s", bad->div,
			    read_div(a, bad->div), bad->what);
}

/* XML-07: nothing that another reader could read otherwise. */
static void
is_strict_xml(void **state)
{
	static const struct bad	bad[] = {
		{ "", "form 1" }, { "a", "form 1" }, { "<p>a</p>", "form 3" },
		{ "<div>a", "form 7" }, { "<div", "form 5" },
		{ "<div>a</div>b", "form 13" },
		{ "<div>a</div><div>b</div>", "form 13" },
		{ "<div>a</p></div>", "form 10" },
		{ "<div><b><i>a</b></i></div>", "form 16" },
		{ "<div>a</div", "form 12" }, { "<div>a</DIV>", "form 12" },
		{ "<div>a<!-- b --></div>", "form 7" },
		{ "<div>a<![CDATA[b]]></div>", "form 7" },
		{ "<!DOCTYPE div><div>a</div>", "form 1" },
		{ "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
		  "<div>&x;</div>", "form 1" },
		{ "<?xml version=\"1.0\"?><div>a</div>", "form 1" },
		{ "<div>a<?php b?></div>", "form 7" },
		{ "<div>a & b</div>", "form 8" },
		{ "<div>&colon;</div>", "form 6" },
		{ "<div>&x;</div>", "form 6" }, { "<div>&amp</div>", "form 6" },
		{ "<div>&#0;</div>", "form 6" },
		{ "<div>&#1;</div>", "form 6" },
		{ "<div>&#xD800;</div>", "form 6" },
		{ "<div>&#x110000;</div>", "form 6" },
		{ "<div>&#99999999999;</div>", "form 6" },
		{ "<div>&#x;</div>", "form 6" }, { "<div>&#;</div>", "form 6" },
		{ "<div>&#12</div>", "form 6" },
		{ "<div>a < b</div>", "form 9" },
		{ "<div>a ]]> b</div>", "form 8" },
		{ "<div class=a>a</div>", "form 12" },
		{ "<div class>a</div>", "form 11" },
		{ "<div class=\"a>a</div>", "form 16" },
		{ "<div class=\"<\">a</div>", "form 13" },
		{ "<div class=\"&\">a</div>", "form 13" },
		{ "<div class=\"a\"id=\"b\">a</div>", "form 15" },
		{ "<div class=\"a\" class=\"b\">a</div>", "form 21" },
		{ "<div>a\x01</div>", "form 7" },
		{ "<div class=\"\x02\">a</div>", "form 13" },
		{ "<div / >a</div>", "form 6" }, { "< div>a</div>", "form 2" },
		{ "<div xmlns=\"http://a\">a</div>", "form 6 xmlns" }
	};

	judge(*state, bad, N_ELEM(bad));
}

/* NAR-01 */
static void
keeps_to_the_lists(void **state)
{
	static const struct bad	bad[] = {
		{ "<div><script>alert(1)</script></div>", "txt-1 6 script" },
		{ "<div>a<svg/><iframe/></div>", "txt-1 7 svg, "
		  "txt-1 13 iframe" },
		{ "<div>a<form><input/></form></div>", "txt-1 7 form, "
		  "txt-1 13 input" },
		{ "<div>a<base/><meta/><object/><style/><link/></div>",
		  "txt-1 7 base, txt-1 14 meta, txt-1 21 object, "
		  "txt-1 30 style, txt-1 38 link" },
		{ "<div>a<P>b</P></div>", "txt-1 7 P" },
		{ "<div>a<h7/><x:p/></div>", "txt-1 7 h7, txt-1 12 x:p" },
		{ "<div onclick=\"a()\">a</div>", "txt-3 6 onclick" },
		{ "<div><img src=\"#a\" onerror=\"a()\"/></div>",
		  "txt-3 20 onerror" },
		{ "<div><a href=\"#a\" target=\"b\">c</a></div>",
		  "txt-3 19 target" },
		{ "<div CLASS=\"a\" data-x=\"b\">a</div>", "txt-3 6 CLASS, "
		  "txt-3 16 data-x" },
		{ "<div xmlns:x=\"http://a\">a</div>", "txt-3 6 xmlns:x" },
		{ "<div>\xc3\xa4\xc3\xb6<u>a</u></div>", "txt-1 8 u" }
	};

	judge(*state, bad, N_ELEM(bad));
}

/* NAR-02, NAR-03: an address is judged as a browser reads it. */
static void
addresses_start_nothing(void **state)
{
	static const char *const links[] = {
		"javascript:alert(1)", "JavaScript:alert(1)",
		"java\tscript:a", " javascript:a", "&#1;javascript:a",
		"java&#10;script:a", "java&#x0A;script:a", "javascript&#58;a",
		"&#106;avascript:a", "&#x6A;avascript:a", "vbscript:a",
		"data:text/html,a", "data:text/html;base64,YQ==", "file:///a",
		"blob:a", "ftp://a", "jar:a!/b", "view-source:http://a",
		"http:a", "https:/a", "mailto", "\x7f" "javascript:a",
		"jav\xc2\xad" "ascript:a"
	};

	for (size_t i = 0; i < N_ELEM(links); i++) {
		const char	*div = arena_printf(*state,
				    "<div>b<a href=\"%s\">a</a></div>",
				    links[i]);
		const char	*want = strcmp(links[i], "mailto") == 0 ? "" :
				    "active 10 href";

		/* XML has no such character, and JSON gives none */
		if (strcmp(links[i], "&#1;javascript:a") == 0)
			want = "form 16";
		if (strcmp(read_div(*state, div), want) != 0)
			fail_msg("%s: %s", div, read_div(*state, div));
	}
}

static void
images_come_with_it(void **state)
{
	static const char *const images[] = {
		"http://a/b.png", "//a/b.png", "b.png", "Binary/1",
		"data:image/svg+xml;base64,YQ==", "data:text/html,a",
		"data:image/png,a", "javascript:a", "", "DATA:text/html,a"
	};

	for (size_t i = 0; i < N_ELEM(images); i++) {
		const char	*div = arena_printf(*state,
				    "<div>b<img src='%s'/></div>", images[i]);

		if (strcmp(read_div(*state, div), "active 12 src") != 0)
			fail_msg("%s: %s", div, read_div(*state, div));
	}
}

/* NAR-04 */
static void
styles_load_nothing(void **state)
{
	static const char *const styles[] = {
		"background:url(http://a)", "background:URL('a')",
		"width:expression(a)", "width:exprexpression(a)",
		"behavior:url(a)", "behaviorbehavior", "-moz-binding:a",
		"@import 'a'", "width:e\\78pression(a)", "u/**/rl(a)",
		"background:u&#114;l(a)", "color:red;&#x40;import",
		"x:javascript:a", "a\tb&#9;c", "x:&lt;"
	};

	for (size_t i = 0; i < N_ELEM(styles); i++) {
		const char	*div = arena_printf(*state,
				    "<div>a<b style=\"%s\">a</b></div>",
				    styles[i]);

		if (strcmp(read_div(*state, div), "active 10 style") != 0)
			fail_msg("%s: %s", div, read_div(*state, div));
	}
}

static void
shows_something(void **state)
{
	static const struct bad	bad[] = {
		{ "<div/>", "txt-2 1" }, { "<div></div>", "txt-2 1" },
		{ "<div> \n<p> </p></div>", "txt-2 1" },
		{ "<div>&nbsp;&#32;&#xa0;</div>", "txt-2 1" },
		{ "<div><a name=\"a\"/></div>", "txt-2 1" },
		{ "<div><img alt=\"a\"/></div>", "txt-2 1" }
	};

	judge(*state, bad, N_ELEM(bad));
}

static const char *
nested(struct arena *a, size_t n)
{
	char	*text = arena_alloc(a, n * 7 + 20), *p = text;

	p = stpcpy(p, "<div>");
	for (size_t i = 1; i < n; i++)
		p = stpcpy(p, "<b>");
	p = stpcpy(p, "a");
	for (size_t i = 1; i < n; i++)
		p = stpcpy(p, "</b>");
	(void)stpcpy(p, "</div>");
	return text;
}

/* What is contained and only shown is not forgotten (dom-3). */
static void
names_its_images(void **state)
{
	struct heard	h = { *state, "", 0, 10 };

	xhtml_read(bytes_str("<div><img src=\"#a\"/><a href=\"#b\">x</a>"
	    "<p><img alt='x' src='#c'/></p></div>"), hear, note_image, &h);
	assert_string_equal(h.what, "#a#c");
	assert_int_equal(h.n, 0);
}

/*
 * Depth and faults have ends: a million bad tags cost one look, and where
 * all are wanted, one pass: each is counted from the one before.
 */
static void
has_limits(void **state)
{
	struct heard	 h = { *state, "", 0, 1 };
	struct last	 l = { 0, 0 };
	const size_t	 n = 1000000;
	char		*many = arena_alloc(*state, n * 4 + 20);

	assert_string_equal(read_div(*state, nested(*state, XHTML_DEPTH)),
	    "");
	assert_string_equal(read_div(*state, nested(*state,
	    XHTML_DEPTH + 1)), "form 198");
	memcpy(many, "<div>", 5);
	for (size_t i = 0; i < n; i++)
		memcpy(many + 5 + i * 4, "<x/>", 4);
	xhtml_read(bytes_str(many), hear, NULL, &h);
	assert_string_equal(h.what, "txt-1 6 x");
	xhtml_read(bytes_str(many), note, NULL, &l);
	assert_int_equal(l.n, n + 1);
	assert_int_equal(l.at, 6 + n * 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes),
		cmocka_unit_test(is_strict_xml),
		cmocka_unit_test(keeps_to_the_lists),
		cmocka_unit_test(addresses_start_nothing),
		cmocka_unit_test(images_come_with_it),
		cmocka_unit_test(styles_load_nothing),
		cmocka_unit_test(shows_something),
		cmocka_unit_test(names_its_images),
		cmocka_unit_test(has_limits)
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
