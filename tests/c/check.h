/* What the C programs here share: checks that say what went wrong, and a clock. */
#ifndef HEIJUNKA_TESTS_CHECK_H
#define HEIJUNKA_TESTS_CHECK_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <heijunka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/** Ends the program with the place and the condition unless it holds. */
#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

/** Ends the program unless a call answers `expected`. */
#define ANSWERS(expected, call) check_status(expected, call, #call, __FILE__, __LINE__)

/** Ends the program unless a call answers HEIJUNKA_OK. */
#define OK(call) ANSWERS(HEIJUNKA_OK, call)

static inline void check_status(int32_t expected, int32_t status, const char *call, const char *file, int line)
{
  if (status != expected) {
    char text[512] = "";
    size_t length;
    (void)heijunka_last_error(text, sizeof text, &length);
    fprintf(stderr, "%s:%d: %s answers %s, not %s (last error: %s)\n", file, line, call,
            heijunka_status_name(status), heijunka_status_name(expected), text);
    exit(1);
  }
}

/** Ends the program unless a call answers `expected` and leaves `out` (filled with 0xA5 before) as it was. */
#define LEAVES(out, expected, call)                        \
  do {                                                     \
    memset(&(out), 0xA5, sizeof(out));                     \
    ANSWERS(expected, call);                               \
    CHECK(is_filled(&(out), sizeof(out), 0xA5));           \
  } while (0)

static inline int is_filled(const void *place, size_t size, unsigned char with)
{
  const unsigned char *bytes = (const unsigned char *)place;
  size_t i;
  for (i = 0; i < size; i++) {
    if (bytes[i] != with) {
      return 0;
    }
  }
  return 1;
}

/** Microseconds of a monotonic clock. */
static inline uint64_t clock_us(void)
{
  struct timespec now;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/** An engine for a configuration; its problems are shown. */
static inline heijunka_engine *engine_for(const char *config, uint64_t now_us)
{
  heijunka_engine *engine = NULL;
  OK(heijunka_engine_new(config, strlen(config), now_us, &engine));
  CHECK(engine != NULL);
  return engine;
}

static inline uint32_t pool_of(const heijunka_engine *engine, const char *name)
{
  uint32_t pool;
  OK(heijunka_engine_pool_id(engine, name, strlen(name), &pool));
  return pool;
}

static inline uint32_t domain_of(const heijunka_engine *engine, const char *name)
{
  uint32_t domain;
  OK(heijunka_engine_domain_id(engine, name, strlen(name), &domain));
  return domain;
}

/** The whole number behind `"name":` in a JSON object. */
static inline uint64_t json_number(const char *json, const char *name)
{
  char member[64];
  const char *found;
  CHECK(snprintf(member, sizeof member, "\"%s\":", name) < (int)sizeof member);
  found = strstr(json, member);
  CHECK(found != NULL);
  return strtoull(found + strlen(member), NULL, 10);
}

/** A number of the regulator's status. */
static inline uint64_t regulator_number(const heijunka_engine *engine, const char *name)
{
  char json[4096];
  size_t length;
  OK(heijunka_engine_regulator_status(engine, json, sizeof json, &length));
  return json_number(json, name);
}

/** A number of a pool's status. */
static inline uint64_t pool_number(const heijunka_engine *engine, uint32_t pool, const char *name)
{
  char json[4096];
  size_t length;
  OK(heijunka_engine_pool_status(engine, pool, json, sizeof json, &length));
  return json_number(json, name);
}

/** The ids of a pool's workers, to be freed. */
static inline uint64_t *workers_of(const heijunka_engine *engine, uint32_t pool, size_t *out_count)
{
  size_t length, count = 0;
  const char *at;
  char *json;
  uint64_t *workers;
  OK(heijunka_engine_pool_workers(engine, pool, NULL, 0, &length));
  json = (char *)malloc(length + 1);
  workers = (uint64_t *)malloc((length + 1) * sizeof *workers);
  CHECK(json != NULL && workers != NULL);
  OK(heijunka_engine_pool_workers(engine, pool, json, length + 1, &length));
  for (at = strstr(json, "\"worker\":"); at != NULL; at = strstr(at + 1, "\"worker\":")) {
    workers[count++] = strtoull(at + strlen("\"worker\":"), NULL, 10);
  }
  free(json);
  *out_count = count;
  return workers;
}

#endif
