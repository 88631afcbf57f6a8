/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attr.h -- names for the compiler attributes this project uses.  (L0)
 */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define NODISCARD	__attribute__((warn_unused_result))
#define NORETURN	__attribute__((noreturn))
#define PRINTF(f, a)	__attribute__((format(printf, f, a)))
#define NONNULL		__attribute__((nonnull))
#define NOINLINE	__attribute__((noinline))
#define UNUSED		__attribute__((unused))
/* Not cleared by -ftrivial-auto-var-init: large, and of known length. */
#define UNINIT		__attribute__((uninitialized))

#define N_ELEM(array)	(sizeof(array) / sizeof((array)[0]))

#endif
