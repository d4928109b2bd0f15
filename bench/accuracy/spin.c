/*
 * Operations of known duration: spinner(ns) makes a C function without arguments that keeps the CPU busy for ns
 * nanoseconds by its counter. Where the counter moves in steps, all of them would end right behind a step, and each
 * reading of the clock soon after would fall on the same side of the next one. So each call goes on for a random part
 * of `jitter` ticks by counting instructions: what is measured from outside has that in it, too.
 */
#include "../../native/clock.h"
#include "../../native/python_abi.h"

PyObject *PyCFunction_NewEx(PyMethodDef *, PyObject *, PyObject *);

static double ticks_per_ns = 1;
static uint32_t jitter;

static void measure_clock(void) {
  clock_init();
  clock_anchor first = clock_anchor_now(), last = first;
  while (last.ns - first.ns < 5000000) last = clock_anchor_now();
  ticks_per_ns = (double)(last.ticks - first.ticks) / (double)(last.ns - first.ns);
  jitter = (uint32_t)clock_step();
}

static PyObject *spin(PyObject *ticks, PyObject *unused) {
  (void)unused;
  static uint32_t random = 1;
  uint64_t start = clock_now(), duration = (uint64_t)PyLong_AsLong(ticks);
  while (clock_now() - start < duration) continue;
  random = random * 1664525u + 1013904223u;
  for (uint32_t left = (uint32_t)(((uint64_t)random * jitter) >> 32); left > 0; left--) __asm__ volatile("" : "+r"(left));
  Py_IncRef(Py_None);
  return Py_None;
}

static PyMethodDef spin_method = {"spin", spin, METH_NOARGS, NULL};

static PyObject *spinner(PyObject *module, PyObject *ns) {
  (void)module;
  PyObject *ticks = PyLong_FromLong((long)((double)PyLong_AsLong(ns) * ticks_per_ns));
  return ticks ? PyCFunction_NewEx(&spin_method, ticks, NULL) : NULL;
}

static PyMethodDef methods[] = {{"spinner", spinner, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static int start(PyObject *module) {
  (void)module;
  measure_clock();
  return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)(uintptr_t)start}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "accuracy_spin", NULL, 0, methods, slots, NULL, NULL, NULL};

__attribute__((visibility("default"))) PyObject *PyInit_accuracy_spin(void) { return PyModuleDef_Init(&definition); }
