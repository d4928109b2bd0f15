/* What all windows have in common: how much of the program they stand for, and what probes cost in them. */
#include "window_totals.h"

#include <string.h>

#include "windows.h"

static const double LEAST_PAIR = 0.1, MOST_PAIR = 4; /* in calibrated ones */
static const double PRIOR = 0.5; /* how far off the calibrated cost is, of itself */

/* Of all windows, each with the weight of what it stands for. */
static struct {
  double x;               /* what they stand for, ns */
  double counted, passed; /* passages in first and second parts */
  double pairs, paid;     /* pairs in them, and what they were taken to cost, ticks */
  double squares, products, counted_squares; /* of the latter; of both; of the former */
  double excess;          /* program time that second parts had too little by that, ticks */
} sums;

/* Of what passages say of a pair. One window in which something else stalled the program makes it large. */
static double pair_variance(void) {
  double ratio = sums.passed / sums.counted, scale = sums.x * windows_ticks_per_ns() / sums.counted / sums.pairs;
  double squares = sums.squares - 2 * ratio * sums.products + ratio * ratio * sums.counted_squares;
  return squares > 0 ? scale * scale * squares : 0;
}

double window_totals_pair(void) {
  double calibrated = profile_head()->pair_ticks;
  if (calibrated <= 0 || sums.pairs <= 0 || sums.counted <= 0) return calibrated;
  double seen = (sums.paid + sums.excess) / sums.pairs;
  if (seen < calibrated * LEAST_PAIR) seen = calibrated * LEAST_PAIR;
  if (seen > calibrated * MOST_PAIR) seen = calibrated * MOST_PAIR;
  double prior = calibrated * PRIOR * (calibrated * PRIOR);
  return calibrated + prior / (prior + pair_variance()) * (seen - calibrated);
}

/* Who reads the file corrects what windows stand for by their passages; so does each one's share of the squares. */
double window_totals_add(const window_result *one) {
  profile_header_t *head = profile_head();
  double weight = one->stands_for / one->length_ns;
  double counted = weight * (double)one->counted, passed = weight * (double)one->passed;
  head->windows++;
  head->window_ns += one->length_ns;
  sums.x += one->stands_for;
  sums.counted += counted;
  sums.passed += passed;
  sums.squares += passed * passed;
  sums.products += passed * counted;
  sums.counted_squares += counted * counted;
  head->window_asked += weight * one->asked_ns;
  sums.pairs += weight * one->pairs;
  sums.paid += weight * one->paid;
  sums.excess = sums.x * (1 - sums.passed / (sums.counted + 1)) * windows_ticks_per_ns();
  head->window_sum = sums.x;
  head->window_counted = sums.counted;
  head->window_passed = sums.passed;
  double share = one->stands_for + sums.x * (passed / (sums.passed + 1) - counted / (sums.counted + 1));
  head->window_squares += share * share;
  return share;
}

void window_totals_add_missed(const sampler_window *next, double length_ns) {
  profile_header_t *head = profile_head();
  head->windows += next->missed;
  head->window_sum = sums.x += next->missed_sum;
  head->window_squares += next->missed_squares;
  head->window_ns += (double)next->missed * length_ns;
}

void window_totals_forget(void) { memset(&sums, 0, sizeof sums); }
