/* The heijunka box: the order of a mix, and a pacer whose domains take turns. */
#include "check.h"

static const char CONFIG[] =
    "{\"available_us\": 10, \"demand\": 3, \"domains\": {\"a\": {\"weight\": 5}, \"b\": {}, \"c\": {\"max_backlog\": 2}}}";

static void order(void)
{
  const uint32_t counts[] = {3, 2, 1};
  const uint32_t expected[] = {0, 1, 0, 2, 1, 0};
  uint32_t got[6], untouched[5];
  size_t length = 0;

  OK(heijunka_sequence(counts, 3, NULL, 0, &length));
  CHECK(length == 6);
  LEAVES(untouched, HEIJUNKA_ERROR_BUFFER_TOO_SMALL, heijunka_sequence(counts, 3, untouched, 5, &length));
  CHECK(length == 6);
  OK(heijunka_sequence(counts, 3, got, 6, &length));
  CHECK(length == 6 && memcmp(got, expected, sizeof got) == 0);
  LEAVES(got, HEIJUNKA_ERROR_OUT_OF_RANGE, heijunka_sequence(counts, 0, got, 6, &length));
  LEAVES(got, HEIJUNKA_ERROR_NULL_POINTER, heijunka_sequence(NULL, 3, got, 6, &length));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_sequence(counts, 3, got, 6, NULL));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_sequence(counts, 3, NULL, 6, &length));
}

static void misuse(heijunka_pacer *pacer)
{
  heijunka_pacer *none = NULL;
  heijunka_offer offer;
  heijunka_release release;
  uint64_t deadline_us;
  uint32_t domain, domains;
  size_t count;

  ANSWERS(HEIJUNKA_ERROR_INVALID_CONFIG, heijunka_pacer_new("{}", 2, 0, &none));
  ANSWERS(HEIJUNKA_ERROR_TIME_OUT_OF_RANGE, heijunka_pacer_new(CONFIG, strlen(CONFIG), UINT64_MAX, &none));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_pacer_new(CONFIG, strlen(CONFIG), 0, NULL));
  CHECK(none == NULL);
  LEAVES(domain, HEIJUNKA_ERROR_UNKNOWN_DOMAIN, heijunka_pacer_domain_id(pacer, "z", 1, &domain));
  LEAVES(offer, HEIJUNKA_ERROR_UNKNOWN_DOMAIN, heijunka_pacer_offer(pacer, 0, 3, 1, sizeof offer, &offer));
  LEAVES(offer, HEIJUNKA_ERROR_OUT_OF_RANGE, heijunka_pacer_offer(pacer, 0, 0, UINT64_MAX, sizeof offer, &offer));
  LEAVES(offer, HEIJUNKA_ERROR_STRUCT_SIZE, heijunka_pacer_offer(pacer, 0, 0, 1, sizeof offer - 1, &offer));
  LEAVES(offer, HEIJUNKA_ERROR_NULL_POINTER, heijunka_pacer_offer(NULL, 0, 0, 1, sizeof offer, &offer));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_pacer_poll(pacer, 0, sizeof release, NULL, 1, &count));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_pacer_poll(pacer, 0, sizeof release, &release, 1, NULL));
  LEAVES(release, HEIJUNKA_ERROR_STRUCT_SIZE, heijunka_pacer_poll(pacer, 0, 8, &release, 1, &count));
  LEAVES(release, HEIJUNKA_ERROR_INVALID_ARGUMENT,
         heijunka_pacer_poll(pacer, 0, sizeof release, &release, SIZE_MAX / 2, &count));
  LEAVES(deadline_us, HEIJUNKA_NONE, heijunka_pacer_next_deadline(pacer, &deadline_us));
  ANSWERS(HEIJUNKA_ERROR_OUT_OF_RANGE, heijunka_pacer_set_takt(pacer, 0, 1, 2));
  ANSWERS(HEIJUNKA_ERROR_OUT_OF_RANGE, heijunka_pacer_set_weight(pacer, 0, 0, 0));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_pacer_set_weight(NULL, 0, 0, 1));
  OK(heijunka_pacer_domain_count(pacer, &domains));
  CHECK(domains == 3);
  heijunka_pacer_free(NULL);
}

int main(void)
{
  const char expected[] = "aabaacaaabaa";
  heijunka_pacer *pacer = NULL;
  heijunka_offer offer;
  heijunka_release releases[4];
  char name[2], status[1024];
  uint64_t deadline_us, item, now_us = 0;
  uint32_t c;
  size_t length, count, released = 0;

  order();
  OK(heijunka_pacer_new(CONFIG, strlen(CONFIG), 0, &pacer));
  misuse(pacer);
  OK(heijunka_pacer_domain_id(pacer, "c", 1, &c));
  CHECK(c == 2);
  OK(heijunka_pacer_domain_name(pacer, c, name, sizeof name, &length));
  CHECK(strcmp(name, "c") == 0);
  for (item = 0; item < 9; item++) {
    OK(heijunka_pacer_offer(pacer, now_us, 0, item, sizeof offer, &offer));
    CHECK(offer.accepted == 1 && offer.load == item + 1 && offer.reason == HEIJUNKA_REASON_ACCEPTED);
  }
  for (item = 0; item < 3; item++) {
    OK(heijunka_pacer_offer(pacer, now_us, 1, 100 + item, sizeof offer, &offer));
  }
  OK(heijunka_pacer_offer(pacer, now_us, c, 200, sizeof offer, &offer));
  OK(heijunka_pacer_offer(pacer, now_us, c, 201, sizeof offer, &offer));
  ANSWERS(HEIJUNKA_REFUSED, heijunka_pacer_offer(pacer, now_us, c, 202, sizeof offer, &offer));
  CHECK(offer.reason == HEIJUNKA_REASON_BACKLOG_FULL && offer.limit == 2 && offer.load == 2);
  CHECK(offer.retry_after_us == 1000 && offer.accepted == 0);

  /* Nothing fits: nothing is lost. */
  ANSWERS(HEIJUNKA_NONE, heijunka_pacer_poll(pacer, now_us, sizeof releases[0], NULL, 0, &count));
  CHECK(count == 0);
  while (heijunka_pacer_next_deadline(pacer, &deadline_us) == HEIJUNKA_OK) {
    CHECK(deadline_us > now_us);
    now_us = deadline_us + 20; /* overslept by six takts */
    while (heijunka_pacer_poll(pacer, now_us, sizeof releases[0], releases, 4, &count) == HEIJUNKA_OK) {
      size_t i;
      CHECK(count >= 1 && count <= 4);
      for (i = 0; i < count; i++, released++) {
        CHECK(releases[i].due_us == (released * 10 + 2) / 3);
        if (released < sizeof expected - 1) {
          CHECK(releases[i].domain == (uint32_t)(expected[released] - 'a'));
        }
      }
    }
    CHECK(count == 0);
  }
  CHECK(released == 14);
  OK(heijunka_pacer_set_takt(pacer, now_us, 1000, 1));
  OK(heijunka_pacer_set_weight(pacer, now_us, c, 7));
  OK(heijunka_pacer_status(pacer, status, sizeof status, &length));
  CHECK(json_number(status, "released") == 14 && json_number(status, "refused") == 1);
  CHECK(json_number(status, "available_us") == 1000);
  printf("pacing: %zu items in leveled order, the last one due at 44 us\n", released);
  heijunka_pacer_free(pacer);
  return 0;
}
