/* Eight threads that use one handle at the same time. Nothing is lost, and each has its own last error. */
#include "check.h"

#include <pthread.h>
#include <sched.h>

enum { THREADS = 8, ROUNDS = 500 };

struct guest {
  pthread_t thread;
  heijunka_engine *engine;
  uint64_t refused, served, steps;
};

static pthread_barrier_t start;

/** One of eight threads that use a handle at the same time. */
static void *visit(void *argument)
{
  struct guest *self = (struct guest *)argument;
  char json[4096];
  size_t length;
  uint64_t round;
  OK(heijunka_last_error(json, sizeof json, &length));
  CHECK(length == 0); /* of this thread alone */
  (void)pthread_barrier_wait(&start);
  for (round = 1; round <= ROUNDS; round++) {
    heijunka_dispatch way;
    heijunka_completion done;
    heijunka_effect seen;
    uint64_t workers[8];
    int32_t status = heijunka_engine_dispatch(self->engine, round * 1000, 0, NULL, 0, 0, 0, sizeof way, &way);
    if (status == HEIJUNKA_REFUSED) {
      self->refused++;
    } else {
      ANSWERS(HEIJUNKA_OK, status);
      sched_yield(); /* the others come in meanwhile */
      OK(heijunka_engine_complete(self->engine, round * 1000, way.ticket, 0, sizeof done, &done));
      CHECK(done.token_released && done.worker_returned);
      ANSWERS(HEIJUNKA_ERROR_UNKNOWN_TICKET,
              heijunka_engine_complete(self->engine, round * 1000, way.ticket, 0, sizeof done, &done));
      self->served++;
    }
    if (round % 100 == 0) {
      OK(heijunka_engine_step(self->engine, round * 1000));
      while ((status = heijunka_engine_poll_effect(self->engine, workers, 8, &length, sizeof seen, &seen)) !=
             HEIJUNKA_NONE) {
        ANSWERS(HEIJUNKA_OK, status);
      }
      OK(heijunka_engine_regulator_status(self->engine, json, sizeof json, &length));
      self->steps++;
    }
  }
  return NULL;
}

int main(void)
{
  static const char ROOMY[] = "[pools.p]\ninitial_workers = 4\nmax_workers = 6\n";
  heijunka_engine *engine = engine_for(ROOMY, 0);
  struct guest guests[THREADS];
  uint64_t served = 0, refused = 0;
  size_t i, length;
  char text[256];
  ANSWERS(HEIJUNKA_ERROR_UNKNOWN_TOKEN, heijunka_engine_release(engine, 0, 123456789, 0));
  memset(guests, 0, sizeof guests);
  CHECK(pthread_barrier_init(&start, NULL, THREADS) == 0);
  for (i = 0; i < THREADS; i++) {
    guests[i].engine = engine;
    CHECK(pthread_create(&guests[i].thread, NULL, visit, &guests[i]) == 0);
  }
  for (i = 0; i < THREADS; i++) {
    CHECK(pthread_join(guests[i].thread, NULL) == 0);
    served += guests[i].served;
    refused += guests[i].refused;
  }
  OK(heijunka_last_error(text, sizeof text, &length));
  CHECK(strstr(text, "123456789") != NULL); /* theirs haven't touched this thread's */
  CHECK(served + refused == (uint64_t)THREADS * ROUNDS);
  CHECK(regulator_number(engine, "accepted_requests") == served);
  CHECK(regulator_number(engine, "rejected_requests") == refused);
  CHECK(regulator_number(engine, "live_tokens") == 0);
  CHECK(pool_number(engine, 0, "busy_workers") == 0);
  heijunka_engine_free(engine);
  CHECK(pthread_barrier_destroy(&start) == 0);
  printf("threads: %llu served, %llu refused\n", (unsigned long long)served, (unsigned long long)refused);
  return 0;
}
