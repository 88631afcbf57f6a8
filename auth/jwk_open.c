/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwk_open.c -- open the module with GnuTLS in it.  (L3)
 *
 * By a whole path always, never by a name the loader would search for.  The
 * program's own folder comes first, so that a build tree and a copy into
 * cgi-bin work: who can write there can write the program too.
 */
#include "auth/jwk.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#ifndef TIPHYS_MODULE_DIR
#define TIPHYS_MODULE_DIR	"/usr/local/libexec"
#endif
#define NAME	"tiphys-rsa.so"
#define SYMBOL	"jwk_tls"

/* Where the module may lie beside us; NULL without /proc. */
static const char *
beside(struct arena *a)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return NULL;
	*slash = '\0';
	return arena_printf(a, "%s/" NAME, self);
}

enum err
jwk_open(struct arena *a, const struct jwk_engine **out,
    const char **why_out)
{
	const char *path = beside(a);
	const struct jwk_engine *engine = NULL;
	void *module;

	if (path == NULL || access(path, F_OK) != 0)
		path = TIPHYS_MODULE_DIR "/" NAME;
	/* Kept until the process ends: GnuTLS has state of its own. */
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (module != NULL)
		engine = dlsym(module, SYMBOL);
	if (engine == NULL) {
		*why_out = arena_printf(a, "RSA and ECDSA signatures need "
		    "the module %s: %s", path, dlerror());
		return ERR_CONFIG;
	}
	*out = engine;
	return OK;
}
