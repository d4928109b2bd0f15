/*
 * Operations of known duration: spinner(ns) makes a C function without arguments that counts down, one step a cycle of
 * the CPU, for about ns nanoseconds. It reads no clock: where the clock moves in steps, a loop that waits for it ends
 * right behind a step, and whoever reads it soon after sees an operation of another duration than there was.
 */
#include "../../native/clock.h"
#include "../../native/python_abi.h"

PyObject *PyCFunction_NewEx(PyMethodDef *, PyObject *, PyObject *);

static double steps_per_ns;

static void count_down(uint64_t steps) {
  while (steps > 0) {
    __asm__ volatile("" : "+r"(steps));
    steps--;
  }
}

/* The best of several: others were interrupted. */
static void measure_speed(void) {
  enum { STEPS = 1000000, TRIES = 20 };
  for (int i = 0; i < TRIES; i++) {
    uint64_t start = clock_ns(CLOCK_MONOTONIC);
    count_down(STEPS);
    double speed = STEPS / (double)(clock_ns(CLOCK_MONOTONIC) - start);
    if (speed > steps_per_ns) steps_per_ns = speed;
  }
}

static PyObject *spin(PyObject *steps, PyObject *unused) {
  (void)unused;
  count_down((uint64_t)PyLong_AsLong(steps));
  Py_IncRef(Py_None);
  return Py_None;
}

static PyMethodDef spin_method = {"spin", spin, METH_NOARGS, NULL};

static PyObject *spinner(PyObject *module, PyObject *ns) {
  (void)module;
  PyObject *steps = PyLong_FromLong((long)((double)PyLong_AsLong(ns) * steps_per_ns));
  return steps ? PyCFunction_NewEx(&spin_method, steps, NULL) : NULL;
}

static PyMethodDef methods[] = {{"spinner", spinner, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static int start(PyObject *module) {
  (void)module;
  measure_speed();
  return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)(uintptr_t)start}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "accuracy_spin", NULL, 0, methods, slots, NULL, NULL, NULL};

__attribute__((visibility("default"))) PyObject *PyInit_accuracy_spin(void) { return PyModuleDef_Init(&definition); }
