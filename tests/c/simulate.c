/* What-if: the same hour on two configurations, and which of them refuses less. */
#include "check.h"

enum { REQUESTS = 2000 };

/** Requests at a steady rate, as a trace in CSV inside a workload. */
static char *workload(void)
{
  const size_t room = 100 + REQUESTS * 60;
  char *text = (char *)malloc(room);
  size_t length, i;
  CHECK(text != NULL);
  length = (size_t)snprintf(text, room, "{\"trace\": \"arrival_us,domain,service_us,key\\n");
  for (i = 0; i < REQUESTS; i++) {
    length += (size_t)snprintf(text + length, room - length, "%zu,web,1000000,k%zu\\n", i * 100000, i % 7);
  }
  CHECK(snprintf(text + length, room - length, "\"}") == 2);
  return text;
}

/** The outcome as JSON, to be freed. */
static char *simulated(const char *config, const char *work)
{
  heijunka_simulation *simulation = NULL;
  size_t length;
  char *result;
  OK(heijunka_simulation_new(config, strlen(config), work, strlen(work), 1, &simulation));
  OK(heijunka_simulation_result(simulation, NULL, 0, &length));
  result = (char *)malloc(length + 1);
  CHECK(result != NULL);
  ANSWERS(HEIJUNKA_ERROR_BUFFER_TOO_SMALL, heijunka_simulation_result(simulation, result, length, &length));
  OK(heijunka_simulation_result(simulation, result, length + 1, &length));
  CHECK(strlen(result) == length);
  heijunka_simulation_free(simulation);
  return result;
}

int main(void)
{
  char *work = workload();
  char *small = simulated("[pools.web]\nmax_workers = 5\n", work);
  char *large = simulated("[pools.web]\ninitial_workers = 14\nmax_workers = 20\n", work);
  char *again = simulated("[pools.web]\nmax_workers = 5\n", work);
  const uint64_t fewer = json_number(small, "completed"), more = json_number(large, "completed");

  CHECK(json_number(small, "offered") == REQUESTS && json_number(large, "offered") == REQUESTS);
  CHECK(fewer < more && more <= REQUESTS);
  CHECK(strcmp(small, again) == 0); /* to the byte */
  printf("simulate: %llu of %d served with 5 workers, %llu with up to 20\n", (unsigned long long)fewer, REQUESTS,
         (unsigned long long)more);
  free(work);
  free(small);
  free(large);
  free(again);
  return 0;
}
