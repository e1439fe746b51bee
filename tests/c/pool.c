/* A pool of threads, as a server would have it: the engine says how many there are and which of them works, and this
 * program really starts and stops them. For a while three times as many requests arrive as all of them together can
 * serve; then it is quiet. At the end nothing may be missing: no request, no token, no thread. */
#include "check.h"

#include <pthread.h>

enum {
  MAX_WORKERS = 4,
  SERVICE_US = 4000,   /* a worker serves 250 requests a second */
  ARRIVAL_US = 333,    /* 3,000 requests a second: three times what MAX_WORKERS can do */
  OVERLOAD_US = 400000,
  PATIENCE_US = 12000,
  MAX_THREADS = 256
};

static const char CONFIG[] = "[pools.jobs]\n"
                             "initial_workers = 1\n"
                             "min_workers = 1\n"
                             "max_workers = 4\n"
                             "surge_max_workers = 4\n"
                             "max_waiting = 8\n"
                             "[scaler]\n"
                             "evaluate_every_us = 20_000\n"
                             "down_cooldown_us = 20_000\n"
                             "[regulator]\n"
                             "soft_limit = 9\n"
                             "hard_limit = 20\n"
                             "reserved_capacity = 0\n";

/** A thread that serves as one of the engine's workers. */
struct thread {
  uint64_t worker;
  uint64_t ticket; /* what it has to do; 0: nothing */
  int stop;
  pthread_t thread;
  pthread_cond_t wake;
};

static heijunka_engine *engine;

/* Everything below is guarded by `lock`. The engine has a lock of its own. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t something_happened;
static struct thread threads[MAX_THREADS];
static size_t used, running, most_running, completed;

static void *serve(void *argument)
{
  struct thread *self = (struct thread *)argument;
  const struct timespec service = {0, SERVICE_US * 1000L};
  pthread_mutex_lock(&lock);
  for (;;) {
    while (self->ticket == 0 && !self->stop) {
      pthread_cond_wait(&self->wake, &lock);
    }
    if (self->ticket == 0) {
      break;
    }
    {
      const uint64_t ticket = self->ticket;
      heijunka_completion done;
      self->ticket = 0;
      pthread_mutex_unlock(&lock);
      nanosleep(&service, NULL);
      /* From here on the engine may give this worker away again: the mailbox above is empty. */
      OK(heijunka_engine_complete(engine, clock_us(), ticket, HEIJUNKA_OUTCOME_OK, sizeof done, &done));
      CHECK(done.token_released && done.worker_returned);
      pthread_mutex_lock(&lock);
      completed++;
      pthread_cond_signal(&something_happened);
    }
  }
  pthread_mutex_unlock(&lock);
  return NULL;
}

/* All of these are called with `lock` held. */

static struct thread *thread_of(uint64_t worker)
{
  size_t i;
  for (i = 0; i < used && threads[i].worker != worker; i++) {
  }
  CHECK(i < used);
  return &threads[i];
}

static void start(uint64_t worker)
{
  struct thread *thread;
  size_t i;
  for (i = 0; i < used; i++) {
    CHECK(threads[i].worker != worker); /* ordered once, and an id never comes again */
  }
  CHECK(used < MAX_THREADS);
  thread = &threads[used++];
  thread->worker = worker;
  thread->ticket = 0;
  thread->stop = 0;
  CHECK(pthread_cond_init(&thread->wake, NULL) == 0);
  CHECK(pthread_create(&thread->thread, NULL, serve, thread) == 0);
  running++;
  if (running > most_running) {
    most_running = running;
  }
}

static void stop(uint64_t worker)
{
  struct thread *thread = thread_of(worker);
  CHECK(!thread->stop && thread->ticket == 0); /* only a worker without work is told to leave */
  thread->stop = 1;
  pthread_cond_signal(&thread->wake);
  pthread_mutex_unlock(&lock);
  CHECK(pthread_join(thread->thread, NULL) == 0);
  pthread_mutex_lock(&lock);
  CHECK(pthread_cond_destroy(&thread->wake) == 0);
  running--;
}

static void assign(uint64_t worker, uint64_t ticket)
{
  struct thread *thread = thread_of(worker);
  CHECK(thread->ticket == 0 && !thread->stop);
  thread->ticket = ticket;
  pthread_cond_signal(&thread->wake);
}

/** Carries out all effects; answers how many requests left the line unserved. */
static size_t obey(void)
{
  size_t expired = 0;
  for (;;) {
    uint64_t workers[MAX_WORKERS];
    heijunka_effect effect;
    size_t count, i;
    int32_t status = heijunka_engine_poll_effect(engine, workers, MAX_WORKERS, &count, sizeof effect, &effect);
    if (status == HEIJUNKA_NONE) {
      return expired;
    }
    ANSWERS(HEIJUNKA_OK, status);
    switch (effect.kind) {
    case HEIJUNKA_EFFECT_ADD_WORKERS:
      for (i = 0; i < count; i++) {
        start(workers[i]);
      }
      break;
    case HEIJUNKA_EFFECT_REMOVE_WORKERS:
      for (i = 0; i < count; i++) {
        stop(workers[i]);
      }
      break;
    case HEIJUNKA_EFFECT_WAITER_READY:
      CHECK(count == 1 && effect.ticket != 0);
      assign(workers[0], effect.ticket);
      break;
    case HEIJUNKA_EFFECT_WAITER_EXPIRED:
      expired++;
      break;
    default: /* information */
      break;
    }
  }
}

/** Sleeps until a time, or until a request has ended. */
static void sleep_until(uint64_t time_us)
{
  struct timespec until;
  until.tv_sec = (time_t)(time_us / 1000000);
  until.tv_nsec = (long)(time_us % 1000000) * 1000;
  (void)pthread_cond_timedwait(&something_happened, &lock, &until);
}

int main(void)
{
  const uint64_t began_us = clock_us();
  uint64_t next_arrival_us = began_us, now_us = began_us, pending;
  size_t offered = 0, refused = 0, waited = 0, expired = 0, count, i;
  uint32_t domain, pool;
  uint64_t *initial;
  pthread_condattr_t monotonic;

  CHECK(heijunka_abi_version() == HEIJUNKA_ABI_VERSION);
  CHECK(pthread_condattr_init(&monotonic) == 0);
  CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
  CHECK(pthread_cond_init(&something_happened, &monotonic) == 0);
  CHECK(pthread_condattr_destroy(&monotonic) == 0);
  engine = engine_for(CONFIG, began_us);
  domain = domain_of(engine, "jobs");
  pool = pool_of(engine, "jobs");

  pthread_mutex_lock(&lock);
  initial = workers_of(engine, pool, &count);
  CHECK(count == 1);
  for (i = 0; i < count; i++) {
    start(initial[i]);
  }
  free(initial);

  /* Overload, then quiet until everything is done and only `min_workers` are left. */
  for (;;) {
    uint64_t deadline_us, wake_us;
    /* Longer on a machine that is too busy to let the engine reach the limit. */
    const int overloaded = (now_us = clock_us()) < began_us + OVERLOAD_US || most_running < MAX_WORKERS;
    for (; overloaded && next_arrival_us <= now_us; next_arrival_us += ARRIVAL_US) {
      heijunka_dispatch way;
      int32_t status = heijunka_engine_dispatch(engine, now_us, domain, NULL, 0, HEIJUNKA_CLASS_DEFAULT,
                                                now_us + PATIENCE_US, sizeof way, &way);
      offered++;
      if (status == HEIJUNKA_REFUSED) {
        CHECK(way.ticket == 0 && way.retry_after_us > 0);
        refused++;
        continue;
      }
      ANSWERS(HEIJUNKA_OK, status);
      CHECK(way.ticket != 0 && way.pool == pool && (way.worker != 0) != (way.waiter != 0));
      if (way.worker != 0) {
        assign(way.worker, way.ticket);
      } else {
        waited++;
      }
    }
    if (heijunka_engine_next_deadline(engine, &deadline_us) == HEIJUNKA_OK && deadline_us <= now_us) {
      OK(heijunka_engine_step(engine, now_us));
    }
    expired += obey();
    if (!overloaded && completed + expired + refused == offered && running == 1) {
      break;
    }
    CHECK(now_us < began_us + 60000000);
    wake_us = now_us + 1000000;
    if (heijunka_engine_next_deadline(engine, &deadline_us) == HEIJUNKA_OK && deadline_us < wake_us) {
      wake_us = deadline_us;
    }
    if (overloaded && next_arrival_us < wake_us) {
      wake_us = next_arrival_us;
    }
    sleep_until(wake_us);
  }

  /* The books: what was offered was refused, expired or served, and the engine says the same. */
  CHECK(offered > 300 && refused > 0 && waited > 0 && completed > 0);
  CHECK(regulator_number(engine, "current_load") == 0);
  CHECK(regulator_number(engine, "live_tokens") == 0);
  CHECK(regulator_number(engine, "accepted_requests") == completed + expired);
  CHECK(regulator_number(engine, "rejected_requests") == refused);
  CHECK(regulator_number(engine, "issued_tokens") == regulator_number(engine, "released_tokens"));
  CHECK(pool_number(engine, pool, "total_requests") == completed);
  CHECK(pool_number(engine, pool, "expired_waiters") == expired);
  CHECK(pool_number(engine, pool, "queue_length") == 0);
  CHECK(pool_number(engine, pool, "busy_workers") == 0);
  /* The threads: as many as there are workers, no more than ever allowed, and the overload has had them all. */
  CHECK(pool_number(engine, pool, "current_workers") == running);
  CHECK(most_running == MAX_WORKERS && used > running);

  /* What the pool still has is stopped too. */
  initial = workers_of(engine, pool, &count);
  CHECK(count == running);
  for (i = 0; i < count; i++) {
    stop(initial[i]);
  }
  free(initial);
  pthread_mutex_unlock(&lock);
  CHECK(running == 0);
  pending = 0;
  OK(heijunka_engine_next_deadline(engine, &pending));
  CHECK(pending > now_us);
  heijunka_engine_free(engine);
  CHECK(pthread_cond_destroy(&something_happened) == 0);
  printf("pool: %zu offered, %zu refused, %zu waited, %zu expired, %zu served by up to %zu of %zu threads\n",
         offered, refused, waited, expired, completed, most_running, used);
  return 0;
}
