/* Remembering: an engine goes on from a snapshot, and its journal tells what it was asked. */
#include "check.h"

static const char CONFIG[] = "[pools.web]\ninitial_workers = 1\nmin_workers = 1\nmax_workers = 1\n";

enum { ROOM = 1 << 16 };

static uint8_t snapshot[ROOM], again[ROOM], journal[ROOM];
static char text[ROOM];

/** A second of work, and a request that finds nobody: three records. */
static void work(heijunka_engine *engine, uint64_t now_us)
{
  heijunka_dispatch first, second;
  heijunka_completion done;
  const uint32_t web = domain_of(engine, "web");
  OK(heijunka_engine_dispatch(engine, now_us, web, (const uint8_t *)"k", 1, HEIJUNKA_CLASS_DEFAULT, 0,
                              sizeof first, &first));
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_dispatch(engine, now_us, web, (const uint8_t *)"k", 1,
                                                     HEIJUNKA_CLASS_DEFAULT, 0, sizeof second, &second));
  OK(heijunka_engine_complete(engine, now_us + 1000000, first.ticket, HEIJUNKA_OUTCOME_OK, sizeof done, &done));
}

int main(void)
{
  heijunka_engine *engine = engine_for(CONFIG, 0), *other = NULL;
  size_t length, taken, pieces = 0, size;

  OK(heijunka_engine_journal_start(engine));
  work(engine, 1000000);
  OK(heijunka_engine_snapshot(engine, NULL, 0, &length));
  ANSWERS(HEIJUNKA_ERROR_BUFFER_TOO_SMALL, heijunka_engine_snapshot(engine, snapshot, length - 1, &size));
  CHECK(size == length);
  OK(heijunka_engine_snapshot(engine, snapshot, ROOM, &length));

  /* The same bytes again, and from there on the same engine. */
  OK(heijunka_engine_restore(snapshot, length, &other));
  OK(heijunka_engine_snapshot(other, again, ROOM, &size));
  CHECK(size == length && memcmp(snapshot, again, length) == 0);
  heijunka_engine_free(other);

  /* Whole records, in pieces as large as there is room. */
  work(engine, 5000000);
  OK(heijunka_engine_journal_drain(engine, NULL, 0, &size));
  CHECK(size > 0 && size < ROOM);
  ANSWERS(HEIJUNKA_ERROR_BUFFER_TOO_SMALL, heijunka_engine_journal_drain(engine, journal, 10, &size));
  for (taken = 0;; taken += size) {
    size_t needed = 0;
    if (heijunka_engine_journal_drain(engine, journal + taken, 32, &needed) == HEIJUNKA_ERROR_BUFFER_TOO_SMALL) {
      OK(heijunka_engine_journal_drain(engine, journal + taken, needed, &size));
    } else {
      size = needed;
    }
    if (size == 0) {
      break;
    }
    pieces++;
  }
  CHECK(pieces > 3);

  OK(heijunka_journal_verify(journal, taken, text, ROOM, &size));
  CHECK(strstr(text, "\"equal\":true") != NULL && json_number(text, "records") == 6);
  OK(heijunka_journal_records(journal, taken, 2, 1, text, ROOM, &size));
  CHECK(json_number(text, "count") == 6 && strstr(text, "\"operation\":\"dispatch\",\"domain\":\"web\"") != NULL);
  OK(heijunka_journal_replay(journal, taken, CONFIG, strlen(CONFIG), 5, text, ROOM, &size));
  CHECK(json_number(text, "differ") == 0);
  OK(heijunka_journal_replay(journal, taken, "[pools.web]\n", 12, 5, text, ROOM, &size));
  CHECK(json_number(text, "differ") == 2); /* two are refused no more */
  OK(heijunka_journal_trace(journal, taken, NULL, 0, &size));
  CHECK(size > 0 && size < ROOM);
  OK(heijunka_journal_trace(journal, taken, again, size, &size));
  CHECK(memcmp(again, "arrival_us,domain,service_us,key\n", 33) == 0 && again[size - 1] == '\n');
  ANSWERS(HEIJUNKA_ERROR_BUFFER_TOO_SMALL, heijunka_journal_trace(journal, taken, again, size - 1, &size));

  /* The snapshot, and what came after it. */
  OK(heijunka_engine_restore_with(snapshot, length, journal, taken, &other));
  OK(heijunka_engine_snapshot(engine, snapshot, ROOM, &length));
  OK(heijunka_engine_snapshot(other, again, ROOM, &size));
  CHECK(size == length && memcmp(snapshot, again, length) == 0);
  heijunka_engine_free(other);

  /* Damage, and pointers to nothing. */
  snapshot[length / 2] ^= 1;
  LEAVES(other, HEIJUNKA_ERROR_INVALID_SNAPSHOT, heijunka_engine_restore(snapshot, length, &other));
  LEAVES(other, HEIJUNKA_ERROR_INVALID_SNAPSHOT, heijunka_engine_restore(NULL, 0, &other));
  LEAVES(other, HEIJUNKA_ERROR_NULL_POINTER, heijunka_engine_restore(NULL, 1, &other));
  LEAVES(other, HEIJUNKA_ERROR_INVALID_SNAPSHOT,
         heijunka_engine_restore_with(snapshot, length, journal, taken, &other));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_engine_restore(snapshot, length, NULL));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_engine_snapshot(NULL, snapshot, ROOM, &size));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_engine_snapshot(engine, NULL, 1, &size));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_engine_snapshot(engine, snapshot, ROOM, NULL));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_engine_journal_start(NULL));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_engine_journal_drain(engine, journal, ROOM, NULL));
  ANSWERS(HEIJUNKA_ERROR_INVALID_JOURNAL, heijunka_journal_verify(journal + 1, taken - 1, text, ROOM, &size));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_journal_verify(journal, taken, text, ROOM, NULL));
  ANSWERS(HEIJUNKA_ERROR_INVALID_CONFIG, heijunka_journal_replay(journal, taken, "[x]\n", 4, 1, text, ROOM, &size));
  ANSWERS(HEIJUNKA_ERROR_INVALID_JOURNAL, heijunka_journal_records(NULL, 0, 1, 1, text, ROOM, &size));

  printf("journal: %zu bytes in %zu pieces, a snapshot of %zu bytes\n", taken, pieces, length);
  heijunka_engine_free(engine);
  return 0;
}
