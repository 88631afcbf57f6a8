/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mktab_text.c -- lines, words and errors of the table compiler.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "fhir/mktab.h"

#define LINE_MAX_LEN	4096
#define BLANKS		" \t\r\n"

void
die(struct place at, const char *fmt, ...)
{
	va_list	ap;

	fprintf(stderr, "%s:%d: ", at.file, at.line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static NORETURN void
no_memory(void)
{
	fputs("mktab: out of memory\n", stderr);
	exit(1);
}

/* Lists are grown one by one: a thousand rows, once, at build time. */
void *
grow(void *list, int n, size_t size)
{
	char	*p = realloc(list, ((size_t)n + 1) * size);

	if (p == NULL)
		no_memory();
	memset(p + (size_t)n * size, 0, size);
	return p;
}

char *
print(const char *fmt, ...)
{
	va_list	 ap;
	char	*text = NULL;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		no_memory();
	return text;
}

void
reader_open(struct reader *r, const char *dir, const char *name)
{
	*r = (struct reader){ .at = { .file = print("%s/%s", dir, name) } };
	r->in = fopen(r->at.file, "r");
	if (r->in == NULL)
		die(r->at, "cannot be read");
}

static void
trim_right(char *s)
{
	size_t	n = strlen(s);

	while (n > 0 && strchr(BLANKS, s[n - 1]) != NULL)
		s[--n] = '\0';
}

/* A comment begins at the line's start or after a blank: urls may hold '#'. */
static char *
cut_comment(char *line)
{
	char	*hash = line;

	for (;;) {
		hash = strchr(hash, '#');
		if (hash == NULL)
			return NULL;
		if (hash == line || strchr(BLANKS, hash[-1]) != NULL)
			break;
		hash++;
	}
	*hash++ = '\0';
	hash += strspn(hash, BLANKS);
	trim_right(hash);
	return hash;
}

bool
reader_line(struct reader *r)
{
	char	line[LINE_MAX_LEN];

	while (fgets(line, sizeof(line), r->in) != NULL) {
		r->at.line++;
		if (strchr(line, '\n') == NULL)
			die(r->at, "line too long, or no newline at its end");
		if (strchr(line, '\t') != NULL)
			die(r->at, "a tab: indent and align with blanks");
		r->text = print("%s", line);
		r->note = cut_comment(r->text);
		trim_right(r->text);
		r->indent = (int)strspn(r->text, BLANKS);
		r->next = r->text + r->indent;
		if (*r->next != '\0')
			return true;
	}
	if (ferror(r->in))
		die(r->at, "cannot be read");
	fclose(r->in);
	return false;
}

char *
reader_word(struct reader *r)
{
	char	*word = r->next + strspn(r->next, BLANKS);
	size_t	 n = strcspn(word, BLANKS);

	if (n == 0)
		return NULL;
	r->next = word + n + (word[n] != '\0');
	word[n] = '\0';
	return word;
}

char *
reader_rest(struct reader *r)
{
	return r->next + strspn(r->next, BLANKS);
}

int
reader_number(struct reader *r, const char *word, int max)
{
	char	*end;
	long	 n = strtol(word, &end, 10);

	if (*word < '0' || *word > '9' || *end != '\0' || n > max)
		die(r->at, "'%s' is no number of 0..%d", word, max);
	return (int)n;
}

char *
cut(char *text, const char *sep)
{
	int	 depth = 0;
	size_t	 len = strlen(sep);

	for (char *p = text; *p != '\0'; p++) {
		depth += (*p == '<') - (*p == '>');
		if (depth != 0 || strncmp(p, sep, len) != 0)
			continue;
		*p = '\0';
		trim_right(text);
		p += len;
		return p + strspn(p, BLANKS);
	}
	trim_right(text);
	return NULL;
}

int
find_name(const char *const *names, int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	return -1;
}
