#define _GNU_SOURCE
#include "sampler.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum {
  TICK_NS = 4000000,      /* of the scheduler, which looks at CPU timers: they come up to this late */
  FIRST_GAP_NS = 500000,
  LEAST_GAP_NS = 1000000,
  STACK_BYTES = 128 << 10,
  LOOKS = 400,            /* whether a thread is still listed: 1 s in all */
  FIRST_LOOK_NS = 20000,
  LAST_LOOK_NS = 5000000
};

static const double GROWTH = 1.5; /* of the gaps at the start */

static _Atomic(intptr_t) nothing;
_Atomic(intptr_t) *sampler_gate = &nothing;
void (*sampler_follow)(int open);

static void follow(int open) {
  if (sampler_follow) sampler_follow(open);
}

void sampler_turn(int open) {
  atomic_store(sampler_gate, open);
  follow(open);
}

static struct {
  pthread_mutex_t mutex; /* of `latest`, `ended` and the gate */
  sampler_window latest;
  uint64_t ended; /* number of the latest window that has ended */
  uint64_t ended_cpu_ns;
  _Atomic(int) stop;
  _Atomic(intptr_t) gap_ns;
  double length_ns;
  double ramp_ns;
  int is_running;
  int signal;
  pthread_t thread;
  uint64_t random;
  int timer;
  int has_timer;
} sampler = {.mutex = PTHREAD_MUTEX_INITIALIZER};

uint64_t sampler_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

double sampler_uniform(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (double)((*state * 0x2545F4914F6CDD1Du) >> 11) * 0x1p-53;
}

/* Von Neumann's way, which needs no logarithm. */
double sampler_exponential(uint64_t *state) {
  for (double whole = 0;; whole++) {
    double first = sampler_uniform(state), last = first, next;
    unsigned falls = 1;
    while ((next = sampler_uniform(state)) < last) {
      last = next;
      falls++;
    }
    if (falls % 2) return whole + first;
  }
}

/* ---- waiting. The thread has blocked all signals; its own one ends a wait, whatever the program does with it. */

/* By system calls: before glibc 2.34 the functions are in a library that nothing else here needs. */
static void make_timer(void) {
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = sampler.signal;
  event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
  sampler.has_timer = syscall(SYS_timer_create, CLOCK_PROCESS_CPUTIME_ID, &event, &sampler.timer) == 0;
}

/* `ns` < 0: for ever. */
static void wait_signal(int64_t ns) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, sampler.signal);
  struct timespec time = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
  if (ns < 0) sigwaitinfo(&set, NULL);
  else sigtimedwait(&set, NULL, &time);
}

static void wait_cpu(uint64_t until_ns) {
#ifdef SYS_timer_settime
  long times[4] = {0, 0, (long)(until_ns / 1000000000), (long)(until_ns % 1000000000)};
  if (sampler.has_timer && syscall(SYS_timer_settime, sampler.timer, TIMER_ABSTIME, times, NULL) == 0) {
    wait_signal(-1);
    return;
  }
#else
  (void)until_ns;
#endif
  wait_signal(TICK_NS * 10);
}

/*
 * CPU timers come at ticks of the scheduler. So the last part is waited for by the wall's clock; if meanwhile the
 * program stood still, by the CPU's again.
 */
static int wait_until(uint64_t target) {
  while (!atomic_load(&sampler.stop)) {
    uint64_t now = sampler_cpu_ns();
    if (now >= target) return 1;
    uint64_t left = target - now;
    if (left > TICK_NS * 3 / 2) {
      wait_cpu(target - TICK_NS);
      continue;
    }
    wait_signal((int64_t)left);
    /* What ended the wait may have been the signal to stop: another does not come. */
    if (!atomic_load(&sampler.stop) && sampler_cpu_ns() - now < left / 8) wait_cpu(target - left / 2);
  }
  return 0;
}

/* ---- windows */

static _Atomic(clockid_t) passing; /* CPU clock of the thread that passed a gate; 0 = none yet */
static _Atomic(uint64_t) newest; /* number of the latest */

static double next_gap(void) {
  double gap = (double)atomic_load(&sampler.gap_ns);
  if (sampler.ramp_ns >= gap) return gap;
  double first = sampler.ramp_ns;
  sampler.ramp_ns *= GROWTH;
  return first;
}

static _Atomic(uint64_t) taken;

/* The owner of the gate has not taken the latest; and never will, for who begins the next one has the mutex. */
static void note_missed(void) {
  sampler_window *w = &sampler.latest;
  if (w->number == 0 || atomic_load(&taken) == w->number) return;
  double stands_for = w->gap_ns + sampler.length_ns;
  w->missed++;
  w->missed_sum += stands_for;
  w->missed_squares += stands_for * stands_for;
}

static void begin_window(double gap) {
  struct timespec own;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &own);
  follow(1); /* before the window begins, since it may take a while */
  pthread_mutex_lock(&sampler.mutex);
  note_missed();
  sampler_window *w = &sampler.latest;
  w->number++;
  w->gap_ns = gap;
  w->own_cpu_ns = (uint64_t)own.tv_sec * 1000000000u + (uint64_t)own.tv_nsec;
  w->cpu_ns = sampler_cpu_ns();
  w->thread = atomic_load(&passing);
  struct timespec its;
  int is_known = w->thread && clock_gettime(w->thread, &its) == 0; /* it may be gone */
  w->thread_ns = is_known ? (uint64_t)its.tv_sec * 1000000000u + (uint64_t)its.tv_nsec : 0;
  w->ticks = clock_now();
  atomic_store(&newest, w->number);
  sampler_turn(1);
  pthread_mutex_unlock(&sampler.mutex);
}

/*
 * When the latest window ended; one that nobody saw has ended by itself. While one is open the next is not begun: it ends
 * at the next passage, before which there is nothing to be seen.
 */
static uint64_t end_of_latest(uint64_t known) {
  pthread_mutex_lock(&sampler.mutex);
  sampler_window *w = &sampler.latest;
  uint64_t end = w->cpu_ns + (uint64_t)sampler.length_ns;
  if (w->number == 0) end = known;
  else if (sampler.ended == w->number) end = sampler.ended_cpu_ns;
  else if (atomic_load(&taken) == w->number) end = sampler_cpu_ns();
  pthread_mutex_unlock(&sampler.mutex);
  return end;
}

/* The thread's number, by which the system lists it. */
static _Atomic(long) listed;

static void *run(void *unused) {
  (void)unused;
#ifdef SYS_gettid
  atomic_store(&listed, syscall(SYS_gettid));
#endif
  make_timer();
  uint64_t end = sampler_cpu_ns();
  for (;;) {
    double gap = next_gap();
    uint64_t wait = (uint64_t)(gap * sampler_exponential(&sampler.random));
    uint64_t target = end + wait;
    while (wait_until(target) && (end = end_of_latest(end)) + wait > target) target = end + wait;
    if (atomic_load(&sampler.stop)) break;
    begin_window(gap);
    end = sampler_cpu_ns() + (uint64_t)sampler.length_ns;
  }
#ifdef SYS_timer_delete
  if (sampler.has_timer) syscall(SYS_timer_delete, sampler.timer);
#endif
  return NULL;
}

clockid_t sampler_thread(void) {
  clockid_t clock = 0;
  if (pthread_getcpuclockid(pthread_self(), &clock) != 0) clock = 0;
  atomic_store(&passing, clock);
  return clock;
}

int sampler_take(uint64_t known, sampler_window *window) {
  if (atomic_load_explicit(&newest, memory_order_acquire) <= known) return 0;
  pthread_mutex_lock(&sampler.mutex);
  int is_new = sampler.latest.number > known;
  if (is_new) {
    *window = sampler.latest;
    atomic_store(&taken, window->number);
    sampler.latest.missed = 0;
    sampler.latest.missed_sum = sampler.latest.missed_squares = 0;
  }
  pthread_mutex_unlock(&sampler.mutex);
  return is_new;
}

void sampler_end(uint64_t number, uint64_t cpu_ns) {
  pthread_mutex_lock(&sampler.mutex);
  if (sampler.latest.number == number) {
    sampler.ended = number;
    sampler.ended_cpu_ns = cpu_ns;
    sampler_turn(0);
  }
  pthread_mutex_unlock(&sampler.mutex);
}

void sampler_set_gap(double gap_ns) {
  atomic_store(&sampler.gap_ns, (intptr_t)(gap_ns < LEAST_GAP_NS ? LEAST_GAP_NS : gap_ns));
}

static int create(void) {
  pthread_attr_t attributes;
  sigset_t all, old;
  if (pthread_attr_init(&attributes) != 0) return 0;
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  sigfillset(&all);
  sigdelset(&all, SIGSEGV);
  sigdelset(&all, SIGBUS);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  /* What programs keep for each thread may not leave room in a small one. */
  int done = pthread_create(&sampler.thread, &attributes, run, NULL) == 0 ||
             pthread_create(&sampler.thread, NULL, run, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  pthread_attr_destroy(&attributes);
  return done;
}

int sampler_start(double length_ns, double gap_ns) {
  if (sampler.is_running) return 1;
  if (!sampler.random) {
    sampler.random = clock_now() ^ (uint64_t)getpid() << 32 ^ 0x9E3779B97F4A7C15u;
    sampler.ramp_ns = FIRST_GAP_NS;
    sampler.signal = SIGRTMAX;
  }
  sampler.length_ns = length_ns;
  sampler_set_gap(gap_ns);
  atomic_store(&sampler.stop, 0);
  sampler.is_running = create();
  return sampler.is_running;
}

/*
 * A thread that was joined is listed for a moment more, and whoever counts threads then would count it. On a busy
 * machine the moment is as long as it takes until the thread gets a CPU once more.
 */
static void wait_until_unlisted(void) {
  char path[64];
  long number = atomic_exchange(&listed, 0);
  struct timespec moment = {0, FIRST_LOOK_NS};
  if (number == 0) return;
  snprintf(path, sizeof path, "/proc/self/task/%ld", number);
  for (int i = 0; i < LOOKS && access(path, F_OK) == 0; i++) {
    nanosleep(&moment, NULL);
    if (i > LOOKS / 2) moment.tv_nsec = LAST_LOOK_NS;
  }
}

void sampler_stop(void) {
  if (!sampler.is_running) return;
  atomic_store(&sampler.stop, 1);
  pthread_kill(sampler.thread, sampler.signal);
  pthread_join(sampler.thread, NULL);
  wait_until_unlisted();
  sampler.is_running = 0;
}

void sampler_fork_child(void) {
  uint64_t number = sampler.latest.number;
  memset(&sampler, 0, sizeof sampler);
  pthread_mutex_init(&sampler.mutex, NULL);
  sampler.latest.number = sampler.ended = number;
  atomic_store(&taken, number);
}

int sampler_is_running(void) { return sampler.is_running; }
