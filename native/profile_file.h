/*
 * The process's profile file: mapped into memory, self-contained and valid at any instant.
 * Everything here is called with the GIL held, or without one with the shared lock from profile_add_record to
 * profile_publish, except the fork handler.
 */
#ifndef PYREWRITE_PROFILE_FILE_H
#define PYREWRITE_PROFILE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "profile_format.h"

/* Facts for the PROCESS record: `count` pairs, each u32 length + bytes, twice. */
typedef struct {
  uint32_t python;
  uint32_t count;
  const void *pairs;
  size_t length;
} profile_process_facts;

enum profile_state {
  PROFILE_NONE,     /* no file yet */
  PROFILE_OPEN,     /* recording */
  PROFILE_FORKED,   /* child of a fork: shows the parent's tables, has no file of its own yet */
  PROFILE_FINISHED, /* cut to its used size; counters may still change, nothing is added */
  PROFILE_FAILED    /* could not be made; nothing is recorded */
};

/* Base of the mapping: constant from the first profile_open on, also across forks. NULL before. */
extern uint8_t *profile_base;

static inline profile_header_t *profile_head(void) { return (profile_header_t *)profile_base; }

static inline uint32_t *profile_block(uint32_t index) {
  return (uint32_t *)(profile_base + (size_t)index * PROFILE_BLOCK_UNIT);
}

enum profile_state profile_get_state(void);

/* Absolute path of the file, "" before there is one. */
const char *profile_path(void);

/* Decides where profiles will go (PYREWRITE_OUT, current folder). Call once, early: later chdir must not matter. */
void profile_choose_place(void);

/* Makes the file. 1 on success; else 0 after one message on standard error. */
int profile_open(const profile_process_facts *facts);

/* In a child of fork: gives the child its own file with the parent's tables and zeroed counters. 1 on success. */
int profile_open_after_fork(void);

/* Cheap and async-signal-safe: stops a child of fork from writing to the parent's file. */
void profile_fork_child(void);

/*
 * Room for a record of `length` bytes, zeroed, aligned to 64; NULL when the file cannot grow. Its head is filled in.
 * Nothing is part of the file until profile_publish, which publishes every record made since.
 */
void *profile_add_record(uint32_t type, uint64_t length);
void profile_publish(void);

/* Forgets the records made since the latest profile_publish. */
void profile_discard(void);

static inline uint64_t profile_offset(const void *p) { return (uint64_t)((const uint8_t *)p - profile_base); }

/* A zeroed histogram block, or 0 when the file cannot grow. */
uint32_t profile_new_block(void);

/* A bucket of `block` passed 2^32: remembers it. */
void profile_carry(uint32_t block, uint32_t bucket);

/* Writes the latest anchor of the clock. */
void profile_anchor(void);

/* For profile_map.c. Whether somebody made the file shorter than we did; that its pages are gone. Async-signal-safe. */
int profile_file_is_cut(void);
void profile_file_lost(void);

/* Cuts the file to its used size; for the end of the process. */
void profile_finish(void);

#endif
