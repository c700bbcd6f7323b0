#include "fault.h"

#include <stdio.h>

#include "base/guard.h"
#include "fuzz.h"

#define NAMES_MAX 128

static struct {
    const char *at[NAMES_MAX]; /* each once: every wrapper has one */
    size_t count;
} names;

static struct {
    bool running;
    int paused;
    bool withheld;
    struct span plan;
    bool waiting; /* for `passing` more calls to pass */
    bool all;     /* and then for every one to fail */
    unsigned int passing;
    unsigned int failures;
    unsigned long total;
} fault;

/* Takes the next step of the plan. */
static void
next_step(void)
{
    fault.waiting = false;
    fault.passing = 0;
    while (fault.plan.length > 0 && !fault.waiting) {
        unsigned char byte = (unsigned char)fault.plan.at[0];
        fault.plan.at++;
        fault.plan.length--;
        fault.passing += byte == FAULT_SKIP ? FAULT_SKIPPED : byte == FAULT_ALL ? 0U : byte;
        fault.all = byte == FAULT_ALL;
        fault.waiting = byte != FAULT_SKIP;
    }
}

void
fault_begin(struct span plan)
{
    fault.running = true;
    fault.paused = 0;
    fault.withheld = false;
    fault.plan = plan;
    fault.all = false;
    fault.failures = 0;
    next_step();
}

void
fault_end(void)
{
    fault.running = false;
}

void
fault_pause(void)
{
    fault.paused++;
}

void
fault_resume(void)
{
    fault.paused--;
}

void
fault_withhold(void)
{
    fault.withheld = true;
}

void
fault_release(void)
{
    fault.withheld = false;
}

bool
fault_happened(void)
{
    return fault.failures > 0;
}

unsigned long
fault_total(void)
{
    return fault.total;
}

bool
fault_watching(void)
{
    return fault.running && fault.paused == 0;
}

static void
note_name(const char *wrapper)
{
    size_t i = 0;

    while (i < names.count && names.at[i] != wrapper) {
        i++;
    }
    if (i == names.count && i < NAMES_MAX) {
        names.at[names.count++] = wrapper;
    }
}

void
fault_print_names(void)
{
    for (size_t i = 0; i < names.count; i++) {
        (void)printf("failed %s\n", names.at[i]);
    }
}

bool
fault_due_in(const char *wrapper)
{
    if (!fault_watching() || fault.withheld || !fault.waiting) {
        return false;
    }
    if (fault.passing > 0) {
        fault.passing--;
        return false;
    }
    fault.failures++;
    fault.total++;
    note_name(wrapper);
    if (!fault.all) {
        next_step();
    }
    return true;
}

unsigned int
fault_way(unsigned int count)
{
    return fault.all ? 0 : fault.failures % count;
}

/* The sanitizer's own work after a finding must not be disturbed. */
void __asan_on_error(void);
void
__asan_on_error(void)
{
    fault_end();
}
