/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.c -- fuzz what a browser sends back: cookies, and text on a page.
 *
 * The input is a cookie header, and then text, value, link and query of a
 * page.  Beyond not crashing: a cookie's value stands in the header as it
 * is; a page is valid UTF-8 in which nothing of the input ends an element or
 * a value, and a link leads to the web or to us.
 */
#include <stdlib.h>

#include "base/text.h"
#include "fcgi/cookie.h"
#include "fcgi/html.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
check_cookie(struct bytes header)
{
	struct bytes v = cookie_find(header, COOKIE_SESSION, false);
	struct bytes w = cookie_find(header, COOKIE_DEVICE, true);

	must(v.len == 0 || (v.p > header.p &&
	    v.p + v.len <= header.p + header.len &&
	    memchr(v.p, ';', v.len) == NULL));
	must(w.len == 0 || memmem(header.p, header.len,
	    "__Host-tiphys-device=", 21) != NULL);
}

/*
 * Between these two of the template: none of the bytes that end it.  Head
 * begins with "<", which no input can write.
 */
static void
check_between(struct bytes page, const char *head, const char *end)
{
	const uint8_t *p = memmem(page.p, page.len, head, strlen(head));
	size_t left;

	must(p != NULL);
	p += strlen(head);
	left = (size_t)(page.p + page.len - p);
	for (; left > 0 && *p != (uint8_t)*end; p++, left--)
		must(*p != '<' && *p != '>' && *p != '"');
	must(left >= strlen(end) && memcmp(p, end, strlen(end)) == 0);
}

static void
check_page(struct arena *a, struct bytes in)
{
	struct html h = html_on(a, (size_t)1 << 22);
	struct bytes page;
	const uint8_t *url;

	HTML(&h, "<b>{t}</b><i t=\"{a}\"></i><u href=\"{u}\"></u>"
	    "<a href=\"/x?q={q}\"></a>", in, in, in, in);
	must(html_end(&h, &page) == OK);
	must(text_utf8(page));
	check_between(page, "<b>", "</b>");
	check_between(page, "<i t=\"", "\"></i>");
	check_between(page, "<u href=\"", "\"></u>");
	check_between(page, "<a href=\"/x?q=", "\"></a>");
	url = memmem(page.p, page.len, "<u href=\"", 9);
	must(url[9] == '#' || url[9] == '/' || memcmp(url + 9, "http", 4) ==
	    0);
	must(url[9] != '/' || url[10] != '/');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *a = arena_new(0);
	struct bytes in = bytes_of(data, len);

	check_cookie(in);
	check_page(a, in);
	check_page(a, html_cut(a, in, 20));
	arena_free(&a);
	return 0;
}
