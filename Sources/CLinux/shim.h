// What Swift's Glibc module leaves out.
#pragma once

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

/// A non-blocking, close-on-exec eventfd; -1 and errno on failure.
static inline int drainer_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/// Names the calling thread; the kernel keeps 15 bytes.
static inline void drainer_name_this_thread(const char *name) {
    prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
}

/// Lets all threads allocate from one heap, where the C library would give each its own.
static inline void drainer_share_heap(void) {
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 1);
#endif
}
