// hiredis 0.14 (Debian 12) and 1.x are both built against: what differs between them is levelled here.
#pragma once

#include <stddef.h>
#include <string.h>
#include <hiredis/hiredis.h>
#include <hiredis/read.h>

/// The four calls that the reply arena answers. `type` is a REDIS_REPLY_ number; every call returns a token that
/// hiredis only compares with NULL.
typedef struct drainer_reply_visitor {
    void *(*string)(void *arena, int type, const char *bytes, size_t length);
    void *(*array)(void *arena, size_t count);
    void *(*integer)(void *arena, long long value);
    void *(*nil)(void *arena);
} drainer_reply_visitor;

/// What hiredis' reader carries as its private data.
typedef struct drainer_reply_target {
    drainer_reply_visitor visitor;
    void *arena;
} drainer_reply_target;

static inline void *drainer_create_string(const redisReadTask *task, char *bytes, size_t length) {
    drainer_reply_target *target = (drainer_reply_target *)task->privdata;
    return target->visitor.string(target->arena, task->type, bytes, length);
}

#if HIREDIS_MAJOR >= 1
static inline void *drainer_create_array(const redisReadTask *task, size_t count) {
#else
static inline void *drainer_create_array(const redisReadTask *task, int count) {
#endif
    drainer_reply_target *target = (drainer_reply_target *)task->privdata;
    return target->visitor.array(target->arena, (size_t)count);
}

static inline void *drainer_create_integer(const redisReadTask *task, long long value) {
    drainer_reply_target *target = (drainer_reply_target *)task->privdata;
    return target->visitor.integer(target->arena, value);
}

static inline void *drainer_create_nil(const redisReadTask *task) {
    drainer_reply_target *target = (drainer_reply_target *)task->privdata;
    return target->visitor.nil(target->arena);
}

/// Nothing to free: the arena owns every byte.
static inline void drainer_free_object(void *object) {
    (void)object;
}

#if HIREDIS_MAJOR >= 1
static inline void *drainer_create_double(const redisReadTask *task, double value, char *bytes, size_t length) {
    (void)value;
    return drainer_create_string(task, bytes, length);
}

static inline void *drainer_create_bool(const redisReadTask *task, int value) {
    return drainer_create_integer(task, value);
}
#endif

/// Fills the object functions of whichever hiredis this is; `functions` must outlive the reader.
static inline void drainer_fill_functions(redisReplyObjectFunctions *functions) {
    memset(functions, 0, sizeof *functions);
    functions->createString = drainer_create_string;
    functions->createArray = drainer_create_array;
    functions->createInteger = drainer_create_integer;
    functions->createNil = drainer_create_nil;
    functions->freeObject = drainer_free_object;
#if HIREDIS_MAJOR >= 1
    functions->createDouble = drainer_create_double;
    functions->createBool = drainer_create_bool;
#endif
}
