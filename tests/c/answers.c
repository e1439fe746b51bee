/* What the answers say: of what is given back twice, of effects that don't fit, of refusals; and all the names. */
#include "check.h"
#include "small.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

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
static char text[8192];

/** What is given back twice is recognized, also when its place is taken by another by then. */
static void doubled(heijunka_engine *engine)
{
  heijunka_dispatch first, second, third;

  OK(heijunka_engine_admit(engine, 0, 0, HEIJUNKA_CLASS_NORMAL, sizeof admission, &admission));
  number = admission.token;
  OK(heijunka_engine_release(engine, 0, number, HEIJUNKA_OUTCOME_FAILED));
  ANSWERS(HEIJUNKA_ERROR_UNKNOWN_TOKEN, heijunka_engine_release(engine, 0, number, HEIJUNKA_OUTCOME_OK));
  OK(heijunka_engine_admit(engine, 0, 0, HEIJUNKA_CLASS_NORMAL, sizeof admission, &admission));
  CHECK(admission.token != number);
  ANSWERS(HEIJUNKA_ERROR_UNKNOWN_TOKEN, heijunka_engine_release(engine, 0, number, HEIJUNKA_OUTCOME_OK));
  OK(heijunka_engine_release(engine, 0, admission.token, HEIJUNKA_OUTCOME_OK));

  OK(heijunka_engine_checkout(engine, 0, 0, 0, sizeof checkout, &checkout));
  CHECK(checkout.worker != 0 && checkout.waiter == 0 && checkout.reason == HEIJUNKA_REASON_WORKER_IDLE);
  OK(heijunka_engine_checkin(engine, 0, checkout.worker, HEIJUNKA_OUTCOME_OK, sizeof checkin, &checkin));
  CHECK(checkin.outcome == HEIJUNKA_CHECKIN_IDLE);
  LEAVES(checkin, HEIJUNKA_ERROR_UNKNOWN_WORKER,
         heijunka_engine_checkin(engine, 0, checkout.worker, HEIJUNKA_OUTCOME_OK, sizeof checkin, &checkin));

  /* A worker, a place in the line, a refusal; and each only once. */
  OK(heijunka_engine_dispatch(engine, 0, 0, NULL, 0, 0, 1000, sizeof first, &first));
  OK(heijunka_engine_dispatch(engine, 0, 0, NULL, 0, 0, 1000, sizeof second, &second));
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_dispatch(engine, 0, 0, NULL, 0, 0, 1000, sizeof third, &third));
  CHECK(first.worker != 0 && first.waiter == 0 && first.stage == HEIJUNKA_STAGE_CHECKOUT);
  CHECK(second.worker == 0 && second.waiter != 0 && second.reason == HEIJUNKA_REASON_WAITING);
  CHECK(third.ticket == 0 && third.token == 0 && third.pool == 0 && third.retry_after_us > 0);
  CHECK(third.stage == HEIJUNKA_STAGE_CHECKOUT && third.reason == HEIJUNKA_REASON_QUEUE_FULL);
  OK(heijunka_engine_cancel_wait(engine, 0, second.waiter));
  ANSWERS(HEIJUNKA_ERROR_UNKNOWN_WAITER, heijunka_engine_cancel_wait(engine, 0, second.waiter));
  LEAVES(completion, HEIJUNKA_ERROR_UNKNOWN_TICKET,
         heijunka_engine_complete(engine, 0, second.ticket, 0, sizeof completion, &completion));
  /* The ticket's token may be released alone; the ticket has less to give back then. */
  OK(heijunka_engine_release(engine, 0, first.token, HEIJUNKA_OUTCOME_OK));
  OK(heijunka_engine_complete(engine, 0, first.ticket, 0, sizeof completion, &completion));
  CHECK(!completion.token_released && completion.worker_returned);
  LEAVES(completion, HEIJUNKA_ERROR_UNKNOWN_TICKET,
         heijunka_engine_complete(engine, 0, first.ticket, 0, sizeof completion, &completion));
  CHECK(regulator_number(engine, "current_load") == 0);
}

/** Effects: an array that is too small loses nothing. */
static void effects(void)
{
  heijunka_engine *engine = engine_for(CONFIG, 0);
  uint64_t worker;

  ANSWERS(HEIJUNKA_NONE, heijunka_engine_poll_effect(engine, NULL, 0, &size, sizeof effect, &effect));
  OK(heijunka_engine_scale_up(engine, 5, 0, sizeof scaling, &scaling));
  CHECK(scaling.scaled && scaling.workers == 2 && scaling.reason == HEIJUNKA_REASON_MANUAL);
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_scale_up(engine, 5, 0, sizeof scaling, &scaling));
  CHECK(!scaling.scaled && scaling.workers == 2 && scaling.reason == HEIJUNKA_REASON_MAX_WORKERS_REACHED);
  size = 77;
  LEAVES(effect, HEIJUNKA_ERROR_BUFFER_TOO_SMALL,
         heijunka_engine_poll_effect(engine, NULL, 0, &size, sizeof effect, &effect));
  CHECK(size == 1);
  OK(heijunka_engine_engine_status(engine, text, sizeof text, &size));
  CHECK(json_number(text, "effects_pending") == 1);
  memset(ids, 0, sizeof ids);
  OK(heijunka_engine_poll_effect(engine, ids, 1, &size, sizeof effect, &effect));
  CHECK(size == 1 && ids[0] != 0 && ids[1] == 0);
  CHECK(effect.kind == HEIJUNKA_EFFECT_ADD_WORKERS && effect.reason == HEIJUNKA_REASON_MANUAL);
  CHECK(effect.at_us == 5 && effect.pool == 0 && effect.to_pool == HEIJUNKA_NO_ID && effect.count == 1);
  CHECK(effect.domain == HEIJUNKA_NO_ID && !effect.token && !effect.waiter && !effect.ticket && !effect.surge);
  ANSWERS(HEIJUNKA_NONE, heijunka_engine_poll_effect(engine, ids, 8, &size, sizeof effect, &effect));

  OK(heijunka_engine_worker_failed(engine, 6, ids[0]));
  worker = ids[0];
  ANSWERS(HEIJUNKA_ERROR_UNKNOWN_WORKER, heijunka_engine_worker_failed(engine, 6, worker));
  OK(heijunka_engine_poll_effect(engine, ids, 8, &size, sizeof effect, &effect));
  CHECK(effect.reason == HEIJUNKA_REASON_WORKER_FAILED);
  LEAVES(word, HEIJUNKA_ERROR_UNKNOWN_WORKER,
         heijunka_engine_report_health(engine, 6, 0, ids, 1, ids, 1, &word)); /* in both lists */
  OK(heijunka_engine_scale_down(engine, 6, 0, sizeof scaling, &scaling));
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_scale_down(engine, 6, 0, sizeof scaling, &scaling));
  CHECK(scaling.reason == HEIJUNKA_REASON_MIN_WORKERS_REACHED);
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_rebalance(engine, 6, sizeof rebalance, &rebalance));
  CHECK(!rebalance.migrated && rebalance.reason == HEIJUNKA_REASON_TOO_FEW_POOLS && rebalance.spread == 0.0);
  CHECK(rebalance.from == HEIJUNKA_NO_ID && rebalance.to == HEIJUNKA_NO_ID);
  OK(heijunka_engine_next_deadline(engine, &number));
  CHECK(number > 6);
  OK(heijunka_engine_step(engine, HEIJUNKA_TIME_LIMIT_US - 1));
  ANSWERS(HEIJUNKA_NONE, heijunka_engine_next_deadline(engine, &number));
  heijunka_engine_free(engine);
}

/** Refusals fill their answers. */
static void refusals(heijunka_engine *engine)
{
  OK(heijunka_engine_set_domain_open(engine, 0, 0, 0));
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_admit(engine, 0, 0, 0, sizeof admission, &admission));
  CHECK(!admission.admitted && admission.token == 0 && admission.reason == HEIJUNKA_REASON_DOMAIN_CLOSED);
  CHECK(admission.retry_after_us > 0);
  OK(heijunka_engine_set_domain_open(engine, 0, 0, 1));
  OK(heijunka_engine_set_pool_open(engine, 0, 0, 0));
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_route(engine, 0, 0, NULL, 0, sizeof route, &route));
  CHECK(route.pool == HEIJUNKA_NO_ID && route.reason == HEIJUNKA_REASON_NO_POOLS);
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_checkout(engine, 0, 0, 0, sizeof checkout, &checkout));
  CHECK(!checkout.worker && !checkout.waiter && checkout.reason == HEIJUNKA_REASON_POOL_CLOSED);
  ANSWERS(HEIJUNKA_REFUSED, heijunka_engine_dispatch(engine, 0, 0, NULL, 0, 0, 0, sizeof dispatch, &dispatch));
  CHECK(dispatch.stage == HEIJUNKA_STAGE_ROUTE && dispatch.pool == HEIJUNKA_NO_ID);
  OK(heijunka_engine_set_pool_open(engine, 0, 0, 1));
  OK(heijunka_engine_set_off_peak(engine, 0, 1));
  OK(heijunka_engine_disable_surge(engine, 0));
  OK(heijunka_engine_enable_surge(engine, 0));
  OK(heijunka_engine_health_check(engine, 0, &word));
  CHECK(word == HEIJUNKA_HEALTH_HEALTHY);
}

/* An alert as an effect, and the reports of observation. */
static void observed(void)
{
  heijunka_engine *engine = engine_for(
      "{\"pools\": {\"p\": {\"initial_workers\": 1, \"min_workers\": 1}}, \"scaler\": {\"enabled\": false}, \"alerts\": "
      "[{\"name\": \"Busy\", \"metric\": \"pool_utilization\", \"comparison\": \">\", \"threshold\": 0.5, "
      "\"options\": [\"scale_up\", \"close_non_critical\"]}]}",
      0);
  OK(heijunka_engine_checkout(engine, 0, 0, 0, sizeof checkout, &checkout));
  OK(heijunka_engine_step(engine, 15000000));
  OK(heijunka_engine_poll_effect(engine, ids, 8, &size, sizeof effect, &effect));
  CHECK(effect.kind == HEIJUNKA_EFFECT_ALERT_FIRING && effect.reason == HEIJUNKA_REASON_ALERT_FIRING);
  CHECK(effect.alert == 0 && effect.value == 1.0 && effect.pool == 0);
  CHECK(effect.options == (HEIJUNKA_OPTION_SCALE_UP | HEIJUNKA_OPTION_CLOSE_NON_CRITICAL));
  OK(heijunka_engine_alerts(engine, text, sizeof text, &size));
  CHECK(strstr(text, "\"Busy\"") != NULL && json_number(text, "since_us") == 15000000);
  OK(heijunka_engine_verify(engine, text, sizeof text, &size));
  CHECK(strstr(text, "rejection_rate") != NULL);
  OK(heijunka_engine_takt(engine, 60000000, text, sizeof text, &size));
  CHECK(json_number(text, "window_us") == 60000000 && json_number(text, "arrivals") == 1);
  OK(heijunka_engine_engine_status(engine, text, sizeof text, &size));
  CHECK(json_number(text, "now_us") == 15000000);
  OK(heijunka_engine_metrics_text(engine, NULL, 0, &size));
  {
    char *metrics = (char *)malloc(size + 1);
    CHECK(metrics != NULL);
    OK(heijunka_engine_metrics_text(engine, metrics, size + 1, &size));
    CHECK(strstr(metrics, "\nheijunka_pool_utilization{pool=\"p\"} 1.0\n") != NULL);
    CHECK(strcmp(metrics + size - 6, "# EOF\n") == 0);
    free(metrics);
  }
  heijunka_engine_free(engine);
}

static void names(heijunka_engine *engine)
{
  static const int32_t STATUSES[] = {0, 1, 2, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -20, -21, -22, -23, -24, -25, -26};
  size_t i;
  for (i = 0; i < COUNT(STATUSES); i++) {
    CHECK(strcmp(heijunka_status_name(STATUSES[i]), "unknown") != 0);
  }
  CHECK(strcmp(heijunka_status_name(HEIJUNKA_ERROR_UNKNOWN_TICKET), "unknown_ticket") == 0);
  CHECK(strcmp(heijunka_status_name(3), "unknown") == 0);
  CHECK(strcmp(heijunka_status_name(INT32_MIN), "unknown") == 0);
  CHECK(strcmp(heijunka_reason_name(HEIJUNKA_REASON_MAX_WORKERS_REACHED), "max_workers_reached") == 0);
  CHECK(strcmp(heijunka_reason_name(0), "unknown") == 0 && strcmp(heijunka_reason_name(UINT32_MAX), "unknown") == 0);
  CHECK(strcmp(heijunka_effect_kind_name(HEIJUNKA_EFFECT_SOFT_LIMIT_EXCEEDED), "SoftLimitExceeded") == 0);
  CHECK(strcmp(heijunka_effect_kind_name(0), "unknown") == 0);
  CHECK(heijunka_abi_version() == HEIJUNKA_ABI_VERSION);
  CHECK(strchr(heijunka_version(), '.') != NULL);
  CHECK(heijunka_surge_cost_per_year(2.0, 2.5) == 1825.0);
  CHECK(heijunka_baseline_cost_per_year(1, 1.0) == 8760.0);
  OK(heijunka_engine_domain_count(engine, &word));
  CHECK(word == 1);
  OK(heijunka_engine_pool_count(engine, &word));
  CHECK(word == 1);
}

int main(void)
{
  heijunka_engine *engine = engine_for(CONFIG, 0);
  doubled(engine);
  refusals(engine);
  names(engine);
  observed();
  heijunka_engine_free(engine);
  effects();
  puts("answers: all as they should be");
  return 0;
}
