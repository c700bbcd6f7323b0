/*
 * For analyzers alone, which see one file at a time: what this function answers is what it was
 * given, so that a refusal is no success to them.
 */
#include "base/status.h"

#define status_because(why, status, ...) ((void)status_because(why, status, __VA_ARGS__), (status))
