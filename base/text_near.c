/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_near.c -- "did you mean": the name that was nearly said.  (L0)
 */
#include "base/text.h"

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
text_distance(struct bytes a, struct bytes b)
{
	uint8_t	row[3][TEXT_NEAR_MAX + 1];	/* this one, two above */
	size_t	i, j;

	if (a.len > TEXT_NEAR_MAX || b.len > TEXT_NEAR_MAX)
		return SIZE_MAX;
	for (j = 0; j <= b.len; j++)
		row[0][j] = (uint8_t)j;
	for (i = 1; i <= a.len; i++) {
		uint8_t	*now = row[i % 3], *up = row[(i + 2) % 3];
		uint8_t	*up2 = row[(i + 1) % 3];

		now[0] = (uint8_t)i;
		for (j = 1; j <= b.len; j++) {
			uint8_t	x = text_lower(a.p[i - 1]);
			uint8_t	y = text_lower(b.p[j - 1]);
			size_t	d = (size_t)up[j - 1] + (x != y);

			d = least(d, (size_t)up[j] + 1);
			d = least(d, (size_t)now[j - 1] + 1);
			if (i > 1 && j > 1 && x == text_lower(b.p[j - 2]) &&
			    text_lower(a.p[i - 2]) == y)
				d = least(d, (size_t)up2[j - 2] + 1);
			now[j] = (uint8_t)d;
		}
	}
	return row[a.len % 3][b.len];
}

const char *
text_near(struct bytes word, const char *const *names)
{
	const char	*best = NULL;
	size_t		 best_d = word.len / 3 + 1;

	for (; *names != NULL; names++) {
		size_t	d = text_distance(word, bytes_str(*names));

		if (d < best_d) {
			best = *names;
			best_d = d;
		}
	}
	return best;
}
