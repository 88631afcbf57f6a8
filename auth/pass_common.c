/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass_common.c -- passwords that are guessed first.  (L3)
 *
 * A list of the words people take most, of our own making, and the names at
 * hand: the user's, the site's.  A password made of them and little else is
 * refused, however it is written: capitals, digits for letters, a year or a
 * mark behind it, two of them in a row are what guessing programs try next.
 * A word of the list within more does no harm.
 *
 * Spec: NIST SP 800-63B-4 3.1.1.2 (blocklist).
 */
#include <sodium.h>

#include "auth/smart_in.h"

#define ELSE_LEAST	5	/* letters beside the words of the list */
#define NAME_LEAST	3	/* letters of a part of a name that count */

/* Folded: small letters, and digits as the letters they stand for. */
static const char *const words[] = {
	/* what it is, and what one is told to do */
	"password", "passwort", "passphrase", "passwd", "parola", "secret",
	"letmein", "changeme", "login", "welcome", "willkommen", "bienvenue",
	"access", "default", "temporary", "temp", "test", "testing", "guest",
	"user", "root", "admin", "administrator", "master", "trustnoone",
	"trustno", "whatever", "nothing", "hello", "hallo", "bonjour",
	/* keys in a row */
	"qwerty", "qwertyuiop", "qwertz", "qwertzuiop", "azerty", "asdf",
	"asdfgh", "asdfghjkl", "zxcvbn", "zxcvbnm", "yxcvbnm", "qazwsx",
	"qazwsxedc", "qweasd", "qweasdzxc", "iqaz", "2wsx", "eedc",
	"iq2w", "iq2weear", "abcd", "abcdef", "abcdefgh", "abcabc", "aaaa",
	/* what people love */
	"iloveyou", "loveyou", "loveme", "lovely", "love", "sunshine",
	"princess", "angel", "babygirl", "baby", "beautiful", "sweetheart",
	"football", "baseball", "basketball", "soccer", "hockey", "tennis",
	"liverpool", "chelsea", "arsenal", "barcelona", "juventus",
	"yankees", "lakers", "cowboys", "eagles", "steelers", "monkey",
	"dragon", "tiger", "tigger", "eagle", "falcon", "phoenix",
	"unicorn", "butterfly", "dolphin", "pepper", "ginger", "cookie",
	"chocolate", "cheese", "banana", "orange", "purple", "silver",
	"golden", "diamond", "flower", "rainbow", "summer", "winter",
	"spring", "autumn", "monday", "friday", "sunday", "january",
	"february", "april", "august", "september", "october", "november",
	"december", "christmas", "birthday", "family", "freedom", "forever",
	/* whom and what they know */
	"superman", "batman", "spiderman", "starwars", "pokemon", "naruto",
	"matrix", "merlin", "gandalf", "shadow", "killer", "hunter",
	"ranger", "soldier", "ninja", "pirate", "mustang", "corvette",
	"ferrari", "porsche", "mercedes", "harley", "samsung", "google",
	"facebook", "linkedin", "internet", "computer", "michael", "michelle",
	"jordan", "jennifer", "jessica", "thomas", "robert", "daniel",
	"andrew", "andrea", "joshua", "matthew", "george", "charlie",
	"ashley", "nicole", "amanda", "samantha", "anthony", "william",
	"patrick", "martin", "maggie", "bailey", "buster", "buddy",
	/* what this is about */
	"tiphys", "health", "record", "hospital", "clinic", "doctor",
	"nurse", "patient", "medical", "medicine", "practice"
};

/* Digits and marks as the letters they are written for. */
static uint8_t
fold(uint8_t c)
{
	static const char from[] = "0134578@$!|";
	static const char to[] = "oieastbasii";
	const char *at = c == '\0' ? NULL : strchr(from, c);

	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A' + 'a');
	return at != NULL ? (uint8_t)to[at - from] : c;
}

static bool
is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

struct common {
	uint8_t	text[SMART_PASS_MAX];	/* folded, without what separates */
	bool	letter[SMART_PASS_MAX];	/* it was written as one */
	bool	known[SMART_PASS_MAX];	/* part of a word that is known */
	size_t	len, digits;
	bool	any;
};

static void
read_password(struct common *m, struct bytes password)
{
	size_t i;

	for (i = 0; i < password.len; i++) {
		if (password.p[i] != '\0' &&
		    strchr(" -_.,;:/+*#", password.p[i]) != NULL)
			continue;
		m->text[m->len] = fold(password.p[i]);
		m->digits += password.p[i] >= '0' && password.p[i] <= '9';
		m->letter[m->len++] = is_letter(password.p[i]);
	}
}

static void
mark(struct common *m, struct bytes word)
{
	size_t i, j;

	for (i = 0; i + word.len <= m->len; i++) {
		for (j = 0; j < word.len; j++)
			if (m->text[i + j] != fold(word.p[j]))
				break;
		if (j < word.len)
			continue;
		m->any = true;
		for (j = 0; j < word.len; j++)
			m->known[i + j] = true;
	}
}

/* Each part of a name: "ann.smith@clinic" has three. */
static void
mark_parts(struct common *m, struct bytes name)
{
	size_t i, from = 0;

	for (i = 0; i <= name.len; i++) {
		if (i < name.len && (is_letter(name.p[i]) ||
		    (name.p[i] >= '0' && name.p[i] <= '9')))
			continue;
		if (i - from >= NAME_LEAST)
			mark(m, bytes_sub(name, from, i - from));
		from = i + 1;
	}
}

bool
pass_common(struct bytes password, struct bytes name, struct bytes site)
{
	struct common m = { .len = 0 };
	size_t i, rest = 0;

	if (password.len > sizeof m.text)
		return false;
	read_password(&m, password);
	for (i = 0; i < N_ELEM(words); i++)
		mark(&m, bytes_str(words[i]));
	mark_parts(&m, name);
	mark_parts(&m, site);
	for (i = 0; i < m.len; i++)
		rest += m.letter[i] && !m.known[i];
	sodium_memzero(&m.text, sizeof m.text);
	/* Digits alone are dates and telephone numbers. */
	return m.digits == m.len || (m.any && rest < ELSE_LEAST);
}
