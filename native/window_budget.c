/* How far apart windows are. */
#include "window_budget.h"

#include "sampler.h"
#include "windows.h"

enum { LONGEST_NS = 2000000000 /* gap */ };

/* Share of the budget that closed gates may take at most: what is left is for windows. */
static const double LEAST_SHARE = 0.25;
static const double DEFAULT_BUDGET = 0.03, SMOOTHING = 0.05; /* of what a window costs */
static const double LOOK_SMOOTHING = 0.01;
static const double OPENING_NS = 8000; /* what waking the sampler and the cold caches cost, beside what is measured */
/* What a closed gate costs on a fast machine, ns. Where it costs more than the budget, windows shall not be rarer for that. */
#define CLOSED_GATE 1.5
static const double PAID_BACK = 0.25; /* of what was spent above the budget: in the next gap */

static struct {
  double part;
  int is_fixed, is_asked; /* by the environment; by a module */
  double cost_ns, gates_ns; /* of a window, on the average: first of all, then of the latest */
  double windows, spent_ns; /* in them */
  double gate_ns, jump_ns; /* what a closed gate costs here, and one that is jumped over */
  double looks, jumped_over; /* the share of the latest */
} budget = {.gate_ns = CLOSED_GATE, .jump_ns = CLOSED_GATE};

void window_budget_init(double length_ns) {
  double wish = windows_number("PYREWRITE_OVERHEAD", 0);
  budget.is_fixed = wish > 0;
  budget.part = budget.is_fixed ? wish : DEFAULT_BUDGET;
  budget.cost_ns = length_ns * 3 + OPENING_NS;
}

/* Of several modules the smallest holds. */
void window_budget_ask(uint32_t millionths) {
  double part = millionths / 1e6;
  if (budget.is_fixed || part <= 0 || part > 1 || (budget.is_asked && part >= budget.part)) return;
  budget.part = part;
  budget.is_asked = 1;
}

void window_budget_set_gate(double ticks, double jumped_over) {
  if (ticks >= 0) budget.gate_ns = ticks / windows_ticks_per_ns();
  if (jumped_over >= 0) budget.jump_ns = jumped_over / windows_ticks_per_ns();
}

void window_budget_note_look(int is_jumped_over) {
  double part = 1 / ++budget.looks;
  budget.jumped_over += (part > LOOK_SMOOTHING ? part : LOOK_SMOOTHING) * (is_jumped_over - budget.jumped_over);
}

static double closed_gate_ns(void) { return budget.gate_ns + budget.jumped_over * (budget.jump_ns - budget.gate_ns); }

double window_budget_detour(void) { return (budget.gate_ns - closed_gate_ns()) * windows_ticks_per_ns(); }

double window_budget(void) { return budget.part; }

double window_budget_first_gap(void) { return budget.cost_ns / budget.part; }

void window_budget_forget(void) { budget.spent_ns = 0; }

/* Time that pays for what windows cost above their part: the first ones come sooner than it allows. */
static double debt_ns(double part) {
  double late = budget.spent_ns / part - profile_head()->sampled_cpu_ns;
  return late > 0 ? late : 0;
}

/* The mean gap that keeps what windows cost within the budget, less what gates cost that stay closed. */
static void control(double cost_ns, double passages, double length_ns) {
  double part = 1 / ++budget.windows, weight = part > SMOOTHING ? part : SMOOTHING;
  double left = budget.part - budget.gates_ns / length_ns;
  if (left < budget.part * LEAST_SHARE) left = budget.part * LEAST_SHARE;
  budget.cost_ns += weight * (cost_ns - budget.cost_ns);
  budget.gates_ns += weight * (passages * CLOSED_GATE - budget.gates_ns);
  double gap = budget.cost_ns / left - length_ns + debt_ns(left) * PAID_BACK;
  sampler_set_gap(gap < LONGEST_NS ? gap : LONGEST_NS);
}

void window_budget_note(const window_cost *one) {
  double cost = one->ticks / windows_ticks_per_ns() + OPENING_NS;
  double closed = one->passages * closed_gate_ns() * one->stands_for / one->length_ns;
  profile_head()->sampling_cost_ns += cost + one->sampler_ns + closed;
  profile_head()->gates_cost_ns += closed;
  budget.spent_ns += cost + one->sampler_ns;
  control(cost, one->last_passages, one->length_ns);
}
