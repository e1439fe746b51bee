/* One domain and pool with one worker and a line of one, and room for three. */
#ifndef HEIJUNKA_TESTS_SMALL_H
#define HEIJUNKA_TESTS_SMALL_H

static const char CONFIG[] = "{\"regulator\": {\"soft_limit\": 2, \"hard_limit\": 3, \"reserved_capacity\": 0},"
                             " \"pools\": {\"p\": {\"initial_workers\": 1, \"min_workers\": 1, \"max_workers\": 2,"
                             "                   \"surge_max_workers\": 2, \"max_waiting\": 1}},"
                             " \"limits\": {\"max_key_bytes\": 16}}";

#endif
