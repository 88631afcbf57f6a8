/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fcgi_resp.c -- records on the wire, headers, conditions, refusals.  (L4)
 *
 * Attack cases TOK-01, CMP-01, CMP-08, HTTP-16 to -18, -20; FastCGI 3.3.
 */
#include "tests/unit/unit.h"

#include "base/attr.h"
#include "fcgi/frame.h"
#include "fcgi/resp.h"

static struct arena *a;
static struct conf *conf;
static struct req *rq;
static struct resp *rs;

static int
setup(void **state)
{
	const char *why;
	enum err e;

	(void)state;
	a = arena_new(0);
	e = conf_parse(a, "test", "/tmp",
	    bytes_str("base-url = https://fhir.tiphys.test/fhir\n"), &conf,
	    &why);
	rq = arena_alloc(a, sizeof(*rq));
	rq->arena = a;
	rq->conf = conf;
	rq->media = MEDIA_ANY;
	memcpy(rq->id, "f00", 4);
	rs = resp_new(a);
	return e == OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* --- records ------------------------------------------------------------- */

/* Put a frame together and take it apart as a web server would. */
static struct bytes
unframe(struct frame f, unsigned *records_out)
{
	uint8_t *wire = arena_alloc(a, f.bytes), *out, *p;
	size_t i, n = 0, len = 0, content;
	bool stdout_ended = false;

	for (i = 0; i < f.n; i++) {
		memcpy(wire + n, f.iov[i].iov_base, f.iov[i].iov_len);
		n += f.iov[i].iov_len;
	}
	assert_int_equal(n, f.bytes);
	out = arena_alloc(a, n);
	*records_out = 0;
	for (p = wire; p < wire + n; p += 8 + content) {
		assert_int_equal(p[0], 1);		/* version */
		assert_int_equal(p[2] << 8 | p[3], 0x0102);
		assert_int_equal(p[6], 0);		/* padding */
		content = (size_t)p[4] << 8 | p[5];
		if (p[1] == 3)
			break;
		assert_int_equal(p[1], 6);	/* STDOUT */
		assert_false(stdout_ended);
		stdout_ended = content == 0;
		memcpy(out + len, p + 8, content);
		len += content;
		++*records_out;
	}
	assert_true(stdout_ended);
	assert_int_equal(p + 16 - wire, n);	/* END_REQUEST is last */
	assert_memory_equal(p + 8, "\0\0\0\0\0\0\0\0", 8);
	return bytes_of(out, len);
}

static void
check_frame(size_t n0, size_t n1, unsigned want)
{
	uint8_t *p = arena_alloc(a, n0 + n1 + 1);
	struct bytes part[3], got;
	unsigned records;
	size_t i;

	for (i = 0; i < n0 + n1; i++)
		p[i] = (uint8_t)(i * 7 + i / 251);
	part[0] = bytes_of(p, n0);
	part[1] = bytes_of(NULL, 0);
	part[2] = bytes_of(p + n0, n1);
	got = unframe(frame_fcgi(a, 0x0102, part, 3), &records);
	assert_int_equal(got.len, n0 + n1);
	assert_memory_equal(got.p, p, n0 + n1);
	assert_int_equal(records, want + 1);	/* and the empty one */
}

static void
test_frame_sizes(void **state)
{
	(void)state;
	check_frame(0, 0, 0);
	check_frame(500, 0, 1);
	check_frame(500, 1500, 1);
	check_frame(500, FRAME_CONTENT - 500, 1);
	check_frame(500, FRAME_CONTENT - 499, 2);
	check_frame(FRAME_CONTENT, FRAME_CONTENT, 2);
	check_frame(FRAME_CONTENT - 1, 2, 2);
	check_frame(500, 65535, 2);
	check_frame(3 * FRAME_CONTENT + 5, 1000000, 19);
}

/* --- headers ------------------------------------------------------------- */

static const char *
head(void)
{
	resp_finish(rs, rq);
	return arena_str(a, rs->part[0]);
}

static void
has(const char *text, const char *line)
{
	if (strstr(text, line) == NULL)
		fail_msg("no \"%s\" in\n%s", line, text);
}

static void
has_not(const char *text, const char *line)
{
	if (strstr(text, line) != NULL)
		fail_msg("\"%s\" in\n%s", line, text);
}

static void
test_read_headers(void **state)
{
	const char *h;

	(void)state;
	rs->body = bytes_str("{}");
	resp_version(rs, 3, (struct instant){ 1767604447113 });
	h = head();
	has(h, "Status: 200 OK\r\n");
	has(h, "Content-Type: application/json+fhir; charset=UTF-8\r\n");
	has(h, "Content-Length: 2\r\n");
	has(h, "ETag: W/\"3\"\r\n");
	has(h, "Last-Modified: Mon, 05 Jan 2026 09:14:07 GMT\r\n");
	has(h, "X-Request-Id: f00\r\n\r\n");
	assert_int_equal(rs->n_part, 2);
	assert_bytes(rs->part[1], "{}");
}

static void
test_security_headers_on_every_answer(void **state)
{
	static const enum err all[] = { OK, ERR_LOGIN, ERR_NOTFOUND,
	    ERR_BUG, ERR_METHODUNK, ERR_URILONG };
	const char *h;
	size_t i;

	(void)state;
	/* HTTP-16, HTTP-17 */
	for (i = 0; i < N_ELEM(all); i++) {
		rs = resp_new(a);
		rs->err = all[i];
		h = head();
		has(h, "\r\nX-Content-Type-Options: nosniff\r\n");
		has(h, "\r\nContent-Security-Policy: default-src 'none'");
		has(h, "\r\nStrict-Transport-Security: max-age=");
		has(h, "\r\nCache-Control: no-store\r\n");
		has(h, "\r\nAccess-Control-Allow-Origin: *\r\n");
		has_not(h, "Allow-Credentials");
	}
}

static void
test_head_has_length_and_no_body(void **state)
{
	(void)state;
	/* HTTP-20 */
	rq->method = METHOD_HEAD;
	rs->body = bytes_str("{\"a\":1}");
	has(head(), "Content-Length: 7\r\n");
	assert_int_equal(rs->n_part, 1);
}

static void
test_preflight(void **state)
{
	const char *h;

	(void)state;
	/* interop 19 */
	rq->method = METHOD_OPTIONS;
	rs->preflight = true;
	h = head();
	has(h, "Status: 204 No Content\r\n");
	has(h, "\r\nAccess-Control-Allow-Headers: Accept, Authorization");
	has(h, "\r\nAccess-Control-Allow-Methods: GET");
	has_not(h, "\r\nContent-Type:");
	assert_int_equal(rs->n_part, 1);
}

static void
test_native_is_an_attachment(void **state)
{
	const char *h;

	(void)state;
	/* BIN-01 */
	rs->native = "text/html";
	rs->body = bytes_str("<script>");
	h = head();
	has(h, "Content-Type: text/html\r\n");
	has(h, "; sandbox\r\nContent-Disposition: attachment\r\n");
	/* a refusal of the same request is JSON again */
	rs = resp_new(a);
	rs->native = "text/html";
	rs->err = ERR_NOTFOUND;
	h = head();
	has(h, "Content-Type: application/json+fhir");
	has_not(h, "attachment");
}

/* --- conditions ---------------------------------------------------------- */

static int
status_of_version(uint64_t version, const char *none_match, const char *since)
{
	rs = resp_new(a);
	rs->body = bytes_str("{}");
	resp_version(rs, version, (struct instant){ 1767604447113 });
	rq->var[VAR_NONE_MATCH] = bytes_str(none_match);
	rq->var[VAR_SINCE] = bytes_str(since);
	resp_finish(rs, rq);
	return rs->status;
}

static int
status_of(const char *none_match, const char *since)
{
	return status_of_version(3, none_match, since);
}

static void
test_conditions(void **state)
{
	(void)state;
	assert_int_equal(status_of("W/\"3\"", ""), 304);
	assert_int_equal(rs->n_part, 1);
	assert_int_equal(status_of("\"3\"", ""), 304);
	assert_int_equal(status_of("\"1\", W/\"3\"", ""), 304);
	assert_int_equal(status_of("*", ""), 304);
	assert_int_equal(status_of("W/\"4\"", ""), 200);
	assert_int_equal(status_of("3", ""), 200);
	assert_int_equal(status_of("", "Mon, 05 Jan 2026 09:14:08 GMT"), 304);
	/* the second version may be of this second, too: RFC 9110 8.8.2.2 */
	assert_int_equal(status_of("", "Mon, 05 Jan 2026 09:14:07 GMT"), 200);
	assert_int_equal(status_of_version(1, "",
	    "Mon, 05 Jan 2026 09:14:07 GMT"), 304);
	assert_int_equal(status_of_version(1, "",
	    "Mon, 05 Jan 2026 09:14:06 GMT"), 200);
	assert_int_equal(status_of("", "Mon, 05 Jan 2026 09:14:06 GMT"), 200);
	assert_int_equal(status_of("", "not a date"), 200);
	/* If-None-Match rules where both stand */
	assert_int_equal(status_of("W/\"4\"",
	    "Mon, 05 Jan 2026 09:14:07 GMT"), 200);
	rq->method = METHOD_POST;
	assert_int_equal(status_of("W/\"3\"", ""), 200);
}

/* --- refusals ------------------------------------------------------------ */

static void
test_challenges(void **state)
{
	static const char realm[] = "WWW-Authenticate: Bearer "
	    "realm=\"https://fhir.tiphys.test/fhir\"";
	const char *h;

	(void)state;
	/* TOK-01: no error code where no token came */
	rs->err = ERR_LOGIN;
	rs->fault = LOGIN_ABSENT;
	h = head();
	has(h, "Status: 401 ");
	has(h, realm);
	has_not(h, "error=");
	rs = resp_new(a);
	rs->err = ERR_LOGIN;
	rs->fault = LOGIN_INVALID;
	has(head(), ", error=\"invalid_token\"\r\n");
	rs = resp_new(a);
	rs->err = ERR_USAGE;
	rs->fault = LOGIN_MALFORMED;
	h = head();
	has(h, "Status: 400 ");
	has(h, ", error=\"invalid_request\"\r\n");
	rs = resp_new(a);
	rs->err = ERR_FORBIDDEN;
	rs->need_type = "Condition";
	has(head(), ", error=\"insufficient_scope\", "
	    "scope=\"patient/Condition.read\"\r\n");
}

/* RFC 9449 7.1: beside Bearer, where it is taken at all. */
static void
test_challenge_of_dpop(void **state)
{
	struct conf bound = *rq->conf;
	const struct conf *before = rq->conf;
	const char *h;

	(void)state;
	rs->err = ERR_LOGIN;
	rs->fault = LOGIN_INVALID;
	has_not(head(), "WWW-Authenticate: DPoP");
	bound.num[CONF_DPOP] = 1;
	rq->conf = &bound;
	rs = resp_new(a);
	rs->err = ERR_LOGIN;
	rs->fault = LOGIN_PROOF;
	h = head();
	has(h, "WWW-Authenticate: Bearer realm=");
	has_not(h, "invalid_token");
	has(h, "WWW-Authenticate: DPoP algs=\"ES256 ES384 RS256 EdDSA\", "
	    "error=\"invalid_dpop_proof\"\r\n");
	rs = resp_new(a);
	rs->err = ERR_FORBIDDEN;
	has_not(head(), "WWW-Authenticate: DPoP");
	rq->conf = before;
}

/* What hid the data, and what broke, is not told (CMP-08, HTTP-18). */
static void
test_mute_refusals_are_fixed(void **state)
{
	static const enum err mute[] = { ERR_LOGIN, ERR_FORBIDDEN, ERR_GONE,
	    ERR_BUG, ERR_STORE, ERR_CONFIG, ERR_FULL };
	struct bytes bare;
	size_t i;

	(void)state;
	for (i = 0; i < N_ELEM(mute); i++) {
		rs = resp_new(a);
		rs->err = mute[i];
		resp_finish(rs, rq);
		bare = rs->part[1];
		rs = resp_new(a);
		rs->err = issue_add(&rs->is, mute[i], "x", "y", "secret");
		resp_finish(rs, rq);
		assert_true(bytes_eq(bare, rs->part[1]));
	}
}

static void
test_other_refusals_explain(void **state)
{
	(void)state;
	rs->err = issue_add(&rs->is, ERR_USAGE, "search-unknown", "?patinet",
	    "did you mean patient?");
	resp_finish(rs, rq);
	has(arena_str(a, rs->part[1]), "did you mean patient?");
	has(arena_str(a, rs->part[1]), "OperationOutcome");
	/* people read errors with curl: a newline ends them (interop 32) */
	assert_int_equal(rs->n_part, 3);
	assert_bytes(rs->part[2], "\n");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(test_frame_sizes),
		T(test_read_headers),
		T(test_security_headers_on_every_answer),
		T(test_head_has_length_and_no_body),
		T(test_preflight),
		T(test_native_is_an_attachment),
		T(test_conditions),
		T(test_challenges),
		T(test_challenge_of_dpop),
		T(test_mute_refusals_are_fixed),
		T(test_other_refusals_explain),
	};

	return cmocka_run_group_tests_name("fcgi_resp", tests, NULL, NULL);
}
