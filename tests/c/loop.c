/* An event loop on one thread: it sleeps in poll() until the engine's next deadline, an arrival or the end of some
 * work, whichever is first, and does what the engine says. Here a second of the engine's time passes in a millisecond,
 * so that ten minutes with a rush hour, a start-up delay of workers, a crash and health checks take less than a
 * second. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "check.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SECOND_US 1000000ULL
#define SPEED 1000 /* the engine's time runs this many times as fast */

enum { RUN_S = 600, RUSH_FROM_S = 120, RUSH_TO_S = 300, START_S = 2, MAX_EVENTS = 1024, MAX_WORKERS = 64 };

static const char CONFIG[] = "{\"worker_start\": \"confirmed\","
                             " \"pools\": {\"web\": {\"initial_workers\": 4, \"max_workers\": 30,"
                             "                     \"max_waiting\": 50}}}";

enum what { WORK_ENDS, WORKER_STARTS };

/** Something that will happen at a time of the engine. */
struct event {
  uint64_t at_us;
  enum what what;
  uint64_t id; /* the ticket or the worker */
};

static struct event events[MAX_EVENTS];
static size_t event_count;
static uint64_t real_start_us;

static uint64_t engine_clock_us(void)
{
  return (clock_us() - real_start_us) * SPEED;
}

/** The time now, at which `wanted_us` has come. A clock this fast would jump by minutes when the machine is busy with
 * something else, so it stands still from a tenth of a second after that. */
static uint64_t awake_us(uint64_t wanted_us)
{
  const uint64_t late_us = wanted_us + SECOND_US / 10, now_us = engine_clock_us();
  if (now_us > late_us) {
    real_start_us += (now_us - late_us) / SPEED;
    return late_us;
  }
  return now_us > wanted_us ? now_us : wanted_us;
}

static void expect(uint64_t at_us, enum what what, uint64_t id)
{
  CHECK(event_count < MAX_EVENTS);
  events[event_count].at_us = at_us;
  events[event_count].what = what;
  events[event_count].id = id;
  event_count++;
}

/** The earliest event's place; a real loop would have a heap. */
static size_t earliest(void)
{
  size_t best = 0, i;
  for (i = 1; i < event_count; i++) {
    if (events[i].at_us < events[best].at_us) {
      best = i;
    }
  }
  return best;
}

static uint64_t before(uint64_t one_us, uint64_t other_us)
{
  return one_us < other_us ? one_us : other_us;
}

int main(void)
{
  uint64_t now_us, wake_us = 0, deadline_us, next_arrival_us = 0;
  size_t offered = 0, refused = 0, expired = 0, completed = 0, started = 0, stopped = 0, checks = 0, wakes = 0, due = 0;
  uint32_t domain, pool;
  int crashed = 0, timer;
  uint64_t last_offered_us = 0;
  heijunka_engine *engine;

  timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  CHECK(timer >= 0);
  real_start_us = clock_us();
  engine = engine_for(CONFIG, 0);
  domain = domain_of(engine, "web");
  pool = pool_of(engine, "web");

  for (;;) {
    const size_t due_before = due;

    now_us = awake_us(wake_us);

    /* What has come to pass. */
    while (event_count > 0 && events[earliest()].at_us <= now_us) {
      const size_t place = earliest();
      const struct event event = events[place];
      events[place] = events[--event_count];
      due++;
      if (event.what == WORK_ENDS) {
        heijunka_completion done;
        OK(heijunka_engine_complete(engine, event.at_us, event.id, HEIJUNKA_OUTCOME_OK, sizeof done, &done));
        CHECK(done.token_released);
        completed++;
      } else {
        OK(heijunka_engine_worker_ready(engine, event.at_us, event.id));
      }
    }
    for (; next_arrival_us <= now_us && next_arrival_us < RUN_S * SECOND_US; due++) {
      const uint64_t second = next_arrival_us / SECOND_US;
      const int rush = second >= RUSH_FROM_S && second < RUSH_TO_S;
      const uint64_t service_us = SECOND_US / 2 + (offered * 7919) % SECOND_US; /* 0.5 s to 1.5 s */
      heijunka_dispatch way;
      int32_t status = heijunka_engine_dispatch(engine, now_us, domain, NULL, 0, HEIJUNKA_CLASS_DEFAULT,
                                                now_us + 5 * SECOND_US, sizeof way, &way);
      last_offered_us = next_arrival_us;
      offered++;
      next_arrival_us += rush ? SECOND_US / 12 : SECOND_US / 2;
      if (status == HEIJUNKA_REFUSED) {
        refused++;
        continue;
      }
      ANSWERS(HEIJUNKA_OK, status);
      if (way.worker != 0) {
        expect(now_us + service_us, WORK_ENDS, way.ticket);
      }
    }
    if (heijunka_engine_next_deadline(engine, &deadline_us) == HEIJUNKA_OK && deadline_us <= now_us) {
      OK(heijunka_engine_step(engine, now_us));
      due++;
    }

    /* What is to be done about it. */
    for (;;) {
      uint64_t workers[MAX_WORKERS];
      heijunka_effect effect;
      size_t count, i;
      int32_t status =
          heijunka_engine_poll_effect(engine, workers, MAX_WORKERS, &count, sizeof effect, &effect);
      if (status == HEIJUNKA_NONE) {
        break;
      }
      ANSWERS(HEIJUNKA_OK, status);
      CHECK(effect.at_us <= now_us);
      if (effect.kind == HEIJUNKA_EFFECT_ADD_WORKERS) {
        for (i = 0; i < count; i++) {
          expect(now_us + START_S * SECOND_US, WORKER_STARTS, workers[i]);
        }
        started += count;
      } else if (effect.kind == HEIJUNKA_EFFECT_REMOVE_WORKERS) {
        size_t kept = 0;
        for (i = 0; i < event_count; i++) {
          /* One that was never ready may be called off. */
          if (events[i].what != WORKER_STARTS || events[i].id != workers[0]) {
            events[kept++] = events[i];
          }
        }
        event_count = kept;
        stopped += count;
      } else if (effect.kind == HEIJUNKA_EFFECT_WAITER_READY) {
        expect(now_us + SECOND_US, WORK_ENDS, effect.ticket);
      } else if (effect.kind == HEIJUNKA_EFFECT_WAITER_EXPIRED) {
        expired++;
      } else if (effect.kind == HEIJUNKA_EFFECT_CHECK_HEALTH) {
        size_t all;
        uint32_t replaced;
        uint64_t *alive = workers_of(engine, effect.pool, &all);
        /* Once, in the rush hour, a worker is found dead: it is one that was idle or busy. */
        const size_t dead = !crashed && now_us > 200 * SECOND_US ? 1 : 0;
        crashed |= (int)dead;
        OK(heijunka_engine_report_health(engine, now_us, effect.pool, alive + dead, all - dead, alive, dead,
                                         &replaced));
        CHECK(replaced == dead);
        free(alive);
        checks++;
      }
    }
    /* Until all is done, and the quiet after it was long enough for the pool to shrink. */
    if (now_us > RUN_S * SECOND_US && event_count == 0 && completed + expired + refused == offered &&
        crashed && stopped > 0 && checks > 1) {
      break;
    }
    CHECK(now_us < 100 * RUN_S * SECOND_US);

    /* Sleep until the next of all of these. */
    CHECK(heijunka_engine_next_deadline(engine, &deadline_us) == HEIJUNKA_OK);
    CHECK(deadline_us > now_us); /* never spins */
    wake_us = deadline_us;
    if (next_arrival_us < RUN_S * SECOND_US) {
      wake_us = before(wake_us, next_arrival_us);
    }
    if (event_count > 0) {
      wake_us = before(wake_us, events[earliest()].at_us);
    }
    if (wake_us > engine_clock_us()) {
      const uint64_t real_us = real_start_us + wake_us / SPEED + 1;
      struct itimerspec at;
      struct pollfd ready;
      memset(&at, 0, sizeof at);
      at.it_value.tv_sec = (time_t)(real_us / 1000000);
      at.it_value.tv_nsec = (long)(real_us % 1000000) * 1000;
      CHECK(timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) == 0);
      ready.fd = timer; /* and the sockets of a real server */
      ready.events = POLLIN;
      ready.revents = 0;
      CHECK(poll(&ready, 1, 10000) == 1);
      wakes++;
      CHECK(wakes == 1 || due > due_before); /* nothing woke it in vain */
    }
  }

  CHECK(last_offered_us + SECOND_US >= RUN_S * SECOND_US);
  CHECK(offered > 2000 && completed > offered / 2 && started > 0 && checks >= 10 && wakes > 1000);
  CHECK(regulator_number(engine, "current_load") == 0);
  CHECK(regulator_number(engine, "rejected_requests") == refused);
  CHECK(regulator_number(engine, "accepted_requests") == completed + expired);
  CHECK(pool_number(engine, pool, "failed_workers") == 1);
  heijunka_engine_free(engine);
  CHECK(close(timer) == 0);
  printf("loop: %zu offered, %zu refused, %zu expired, %zu completed; %zu workers started, %zu stopped; "
         "%zu health checks; %zu wakes\n",
         offered, refused, expired, completed, started, stopped, checks, wakes);
  return 0;
}
