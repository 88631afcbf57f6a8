/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_tree.c -- checked text as a Jansson tree.  (L1)
 *
 * Jansson's own parser would judge the grammar a second time, want numbers
 * dressed up as strings first, and take three times as long.  Its objects
 * and hashing (seeded against floods) are what the tree is made of.
 *
 * Only for text that json_scan passed: nothing is checked here but that no
 * name stands twice in an object.  The stack is as deep as json_scan allowed.
 */
#include "fhir/json_scan.h"

struct build {
	struct arena	*arena;
	struct bytes	 text;
	size_t		 at;
	bool		 twice;		/* stopped at a name's second coming */
};

static json_t	*build(struct build *b);

unsigned
json_hex4(const uint8_t *p)
{
	unsigned v = 0;
	int i;

	for (i = 0; i < 4; i++)
		v = v << 4 | (p[i] <= '9' ? p[i] - (unsigned)'0' :
		    (p[i] | 0x20u) - 'a' + 10u);
	return v;
}

static size_t
put_utf8(uint8_t *out, unsigned c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(lead[n] | c);
	return n;
}

/* raw without its escapes, in the arena; never longer than raw. */
static struct bytes
unescape(struct arena *a, struct bytes raw)
{
	uint8_t *out = arena_alloc(a, raw.len);
	size_t n = 0, i = 0;
	unsigned c;

	while (i < raw.len) {
		if (raw.p[i] != '\\') {
			out[n++] = raw.p[i++];
			continue;
		}
		c = raw.p[i + 1];
		i += 2;
		if (c == 'u') {
			c = json_hex4(raw.p + i);
			i += 4;
			if (c >= 0xd800 && c <= 0xdbff) {
				c = 0x10000 + ((c - 0xd800) << 10) +
				    (json_hex4(raw.p + i + 2) - 0xdc00);
				i += 6;
			}
			n += put_utf8(out + n, c);
		} else {
			out[n++] = (uint8_t)(c == 'n' ? '\n' :
			    c == 'r' ? '\r' : c == 't' ? '\t' : c);
		}
	}
	return bytes_of(out, n);
}

struct bytes
json_string_text(struct arena *a, struct bytes value)
{
	struct bytes raw = bytes_sub(value, 1, value.len - 2);

	if (raw.len == 0 || memchr(raw.p, '\\', raw.len) == NULL)
		return raw;
	return unescape(a, raw);
}

/* The string at b->at, which is then passed. */
static struct bytes
string(struct build *b)
{
	size_t from = b->at + 1;
	struct bytes raw;

	b->at = json_skip_string(b->text, b->at);
	raw = bytes_sub(b->text, from, b->at - 1 - from);
	if (memchr(raw.p, '\\', raw.len) == NULL)
		return raw;
	return unescape(b->arena, raw);
}

static json_t *
number(struct build *b)
{
	char text[1 + JSON_NUM_MAX] = { JSON_NUM };
	size_t n = 1;
	uint8_t c;

	for (; b->at < b->text.len && n < sizeof(text); b->at++) {
		c = b->text.p[b->at];
		if (c != '-' && c != '.' && (c < '0' || c > '9'))
			break;
		text[n++] = (char)c;
	}
	return json_stringn_nocheck(text, n);
}

/* b->at stands on "," or the closing bracket, which is passed. */
static bool
more(struct build *b)
{
	return b->text.p[b->at++] == ',';
}

static json_t *
array(struct build *b)
{
	json_t *list = json_array();

	b->at++;
	do {
		/* takes over the value, NULL included, and then fails */
		if (json_array_append_new(list, build(b)) != 0) {
			json_decref(list);
			return NULL;
		}
	} while (more(b));
	return list;
}

static json_t *
object(struct build *b)
{
	json_t *obj = json_object(), *v;
	struct bytes name;
	size_t behind, n;

	b->at++;
	do {
		name = string(b);
		behind = b->at++;	/* the colon */
		v = build(b);
		n = json_object_size(obj);
		if (json_object_setn_new_nocheck(obj, (const char *)name.p,
		    name.len, v) != 0) {
			json_decref(obj);
			return NULL;
		}
		if (json_object_size(obj) == n) {
			b->twice = true;
			b->at = behind;
			json_decref(obj);
			return NULL;
		}
	} while (more(b));
	return obj;
}

static json_t *
build(struct build *b)
{
	struct bytes text;

	switch (b->text.p[b->at]) {
	case '{':
		return object(b);
	case '[':
		return array(b);
	case '"':
		text = string(b);
		return json_stringn_nocheck((const char *)text.p, text.len);
	case 't':
		b->at += 4;
		return json_true();
	case 'f':
		b->at += 5;
		return json_false();
	case 'n':
		b->at += 4;
		return json_null();
	default:
		return number(b);
	}
}

enum err
json_tree(struct arena *a, struct bytes text, json_t **tree_out,
    size_t *at_out)
{
	struct build b = { .arena = a, .text = text };
	json_t *tree = build(&b);

	if (tree != NULL) {
		*tree_out = tree;
		return OK;
	}
	*at_out = b.at;
	return b.twice ? ERR_SYNTAX : ERR_NOMEM;
}
