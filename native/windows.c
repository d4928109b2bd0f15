#define _GNU_SOURCE
#include "windows.h"

#include <string.h>

#include "control.h"
#include "preempted.h"
#include "sampler.h"
#include "window_budget.h"
#include "window_sites.h"
#include "window_totals.h"

enum {
  LENGTH_NS = 100000,  /* of a window */
  WARMING_NS = 120000, /* in which caches that its opening made cold become warm again */
  MOST_UNREAD = 32,    /* passages without reading the clock */
  LEAST_KNOWN = 8      /* passages that tell how frequent they are */
};

/* The first pairs of a window find the copy's code and the counters in no cache: they cost as much as so many more. */
static const double COLD_PAIRS = 100, COLD_COST = 300;
/* What a gate that is asked costs in a program, in what it costs in a row of gates: docs/explanation/sampling.md. */
static const double IN_PROGRAMS = 1.5;
static const double MOST_SPENT_NS = 50000;
static const double MOST_SLOWDOWN = 12; /* of what is timed */

uint64_t windows_pairs;

static struct {
  uint32_t gate; /* PROFILE_GATE_* */
  int on;
  uint64_t off_since; /* CPU time, while it is not */
  int must_start; /* the sampler, at the next passage */
  double length_ns;
  int is_started;
  uint64_t start_cpu_ns; /* without the time that it was off */
  uint64_t random;
  double passage, read; /* what one costs through an open gate, and if the clock is read at it, too, ticks */
  int reads_always;
} all;

/*
 * A window has two parts of equal length. In the first nothing is timed, but passages are counted; in the second what
 * passes is timed; before them, nothing is looked at, because the thread that opened the window may have taken the CPU and
 * its caches. What a pair of probes costs here and now is what makes passages as frequent in the one as in the other.
 */
typedef enum { CLOSED, WARMING_UP, COUNTING, TIMING } window_part;

/* The window that is open, or was last. */
static struct {
  sampler_window begun;
  window_part part;
  int counts;        /* 0 where sampling was switched off meanwhile */
  uint64_t opened;   /* when timing began, ticks */
  uint64_t start;    /* of the part, ticks; moved on by time in which the program did not run */
  uint64_t pairs;    /* windows_pairs when timing began */
  double timed;      /* pairs while it was open, as many as they cost */
  double paid;       /* what they were taken to cost, ticks */
  uint64_t passages; /* in the part */
  uint64_t counted;  /* in the part before: while timing, the first */
  double asked;      /* what asking gates is taken to cost in that, ticks */
  uint64_t reads;    /* of the clock, in the part */
  uint32_t unread;   /* passages before the next */
  uint64_t known;    /* of the passages, those up to the latest, */
  double known_ticks; /* and the program's time in the part until then */
  uint64_t spent;    /* ticks, in the part */
  double cost_before; /* of what is not the program's, ticks, in parts before it */
  double part_ns;    /* how long the part is, */
  double limit;      /* and in ticks */
  double length_ns;
  double pair, passage, read; /* what they are taken to cost, ticks */
  clockid_t thread;    /* CPU clock of the thread that passed first, */
  uint64_t thread_ns;  /* its time when the part began, and the process's */
  uint64_t process_ns;
  uint64_t own_cpu_ns;
} window;

void windows_init(void) {
  all.gate = windows_gate();
  all.length_ns = windows_number("PYREWRITE_BURST_US", LENGTH_NS / 1000.0) * 1000;
  all.on = control_is_on();
  all.random = clock_now() | 1;
  window_budget_init(all.length_ns);
}

static int start_sampler(void) {
  all.must_start = 0;
  if (all.gate != PROFILE_GATE_WINDOWS) return 1;
  return sampler_start(all.length_ns, window_budget_first_gap());
}

static void start(void) {
  profile_header_t *head = profile_head();
  head->gate = all.gate;
  head->sampling_budget = window_budget();
  if (!all.is_started) all.start_cpu_ns = all.off_since = sampler_cpu_ns();
  all.is_started = 1;
  if (all.gate == PROFILE_GATE_WINDOWS) start_sampler();
  else sampler_turn(all.gate != PROFILE_GATE_SHUT && all.on);
}

int windows_add(uint32_t first_number, uint32_t count, recorder_site *(*site_at)(void *, uint32_t), void *sites,
                profile_window_site_t *first_sums) {
  if (!window_sites_add(first_number, count, site_at, sites, first_sums)) return 0;
  start();
  return 1;
}

/* Pairs of the part, as many as they cost. */
static double pairs_paid(void) {
  double pairs = (double)(windows_pairs - window.pairs);
  return pairs + COLD_COST * (pairs < COLD_PAIRS ? pairs / COLD_PAIRS : 1);
}

/* Ticks that passages of the part took which were asked. */
static double asking_ticks(void) {
  return (double)window.passages * window.passage + (double)window.reads * window.read;
}

/* Ticks of the part that are not the program's. */
static double cost_ticks(void) {
  double pairs = window.part == TIMING || window.part == CLOSED ? pairs_paid() : 0;
  return pairs * window.pair + asking_ticks() + (double)window.spent;
}

static void note_time(void) {
  uint64_t now = all.on ? sampler_cpu_ns() : all.off_since;
  profile_head()->sampled_cpu_ns = (double)(now - all.start_cpu_ns);
}

static double add_window(double stands_for) {
  return window_totals_add(&(window_result){.stands_for = stands_for,
                                            .length_ns = window.length_ns,
                                            .counted = window.counted,
                                            .asked_ns = window.asked / windows_ticks_per_ns(),
                                            .passed = window.passages,
                                            .pairs = window.timed,
                                            .paid = window.paid});
}

static void note_cost(double stands_for) {
  window_budget_note(&(window_cost){.ticks = cost_ticks() + window.cost_before,
                                    .sampler_ns = (double)(window.begun.own_cpu_ns - window.own_cpu_ns),
                                    .passages = (double)(window.passages + window.counted) / 2,
                                    .last_passages = (double)window.passages,
                                    .stands_for = stands_for,
                                    .length_ns = window.length_ns});
  window.own_cpu_ns = window.begun.own_cpu_ns;
}

/* Adds the latest window to the sums, and begins to count for the next one. */
static void fold(void) {
  double stands_for = window.begun.gap_ns + window.length_ns;
  double share = window.counts ? add_window(stands_for) : 0;
  window_sites_fold(window.counts, share, stands_for / window.length_ns);
  note_time();
  if (window.counts) note_cost(stands_for);
}

/* What the calling thread has run, as far as can be told, since the window's thread was noted. */
static double thread_ns(void) { return clock_since(clock_ns(CLOCK_THREAD_CPUTIME_ID), window.thread_ns); }

static void note_thread(double ran_ns) {
  window.thread = sampler_thread();
  window.thread_ns = clock_before(clock_ns(CLOCK_THREAD_CPUTIME_ID), ran_ns);
  window.process_ns = sampler_cpu_ns();
}

/* When the window began, in the time of the program: the thread may have waited for the CPU since, or for something else. */
static void find_start(const sampler_window *next) {
  uint64_t ticks = clock_now();
  double rate = windows_ticks_per_ns(), since = (double)(ticks - next->ticks) / rate;
  if (next->thread_ns && next->thread == sampler_thread()) {
    double ran = (double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - next->thread_ns);
    if (ran < since) since = ran;
  }
  window.start = ticks - (uint64_t)(since * rate);
  note_thread(since);
}

static void set_part(window_part part, double ns) {
  window.part = part;
  window.part_ns = ns;
  window.limit = ns * windows_ticks_per_ns();
}

static void begin(const sampler_window *next) {
  uint64_t arrived = clock_now();
  fold();
  if (all.on) window_totals_add_missed(next, all.length_ns);
  uint64_t own = window.own_cpu_ns;
  memset(&window, 0, sizeof window);
  window.begun = *next;
  window.own_cpu_ns = next->own_cpu_ns > own ? own : 0;
  find_start(next);
  window.length_ns = all.length_ns;
  set_part(WARMING_UP, WARMING_NS);
  window.pairs = windows_pairs;
  window.pair = window_totals_pair();
  window.passage = (all.passage + window_budget_detour()) * IN_PROGRAMS;
  window.read = all.read;
  window.counts = all.on;
  windows_spend(clock_now() - arrived);
}

/* ---- passages */

static void end(uint64_t cpu_ns) {
  window.part = CLOSED;
  window.unread = 0;
  sampler_end(window.begun.number, cpu_ns);
}

/* What the program has run since the part began. The process's clock is late by up to a tick of what runs now. */
static double ran_ns(double all_ns) {
  clockid_t passing = window.thread;
  if (sampler_thread() == passing) return thread_ns();
  double process = clock_since(sampler_cpu_ns(), window.process_ns);
  double ran = process < all_ns ? process : all_ns;
  note_thread(ran);
  return ran;
}

/*
 * By the clock the part is over; but the thread may not have run all the time, or others with it. Windows are intervals
 * of the process's CPU time.
 */
static int is_over(double *passed) {
  double rate = windows_ticks_per_ns(), all_ns = clock_since(clock_now(), window.start) / rate;
  double ran = ran_ns(all_ns);
  if (ran > all_ns) ran = all_ns;
  *passed -= all_ns - ran;
  if (*passed >= window.part_ns * 15 / 16) return 1;
  window.start += (uint64_t)((all_ns - ran) * rate);
  return 0;
}

static void prepare_timing(void) {
  uint64_t start = clock_now();
  window_sites_fetch();
  preempted_watch();
  windows_spend(clock_now() - start);
}

/*
 * The next part begins where the last ended, not where somebody notices. Of passages since the clock was read, as many are
 * its own as there is of it in that time; what it times begins behind the latest.
 */
static void begin_part(window_part part, double late_ns) {
  double rate = windows_ticks_per_ns(), late = late_ns * rate, since = window.limit + late - window.known_ticks;
  uint64_t unsure = window.passages - window.known;
  uint64_t after = late <= 0 ? 0 : since > late ? (uint64_t)((double)unsure * late / since) : unsure;
  if (part == TIMING && after > 0) late = since / (double)(unsure + 1);
  window.passages -= after;
  window.counted = window.passages;
  window.asked = asking_ticks();
  window.cost_before += window.asked + (double)window.spent;
  set_part(part, window.length_ns);
  window.start = clock_before(clock_now(), late);
  note_thread(late / rate);
  window.passages = part == COUNTING ? after : 0;
  window.known = window.reads = window.spent = 0;
  window.known_ticks = 0;
  window.pairs = windows_pairs;
  if (part == TIMING) window.opened = clock_now();
}

/* Ticks of the program in the part. Whatever probes are taken to cost, a window ends. */
static double passed_ticks(void) {
  double ticks = clock_since(clock_now(), window.start), left = ticks - cost_ticks();
  return left < ticks / MOST_SLOWDOWN ? ticks / MOST_SLOWDOWN : left;
}

static void end_timing(double passed) {
  double ticks = clock_since(clock_now(), window.start) - passed * windows_ticks_per_ns();
  window.timed = pairs_paid();
  if (window.timed > 0) window.paid = ticks - asking_ticks() - (double)window.spent;
  end(sampler_cpu_ns());
}

static void end_part(double passed) {
  if (!is_over(&passed)) return;
  if (!window.counts) {
    end(sampler_cpu_ns());
    return;
  }
  while (window.part != TIMING) {
    double late = passed - window.part_ns;
    begin_part(window.part + 1, late);
    if (late < window.part_ns) {
      if (window.part == TIMING) prepare_timing();
      return;
    }
    passed = late;
  }
  end_timing(passed);
}

/* Reading the clock takes longer than the rest of a passage. While nothing is timed, and the end is far, it can wait. */
static void plan_reading(double passed) {
  window.known = window.passages;
  window.known_ticks = passed;
  if (window.part == TIMING || window.passages < LEAST_KNOWN || passed <= 0 || all.reads_always) return;
  double passages = (double)window.passages, far = (window.limit - passed) / passed * passages / 4;
  if (far > passages) far = passages;
  if (far < 1) return; /* or below zero: the part is over, and that the thread has not run so long was found late */
  window.unread = far < MOST_UNREAD ? (uint32_t)far : MOST_UNREAD;
}

static int is_in_window(void) {
  if (window.part == CLOSED) return 0;
  window.reads++;
  double passed = passed_ticks();
  if (__builtin_expect(passed >= window.limit, 0)) {
    end_part(passed / windows_ticks_per_ns());
    if (window.part == CLOSED) return 0;
    passed = passed_ticks();
  }
  window.passages++;
  plan_reading(passed);
  return window.part == TIMING;
}

/* A window that was open at a fork ends now, uncounted: with a shut gate it would not, and no other begins before it has. */
static void start_again(void) {
  window.counts = 0;
  if (window.part != CLOSED) end(sampler_cpu_ns());
  sampler_turn(0);
  start_sampler();
}

static int by_windows(void) {
  if (window.unread) {
    window.unread--;
    window.passages++;
    return 0;
  }
  if (all.must_start) {
    start_again();
    return 0;
  }
  sampler_window next;
  if (sampler_take(window.begun.number, &next)) {
    if (recorder_ready()) {
      if (control_is_asked()) control_obey();
      begin(&next);
    }
    if (window.part == CLOSED) sampler_end(next.number, sampler_cpu_ns());
  }
  return is_in_window();
}

int windows_pass(void) {
  switch (all.gate) {
    case PROFILE_GATE_WINDOWS:
      return by_windows();
    case PROFILE_GATE_RANDOM:
      return all.on && recorder_ready() && sampler_uniform(&all.random) < 0.5;
    default:
      return all.on && all.gate == PROFILE_GATE_OPEN && recorder_ready();
  }
}

void windows_set_passage(double unread, double read) {
  all.read = (read - unread) * (MOST_UNREAD + 1) / MOST_UNREAD;
  if (all.read < 0) all.read = 0;
  all.passage = read - all.read;
}

/* As in the first part of a window that does not end. */
void windows_rehearse(int on, int reads_always) {
  static uint32_t gate;
  if (on) gate = all.gate;
  all.reads_always = reads_always;
  all.gate = on ? PROFILE_GATE_WINDOWS : gate;
  memset(&window, 0, sizeof window);
  window.part = on ? COUNTING : CLOSED;
  window.start = clock_now();
  window.length_ns = window.part_ns = window.limit = on ? 1e15 : 0;
}

uint64_t windows_start(void) { return all.gate == PROFILE_GATE_WINDOWS ? window.opened : 0; }

/* What takes longer was put off the CPU meanwhile. */
void windows_spend(uint64_t ticks) {
  uint64_t most = (uint64_t)(MOST_SPENT_NS * windows_ticks_per_ns());
  window.spent += ticks < most ? ticks : most;
}

int windows_may_look(void) { return all.gate == PROFILE_GATE_WINDOWS && window.part == WARMING_UP; }

int windows_is_first_passage(void) { return window.passages == 1; }

void windows_open(uint32_t number) {
  profile_window_site_t *site = windows_sums(number);
  if (!site) return;
  double stands_for = window.begun.gap_ns + window.length_ns;
  site->open_sum += stands_for;
  site->open_squares += stands_for * stands_for;
}

/* ---- on and off, forks, the end */

/* What is in the window that is open then is not counted: it did not last as long as it should. */
void windows_switch(int on) {
  if (all.on == on) return;
  all.on = on;
  if (!all.is_started) return;
  uint64_t now = sampler_cpu_ns();
  if (on) all.start_cpu_ns += now - all.off_since;
  all.off_since = now;
  window.counts = 0;
  if (all.gate != PROFILE_GATE_WINDOWS) sampler_turn(on && all.gate != PROFILE_GATE_SHUT);
  else if (window.part != CLOSED) end(now);
}

void windows_finish(void) {
  if (!all.is_started) return;
  sampler_stop();
  sampler_turn(0);
  if (profile_get_state() != PROFILE_OPEN || all.gate != PROFILE_GATE_WINDOWS) return;
  if (window.part != CLOSED) window.counts = 0; /* it did not last as long as it should */
  fold();
  window.counts = 0;
  window.unread = 0;
  if (window.part != CLOSED) end(sampler_cpu_ns());
}

void windows_before_fork(void) {
  all.must_start |= sampler_is_running();
  sampler_stop();
}

/* The next passage starts the sampler again. */
void windows_after_fork(int is_child) {
  if (!all.is_started) return;
  if (is_child) {
    sampler_fork_child();
    memset(&window, 0, sizeof window);
    window_totals_forget();
    window_budget_forget();
    window_sites_forget();
    all.start_cpu_ns = all.off_since = 0; /* as the child's CPU clock */
  }
  if (all.must_start) sampler_turn(1);
}
