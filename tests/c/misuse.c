/* Everything a caller can get wrong: each has its status, changes nothing and crashes nothing. */
#include "check.h"
#include "small.h"

#define LATE HEIJUNKA_TIME_LIMIT_US
#define NOBODY 123456789ULL

static heijunka_admission admission;
static heijunka_route route;
static heijunka_checkout checkout;
static heijunka_checkin checkin;
static heijunka_dispatch dispatch;
static heijunka_completion completion;
static heijunka_scaling scaling;
static heijunka_rebalance rebalance;
static heijunka_effect effect;
static uint64_t number, ids[8];
static uint32_t word;
static size_t size;
static char text[65536];

/* Shorter names for what is called over and over. */
typedef int32_t report(const heijunka_engine *, char *, size_t, size_t *);
typedef int32_t pool_report(const heijunka_engine *, uint32_t, char *, size_t, size_t *);

static report *const REPORTS[] = {
    heijunka_engine_config,        heijunka_engine_engine_status,  heijunka_engine_regulator_status,
    heijunka_engine_capacity_info, heijunka_engine_balance_status, heijunka_engine_burst_status,
    heijunka_engine_surge_metrics, heijunka_engine_cost_advice,   heijunka_engine_alerts,
    heijunka_engine_verify,        heijunka_engine_metrics_text,
};
static pool_report *const POOL_REPORTS[] = {heijunka_engine_pool_status, heijunka_engine_pool_workers,
                                            heijunka_engine_pool_name, heijunka_engine_domain_name};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/** The text of the last error. */
static const char *last_error(void)
{
  OK(heijunka_last_error(text, sizeof text, &size));
  CHECK(strlen(text) == size);
  return text;
}

static void null_handles(void)
{
  heijunka_engine *none = NULL;
  size_t i;
  const int32_t expected = HEIJUNKA_ERROR_NULL_POINTER;

  heijunka_engine_free(NULL);
  heijunka_simulation_free(NULL);
  LEAVES(size, expected, heijunka_simulation_result(NULL, text, sizeof text, &size));
  LEAVES(admission, expected, heijunka_engine_admit(none, 0, 0, 0, sizeof admission, &admission));
  CHECK(strcmp(last_error(), "`engine` is NULL") == 0);
  ANSWERS(expected, heijunka_engine_release(none, 0, 1, 0));
  LEAVES(route, expected, heijunka_engine_route(none, 0, 0, NULL, 0, sizeof route, &route));
  LEAVES(checkout, expected, heijunka_engine_checkout(none, 0, 0, 0, sizeof checkout, &checkout));
  LEAVES(checkin, expected, heijunka_engine_checkin(none, 0, 1, 0, sizeof checkin, &checkin));
  ANSWERS(expected, heijunka_engine_cancel_wait(none, 0, 1));
  ANSWERS(expected, heijunka_engine_worker_ready(none, 0, 1));
  ANSWERS(expected, heijunka_engine_worker_failed(none, 0, 1));
  LEAVES(word, expected, heijunka_engine_report_health(none, 0, 0, NULL, 0, NULL, 0, &word));
  LEAVES(dispatch, expected, heijunka_engine_dispatch(none, 0, 0, NULL, 0, 0, 0, sizeof dispatch, &dispatch));
  LEAVES(completion, expected, heijunka_engine_complete(none, 0, 1, 0, sizeof completion, &completion));
  ANSWERS(expected, heijunka_engine_step(none, 0));
  LEAVES(effect, expected, heijunka_engine_poll_effect(none, ids, 8, &size, sizeof effect, &effect));
  LEAVES(number, expected, heijunka_engine_next_deadline(none, &number));
  LEAVES(rebalance, expected, heijunka_engine_rebalance(none, 0, sizeof rebalance, &rebalance));
  LEAVES(scaling, expected, heijunka_engine_scale_up(none, 0, 0, sizeof scaling, &scaling));
  LEAVES(scaling, expected, heijunka_engine_scale_down(none, 0, 0, sizeof scaling, &scaling));
  ANSWERS(expected, heijunka_engine_set_soft_limit(none, 0, 1));
  ANSWERS(expected, heijunka_engine_set_hard_limit(none, 0, 1));
  ANSWERS(expected, heijunka_engine_set_affinity_groups(none, 0, "{}", 2));
  ANSWERS(expected, heijunka_engine_enable_surge(none, 0));
  ANSWERS(expected, heijunka_engine_disable_surge(none, 0));
  ANSWERS(expected, heijunka_engine_set_domain_open(none, 0, 0, 1));
  ANSWERS(expected, heijunka_engine_set_pool_open(none, 0, 0, 1));
  ANSWERS(expected, heijunka_engine_set_off_peak(none, 0, 1));
  LEAVES(word, expected, heijunka_engine_domain_id(none, "p", 1, &word));
  LEAVES(word, expected, heijunka_engine_pool_id(none, "p", 1, &word));
  LEAVES(word, expected, heijunka_engine_domain_count(none, &word));
  LEAVES(word, expected, heijunka_engine_pool_count(none, &word));
  LEAVES(word, expected, heijunka_engine_health_check(none, 0, &word));
  for (i = 0; i < COUNT(REPORTS); i++) {
    LEAVES(size, expected, REPORTS[i](none, text, sizeof text, &size));
  }
  for (i = 0; i < COUNT(POOL_REPORTS); i++) {
    LEAVES(size, expected, POOL_REPORTS[i](none, 0, text, sizeof text, &size));
  }
  LEAVES(size, expected, heijunka_engine_takt(none, 0, text, sizeof text, &size));
}

static void null_pointers(heijunka_engine *engine)
{
  size_t i;
  const int32_t expected = HEIJUNKA_ERROR_NULL_POINTER;
  heijunka_engine *made;

  LEAVES(made, expected, heijunka_engine_new(NULL, 5, 0, &made));
  ANSWERS(expected, heijunka_engine_new(NULL, 0, 0, NULL));
  ANSWERS(expected, heijunka_engine_admit(engine, 0, 0, 0, sizeof admission, NULL));
  ANSWERS(expected, heijunka_engine_route(engine, 0, 0, NULL, 0, sizeof route, NULL));
  LEAVES(route, expected, heijunka_engine_route(engine, 0, 0, NULL, 3, sizeof route, &route));
  CHECK(strcmp(last_error(), "`key` is NULL") == 0);
  ANSWERS(expected, heijunka_engine_checkout(engine, 0, 0, 0, sizeof checkout, NULL));
  ANSWERS(expected, heijunka_engine_checkin(engine, 0, 1, 0, sizeof checkin, NULL));
  ANSWERS(expected, heijunka_engine_report_health(engine, 0, 0, NULL, 0, NULL, 0, NULL));
  LEAVES(word, expected, heijunka_engine_report_health(engine, 0, 0, NULL, 1, NULL, 0, &word));
  LEAVES(word, expected, heijunka_engine_report_health(engine, 0, 0, NULL, 0, NULL, 1, &word));
  ANSWERS(expected, heijunka_engine_dispatch(engine, 0, 0, NULL, 0, 0, 0, sizeof dispatch, NULL));
  LEAVES(dispatch, expected, heijunka_engine_dispatch(engine, 0, 0, NULL, 1, 0, 0, sizeof dispatch, &dispatch));
  ANSWERS(expected, heijunka_engine_complete(engine, 0, 1, 0, sizeof completion, NULL));
  LEAVES(size, expected, heijunka_engine_poll_effect(engine, ids, 8, &size, sizeof effect, NULL));
  LEAVES(effect, expected, heijunka_engine_poll_effect(engine, ids, 8, NULL, sizeof effect, &effect));
  LEAVES(effect, expected, heijunka_engine_poll_effect(engine, NULL, 8, &size, sizeof effect, &effect));
  ANSWERS(expected, heijunka_engine_next_deadline(engine, NULL));
  ANSWERS(expected, heijunka_engine_rebalance(engine, 0, sizeof rebalance, NULL));
  ANSWERS(expected, heijunka_engine_scale_up(engine, 0, 0, sizeof scaling, NULL));
  ANSWERS(expected, heijunka_engine_scale_down(engine, 0, 0, sizeof scaling, NULL));
  ANSWERS(expected, heijunka_engine_set_affinity_groups(engine, 0, NULL, 2));
  ANSWERS(expected, heijunka_engine_domain_id(engine, "p", 1, NULL));
  LEAVES(word, expected, heijunka_engine_domain_id(engine, NULL, 1, &word));
  ANSWERS(expected, heijunka_engine_pool_id(engine, "p", 1, NULL));
  LEAVES(word, expected, heijunka_engine_pool_id(engine, NULL, 1, &word));
  ANSWERS(expected, heijunka_engine_domain_count(engine, NULL));
  ANSWERS(expected, heijunka_engine_pool_count(engine, NULL));
  ANSWERS(expected, heijunka_engine_health_check(engine, 0, NULL));
  for (i = 0; i < COUNT(REPORTS); i++) {
    ANSWERS(expected, REPORTS[i](engine, text, sizeof text, NULL));
    LEAVES(size, expected, REPORTS[i](engine, NULL, 10, &size));
  }
  for (i = 0; i < COUNT(POOL_REPORTS); i++) {
    ANSWERS(expected, POOL_REPORTS[i](engine, 0, text, sizeof text, NULL));
    LEAVES(size, expected, POOL_REPORTS[i](engine, 0, NULL, 10, &size));
  }
  ANSWERS(expected, heijunka_engine_takt(engine, 0, text, sizeof text, NULL));
  LEAVES(size, expected, heijunka_engine_takt(engine, 0, NULL, 10, &size));
  ANSWERS(expected, heijunka_config_resolve(NULL, 0, text, sizeof text, NULL));
  LEAVES(size, expected, heijunka_config_resolve(NULL, 0, NULL, 10, &size));
  LEAVES(size, expected, heijunka_config_resolve(NULL, 1, text, sizeof text, &size));
  ANSWERS(expected, heijunka_preset("classic", 7, text, sizeof text, NULL));
  LEAVES(size, expected, heijunka_preset("classic", 7, NULL, 10, &size));
  LEAVES(size, expected, heijunka_preset(NULL, 7, text, sizeof text, &size));
  ANSWERS(expected, heijunka_last_error(text, sizeof text, NULL));
  LEAVES(size, expected, heijunka_last_error(NULL, 10, &size));
}

/** A length that no object has is refused before anything is read. */
static void impossible_lengths(heijunka_engine *engine)
{
  const size_t endless = (size_t)-1;
  const uint64_t id = 1;
  const int32_t expected = HEIJUNKA_ERROR_INVALID_ARGUMENT;
  heijunka_engine *made;

  LEAVES(made, expected, heijunka_engine_new("{}", endless, 0, &made));
  LEAVES(route, expected,
         heijunka_engine_route(engine, 0, 0, "k", endless, sizeof route, &route));
  LEAVES(word, expected, heijunka_engine_pool_id(engine, "p", endless, &word));
  LEAVES(word, expected, heijunka_engine_report_health(engine, 0, 0, &id, endless, NULL, 0, &word));
  LEAVES(word, expected, heijunka_engine_report_health(engine, 0, 0, NULL, 0, &id, endless / 8, &word));
  ANSWERS(expected, heijunka_engine_set_affinity_groups(engine, 0, "{}", endless));
}

/* How large the struct of an effect was when it was first published. */
enum { EFFECT_AT_FIRST = 64 };

static void struct_sizes(heijunka_engine *engine)
{
  const int32_t expected = HEIJUNKA_ERROR_STRUCT_SIZE;
  struct {
    heijunka_admission known;
    unsigned char later[40];
  } newer;

  /* `first`: how large the struct was when it was first published. */
#define WRONG_SIZES(out, first, call)                   \
  do {                                                  \
    size_t given = 0;                                   \
    LEAVES(out, expected, call);                        \
    given = (first) - 1;                                \
    LEAVES(out, expected, call);                        \
    given = (size_t)-1;                                 \
    LEAVES(out, expected, call);                        \
  } while (0)

  WRONG_SIZES(admission, sizeof admission, heijunka_engine_admit(engine, 0, 0, 0, given, &admission));
  WRONG_SIZES(route, sizeof route, heijunka_engine_route(engine, 0, 0, NULL, 0, given, &route));
  WRONG_SIZES(checkout, sizeof checkout, heijunka_engine_checkout(engine, 0, 0, 0, given, &checkout));
  WRONG_SIZES(checkin, sizeof checkin, heijunka_engine_checkin(engine, 0, 1, 0, given, &checkin));
  WRONG_SIZES(dispatch, sizeof dispatch, heijunka_engine_dispatch(engine, 0, 0, NULL, 0, 0, 0, given, &dispatch));
  WRONG_SIZES(completion, sizeof completion, heijunka_engine_complete(engine, 0, 1, 0, given, &completion));
  WRONG_SIZES(effect, EFFECT_AT_FIRST, heijunka_engine_poll_effect(engine, ids, 8, &size, given, &effect));
  WRONG_SIZES(rebalance, sizeof rebalance, heijunka_engine_rebalance(engine, 0, given, &rebalance));
  WRONG_SIZES(scaling, sizeof scaling, heijunka_engine_scale_up(engine, 0, 0, given, &scaling));
  WRONG_SIZES(scaling, sizeof scaling, heijunka_engine_scale_down(engine, 0, 0, given, &scaling));
#undef WRONG_SIZES

  /* A program that is newer than the library: what the library doesn't know is zero. */
  memset(&newer, 0xA5, sizeof newer);
  OK(heijunka_engine_admit(engine, 0, 0, 0, sizeof newer, &newer.known));
  CHECK(newer.known.admitted == 1 && newer.known.reason == HEIJUNKA_REASON_ACCEPTED && newer.known.load == 1);
  CHECK(is_filled(newer.later, sizeof newer.later, 0));
  CHECK(is_filled(newer.known.reserved, sizeof newer.known.reserved, 0));
  OK(heijunka_engine_release(engine, 0, newer.known.token, HEIJUNKA_OUTCOME_OK));
}

/* A program that is older than the library: what it doesn't know of a struct is left alone. */
static void older_program(void)
{
  heijunka_engine *engine = engine_for("{\"regulator\": {\"soft_limit\": 1}}", 0);
  OK(heijunka_engine_admit(engine, 0, 0, 0, sizeof admission, &admission));
  OK(heijunka_engine_admit(engine, 0, 0, 0, sizeof admission, &admission));
  memset(&effect, 0xA5, sizeof effect);
  OK(heijunka_engine_poll_effect(engine, ids, 8, &size, EFFECT_AT_FIRST, &effect));
  CHECK(effect.kind == HEIJUNKA_EFFECT_SOFT_LIMIT_EXCEEDED && effect.count == 2);
  CHECK(is_filled((const unsigned char *)&effect + EFFECT_AT_FIRST, sizeof effect - EFFECT_AT_FIRST, 0xA5));
  heijunka_engine_free(engine);
}

static void times(heijunka_engine *engine)
{
  static const uint64_t TIMES[] = {LATE, LATE + 1, UINT64_MAX};
  const int32_t expected = HEIJUNKA_ERROR_TIME_OUT_OF_RANGE;
  heijunka_engine *made;
  size_t i;

  for (i = 0; i < COUNT(TIMES); i++) {
    const uint64_t at = TIMES[i];
    LEAVES(made, expected, heijunka_engine_new(NULL, 0, at, &made));
    LEAVES(admission, expected, heijunka_engine_admit(engine, at, 0, 0, sizeof admission, &admission));
    ANSWERS(expected, heijunka_engine_release(engine, at, 1, 0));
    LEAVES(size, expected, heijunka_engine_takt(engine, at, text, sizeof text, &size));
    LEAVES(route, expected, heijunka_engine_route(engine, at, 0, NULL, 0, sizeof route, &route));
    LEAVES(checkout, expected, heijunka_engine_checkout(engine, at, 0, 0, sizeof checkout, &checkout));
    LEAVES(checkout, expected, heijunka_engine_checkout(engine, 0, 0, at, sizeof checkout, &checkout));
    LEAVES(checkin, expected, heijunka_engine_checkin(engine, at, 1, 0, sizeof checkin, &checkin));
    ANSWERS(expected, heijunka_engine_cancel_wait(engine, at, 1));
    ANSWERS(expected, heijunka_engine_worker_ready(engine, at, 1));
    ANSWERS(expected, heijunka_engine_worker_failed(engine, at, 1));
    LEAVES(word, expected, heijunka_engine_report_health(engine, at, 0, NULL, 0, NULL, 0, &word));
    LEAVES(dispatch, expected,
           heijunka_engine_dispatch(engine, at, 0, NULL, 0, 0, 0, sizeof dispatch, &dispatch));
    LEAVES(dispatch, expected,
           heijunka_engine_dispatch(engine, 0, 0, NULL, 0, 0, at, sizeof dispatch, &dispatch));
    LEAVES(completion, expected, heijunka_engine_complete(engine, at, 1, 0, sizeof completion, &completion));
    ANSWERS(expected, heijunka_engine_step(engine, at));
    LEAVES(rebalance, expected, heijunka_engine_rebalance(engine, at, sizeof rebalance, &rebalance));
    LEAVES(scaling, expected, heijunka_engine_scale_up(engine, at, 0, sizeof scaling, &scaling));
    LEAVES(scaling, expected, heijunka_engine_scale_down(engine, at, 0, sizeof scaling, &scaling));
    ANSWERS(expected, heijunka_engine_set_soft_limit(engine, at, 1));
    ANSWERS(expected, heijunka_engine_set_hard_limit(engine, at, 1));
    ANSWERS(expected, heijunka_engine_set_affinity_groups(engine, at, "{}", 2));
    ANSWERS(expected, heijunka_engine_enable_surge(engine, at));
    ANSWERS(expected, heijunka_engine_disable_surge(engine, at));
    ANSWERS(expected, heijunka_engine_set_domain_open(engine, at, 0, 1));
    ANSWERS(expected, heijunka_engine_set_pool_open(engine, at, 0, 1));
    ANSWERS(expected, heijunka_engine_set_off_peak(engine, at, 1));
  }
  OK(heijunka_engine_engine_status(engine, text, sizeof text, &size));
  CHECK(json_number(text, "now_us") == 0);
}

static void unknown_things(heijunka_engine *engine)
{
  static const uint64_t IDS[] = {0, 1, NOBODY, LATE, UINT64_MAX};
  static const uint32_t PLACES[] = {1, 1000000, HEIJUNKA_NO_ID};
  size_t i;

  for (i = 0; i < COUNT(IDS); i++) {
    const uint64_t id = IDS[i];
    ANSWERS(HEIJUNKA_ERROR_UNKNOWN_TOKEN, heijunka_engine_release(engine, 0, id, 0));
    LEAVES(checkin, HEIJUNKA_ERROR_UNKNOWN_WORKER,
           heijunka_engine_checkin(engine, 0, id, 0, sizeof checkin, &checkin));
    ANSWERS(HEIJUNKA_ERROR_UNKNOWN_WAITER, heijunka_engine_cancel_wait(engine, 0, id));
    ANSWERS(HEIJUNKA_ERROR_UNKNOWN_WORKER, heijunka_engine_worker_ready(engine, 0, id));
    ANSWERS(HEIJUNKA_ERROR_UNKNOWN_WORKER, heijunka_engine_worker_failed(engine, 0, id));
    LEAVES(word, HEIJUNKA_ERROR_UNKNOWN_WORKER,
           heijunka_engine_report_health(engine, 0, 0, NULL, 0, &id, 1, &word));
    LEAVES(word, HEIJUNKA_ERROR_UNKNOWN_WORKER,
           heijunka_engine_report_health(engine, 0, 0, &id, 1, NULL, 0, &word));
    LEAVES(completion, HEIJUNKA_ERROR_UNKNOWN_TICKET,
           heijunka_engine_complete(engine, 0, id, 0, sizeof completion, &completion));
  }
  for (i = 0; i < COUNT(PLACES); i++) {
    const uint32_t place = PLACES[i];
    LEAVES(admission, HEIJUNKA_ERROR_UNKNOWN_DOMAIN,
           heijunka_engine_admit(engine, 0, place, 0, sizeof admission, &admission));
    LEAVES(route, HEIJUNKA_ERROR_UNKNOWN_DOMAIN,
           heijunka_engine_route(engine, 0, place, NULL, 0, sizeof route, &route));
    LEAVES(dispatch, HEIJUNKA_ERROR_UNKNOWN_DOMAIN,
           heijunka_engine_dispatch(engine, 0, place, NULL, 0, 0, 0, sizeof dispatch, &dispatch));
    ANSWERS(HEIJUNKA_ERROR_UNKNOWN_DOMAIN, heijunka_engine_set_domain_open(engine, 0, place, 1));
    LEAVES(size, HEIJUNKA_ERROR_UNKNOWN_DOMAIN,
           heijunka_engine_domain_name(engine, place, text, sizeof text, &size));
    LEAVES(checkout, HEIJUNKA_ERROR_UNKNOWN_POOL,
           heijunka_engine_checkout(engine, 0, place, 0, sizeof checkout, &checkout));
    LEAVES(word, HEIJUNKA_ERROR_UNKNOWN_POOL,
           heijunka_engine_report_health(engine, 0, place, NULL, 0, NULL, 0, &word));
    LEAVES(scaling, HEIJUNKA_ERROR_UNKNOWN_POOL,
           heijunka_engine_scale_up(engine, 0, place, sizeof scaling, &scaling));
    LEAVES(scaling, HEIJUNKA_ERROR_UNKNOWN_POOL,
           heijunka_engine_scale_down(engine, 0, place, sizeof scaling, &scaling));
    ANSWERS(HEIJUNKA_ERROR_UNKNOWN_POOL, heijunka_engine_set_pool_open(engine, 0, place, 1));
    LEAVES(word, HEIJUNKA_ERROR_UNKNOWN_POOL, heijunka_engine_health_check(engine, place, &word));
    LEAVES(size, HEIJUNKA_ERROR_UNKNOWN_POOL,
           heijunka_engine_pool_status(engine, place, text, sizeof text, &size));
    LEAVES(size, HEIJUNKA_ERROR_UNKNOWN_POOL,
           heijunka_engine_pool_workers(engine, place, text, sizeof text, &size));
    LEAVES(size, HEIJUNKA_ERROR_UNKNOWN_POOL,
           heijunka_engine_pool_name(engine, place, text, sizeof text, &size));
  }
  LEAVES(word, HEIJUNKA_ERROR_UNKNOWN_DOMAIN, heijunka_engine_domain_id(engine, "q", 1, &word));
  CHECK(strcmp(last_error(), "unknown domain `q`") == 0);
  LEAVES(word, HEIJUNKA_ERROR_UNKNOWN_DOMAIN, heijunka_engine_domain_id(engine, NULL, 0, &word));
  LEAVES(word, HEIJUNKA_ERROR_UNKNOWN_POOL, heijunka_engine_pool_id(engine, "pp", 2, &word));
  OK(heijunka_engine_pool_id(engine, "pp", 1, &word)); /* the length counts, not a NUL */
  CHECK(word == 0);
}

static void choices(heijunka_engine *engine)
{
  static const uint32_t FLAGS[] = {2, 255, UINT32_MAX};
  const int32_t expected = HEIJUNKA_ERROR_INVALID_ARGUMENT;
  size_t i;

  LEAVES(admission, expected, heijunka_engine_admit(engine, 0, 0, 4, sizeof admission, &admission));
  LEAVES(admission, expected, heijunka_engine_admit(engine, 0, 0, UINT32_MAX, sizeof admission, &admission));
  LEAVES(dispatch, expected,
         heijunka_engine_dispatch(engine, 0, 0, NULL, 0, 4, 0, sizeof dispatch, &dispatch));
  for (i = 0; i < COUNT(FLAGS); i++) {
    ANSWERS(expected, heijunka_engine_release(engine, 0, 1, FLAGS[i]));
    LEAVES(checkin, expected, heijunka_engine_checkin(engine, 0, 1, FLAGS[i], sizeof checkin, &checkin));
    LEAVES(completion, expected,
           heijunka_engine_complete(engine, 0, 1, FLAGS[i], sizeof completion, &completion));
    ANSWERS(expected, heijunka_engine_set_domain_open(engine, 0, 0, FLAGS[i]));
    ANSWERS(expected, heijunka_engine_set_pool_open(engine, 0, 0, FLAGS[i]));
    ANSWERS(expected, heijunka_engine_set_off_peak(engine, 0, FLAGS[i]));
  }
  ANSWERS(HEIJUNKA_ERROR_OUT_OF_RANGE, heijunka_engine_set_soft_limit(engine, 0, 0));
  ANSWERS(HEIJUNKA_ERROR_OUT_OF_RANGE, heijunka_engine_set_soft_limit(engine, 0, 4));
  ANSWERS(HEIJUNKA_ERROR_OUT_OF_RANGE, heijunka_engine_set_hard_limit(engine, 0, 1));
  ANSWERS(HEIJUNKA_ERROR_OUT_OF_RANGE, heijunka_engine_set_hard_limit(engine, 0, UINT32_MAX));
  LEAVES(route, HEIJUNKA_ERROR_KEY_TOO_LONG,
         heijunka_engine_route(engine, 0, 0, "seventeen letters", 17, sizeof route, &route));
  LEAVES(dispatch, HEIJUNKA_ERROR_KEY_TOO_LONG,
         heijunka_engine_dispatch(engine, 0, 0, "seventeen letters", 17, 0, 0,
                                  sizeof dispatch, &dispatch));
  LEAVES(size, expected, heijunka_preset("clasic", 6, text, sizeof text, &size));
  CHECK(strstr(last_error(), "`classic` or `adaptive`") != NULL);
}

static void configurations(void)
{
  static const struct {
    const char *config;
    int32_t expected;
    const char *says;
  } BAD[] = {
      {"{", HEIJUNKA_ERROR_INVALID_CONFIG, "not valid JSON"},
      {"{\"pools\": 5}", HEIJUNKA_ERROR_INVALID_CONFIG, "pools"},
      {"{\"regulator\": {\"soft_limt\": 5}, \"pools\": {\"a\": {\"max_workers\": \"x\"}}}",
       HEIJUNKA_ERROR_INVALID_CONFIG, "soft_limit"},
      {"[]", HEIJUNKA_ERROR_INVALID_CONFIG, ""},
      {"a = ", HEIJUNKA_ERROR_INVALID_CONFIG, "TOML"},
      {"{\"x\": \"\xff\"}", HEIJUNKA_ERROR_INVALID_UTF8, "offset 7"},
      {"\xc3", HEIJUNKA_ERROR_INVALID_UTF8, "offset 0"},
  };
  static const char DEEP[] = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";
  heijunka_engine *engine;
  size_t i, needed;
  char *deep = (char *)malloc(200000), *again;

  for (i = 0; i < COUNT(BAD); i++) {
    const char *config = BAD[i].config;
    LEAVES(engine, BAD[i].expected, heijunka_engine_new(config, strlen(config), 0, &engine));
    CHECK(strstr(last_error(), BAD[i].says) != NULL);
    LEAVES(size, BAD[i].expected,
           heijunka_config_resolve(config, strlen(config), text, sizeof text, &size));
  }
  /* Every problem at once, a line each. */
  (void)heijunka_engine_new(BAD[2].config, strlen(BAD[2].config), 0, &engine);
  CHECK(strstr(last_error(), "pools.a.max_workers") != NULL && strchr(text, '\n') != NULL);

  /* Nested without end. */
  CHECK(deep != NULL);
  memset(deep, '[', 200000);
  memcpy(deep, "{\"a\":", 5);
  LEAVES(engine, HEIJUNKA_ERROR_INVALID_CONFIG, heijunka_engine_new(deep, 200000, 0, &engine));
  memset(deep, '[', 200000);
  memcpy(deep, "a = ", 4);
  LEAVES(engine, HEIJUNKA_ERROR_INVALID_CONFIG, heijunka_engine_new(deep, 200000, 0, &engine));
  LEAVES(engine, HEIJUNKA_ERROR_INVALID_CONFIG, heijunka_engine_new(DEEP, strlen(DEEP), 0, &engine));
  free(deep);

  /* What is resolved is a configuration again, and the same one. */
  OK(heijunka_config_resolve(CONFIG, strlen(CONFIG), text, sizeof text, &size));
  again = (char *)malloc(size + 1);
  CHECK(again != NULL);
  OK(heijunka_config_resolve(text, size, again, size + 1, &needed));
  CHECK(needed == size && strcmp(text, again) == 0);
  OK(heijunka_engine_new(text, size, 0, &engine));
  OK(heijunka_engine_config(engine, text, sizeof text, &size));
  CHECK(strcmp(text, again) == 0);
  heijunka_engine_free(engine);
  free(again);

  /* The empty configuration is the preset `classic`. */
  OK(heijunka_preset("classic", 7, NULL, 0, &needed));
  OK(heijunka_config_resolve(NULL, 0, NULL, 0, &size));
  CHECK(size == needed);
  OK(heijunka_preset("adaptive", 8, text, sizeof text, &size));
  CHECK(strstr(text, "\"staffing\"") != NULL);
}

static void workloads(void)
{
  static const struct {
    const char *workload;
    int32_t expected;
    const char *says;
  } BAD[] = {
      {"", HEIJUNKA_ERROR_INVALID_CONFIG, "requests"},
      {"{\"dmo\": true}", HEIJUNKA_ERROR_INVALID_CONFIG, "demo"},
      {"{\"requests\": []}", HEIJUNKA_ERROR_INVALID_TRACE, ""},
      {"{\"trace\": \"arrival_us,domain,service_us,key\\n1,payment,x,\"}", HEIJUNKA_ERROR_INVALID_TRACE, "line 2"},
      {"\xff", HEIJUNKA_ERROR_INVALID_UTF8, "`workload`"},
  };
  heijunka_simulation *made;
  size_t i;

  LEAVES(made, HEIJUNKA_ERROR_NULL_POINTER, heijunka_simulation_new(NULL, 1, "{}", 2, 1, &made));
  LEAVES(made, HEIJUNKA_ERROR_NULL_POINTER, heijunka_simulation_new(NULL, 0, NULL, 1, 1, &made));
  ANSWERS(HEIJUNKA_ERROR_NULL_POINTER, heijunka_simulation_new(NULL, 0, "{\"demo\": true}", 14, 1, NULL));
  LEAVES(made, HEIJUNKA_ERROR_INVALID_CONFIG, heijunka_simulation_new("{", 1, "{\"demo\": true}", 14, 1, &made));
  for (i = 0; i < COUNT(BAD); i++) {
    const char *workload = BAD[i].workload;
    LEAVES(made, BAD[i].expected, heijunka_simulation_new(NULL, 0, workload, strlen(workload), 1, &made));
    CHECK(strstr(last_error(), BAD[i].says) != NULL);
  }
}

static void affinity_groups(heijunka_engine *engine)
{
  static const char GOOD[] = "{\"vip\": \"p\"}", BAD[] = "{\"vip\": \"nowhere\", \"x\": 5}";
  ANSWERS(HEIJUNKA_ERROR_INVALID_CONFIG, heijunka_engine_set_affinity_groups(engine, 0, BAD, strlen(BAD)));
  ANSWERS(HEIJUNKA_ERROR_INVALID_CONFIG, heijunka_engine_set_affinity_groups(engine, 0, "{", 1));
  ANSWERS(HEIJUNKA_ERROR_INVALID_UTF8, heijunka_engine_set_affinity_groups(engine, 0, "\xff", 1));
  OK(heijunka_engine_set_affinity_groups(engine, 0, GOOD, strlen(GOOD)));
  OK(heijunka_engine_route(engine, 0, 0, "vip", 3, sizeof route, &route));
  CHECK(route.pool == 0 && route.reason == HEIJUNKA_REASON_AFFINITY && !route.spilled);
  OK(heijunka_engine_set_affinity_groups(engine, 0, NULL, 0));
  OK(heijunka_engine_route(engine, 0, 0, "vip", 3, sizeof route, &route));
  CHECK(route.reason == HEIJUNKA_REASON_PRIMARY);
}

/** Every report: its length on request, nothing into a buffer that is a byte short, all of it into one that fits. */
static void short_buffers(heijunka_engine *engine)
{
  const size_t all = COUNT(REPORTS) + COUNT(POOL_REPORTS);
  size_t i, needed;
  for (i = 0; i < all; i++) {
    const size_t pool = i - COUNT(REPORTS);
#define REPORT(buf, cap, out) \
  (i < COUNT(REPORTS) ? REPORTS[i](engine, buf, cap, out) : POOL_REPORTS[pool](engine, 0, buf, cap, out))
    OK(REPORT(NULL, 0, &needed));
    CHECK(needed > 0 && needed < sizeof text);
    LEAVES(text, HEIJUNKA_ERROR_BUFFER_TOO_SMALL, REPORT(text, needed, &size));
    CHECK(size == needed);
    LEAVES(text, HEIJUNKA_ERROR_BUFFER_TOO_SMALL, REPORT(text, 0, &size));
    CHECK(size == needed);
    OK(REPORT(text, needed + 1, &size));
    CHECK(size == needed && strlen(text) == needed && is_filled(text + needed + 1, 16, 0xA5));
#undef REPORT
  }
  LEAVES(text, HEIJUNKA_ERROR_BUFFER_TOO_SMALL, heijunka_preset("classic", 7, text, 10, &size));
  LEAVES(text, HEIJUNKA_ERROR_BUFFER_TOO_SMALL, heijunka_config_resolve(NULL, 0, text, 10, &size));

  /* Asking for the last error doesn't change it. */
  ANSWERS(HEIJUNKA_ERROR_UNKNOWN_TOKEN, heijunka_engine_release(engine, 0, 7, 0));
  LEAVES(text, HEIJUNKA_ERROR_BUFFER_TOO_SMALL, heijunka_last_error(text, 10, &size));
  CHECK(size > 10);
  OK(heijunka_last_error(NULL, 0, &needed));
  CHECK(needed == size && strncmp(last_error(), "unknown token 7", 15) == 0);
}

int main(void)
{
  heijunka_engine *engine;
  CHECK(*last_error() == '\0'); /* before the first */
  engine = engine_for(CONFIG, 0);
  null_handles();
  null_pointers(engine);
  impossible_lengths(engine);
  struct_sizes(engine);
  older_program();
  times(engine);
  unknown_things(engine);
  choices(engine);
  /* After all that the engine is as it was: one request got in, above. */
  CHECK(regulator_number(engine, "accepted_requests") == 1);
  CHECK(regulator_number(engine, "rejected_requests") == 0);
  CHECK(pool_number(engine, 0, "available") == 1);
  ANSWERS(HEIJUNKA_NONE, heijunka_engine_poll_effect(engine, ids, 8, &size, sizeof effect, &effect));
  affinity_groups(engine);
  short_buffers(engine);
  heijunka_engine_free(engine);
  configurations();
  workloads();
  puts("misuse: every one answered");
  return 0;
}
