"""Threads, locks, thread-locals, queues: the sums are right and nothing is mixed up."""
import concurrent.futures
import contextvars
import queue
import sys
import threading
import time

sys.setswitchinterval(1e-5)
local = threading.local()
lock = threading.Lock()
total = 0
variable = contextvars.ContextVar("variable", default=0)


def adds(count):
    global total
    for _ in range(count):
        with lock:
            total += 1


def keeps_local(number):
    local.value = number
    for _ in range(200):
        local.value = local.value + 1
        if local.value % 50 == 0:
            time.sleep(0)
    return local.value


def generator(number):
    for index in range(50):
        yield number * 1000 + index


def consumes(number):
    return sum(generator(number))


def raises(number):
    try:
        return 1 // (number % 2)
    except ZeroDivisionError as error:
        return f"{error} {number}"


def context(number):
    variable.set(number)
    return sum(variable.get() for _ in range(10))


def producer(out, count):
    for number in range(count):
        out.put(number)
    out.put(None)


def consumer(source, results):
    while (item := source.get()) is not None:
        results.append(item * item)


threads = [threading.Thread(target=adds, args=(500,)) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("total", total)
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(keeps_local, range(8))))
    print(list(pool.map(consumes, range(8))))
    print(list(pool.map(raises, range(4))))
    print([pool.submit(contextvars.copy_context().run, context, number).result() for number in range(4)])
channel, results = queue.Queue(5), []
workers = [threading.Thread(target=producer, args=(channel, 50)), threading.Thread(target=consumer, args=(channel, results))]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(sum(results), len(results), hasattr(local, "value"), variable.get())
condition, order = threading.Condition(), []


def turn(number):
    with condition:
        condition.wait_for(lambda: len(order) == number)
        order.append(number)
        condition.notify_all()


workers = [threading.Thread(target=turn, args=(number,)) for number in range(6)]
for worker in reversed(workers):
    worker.start()
for worker in workers:
    worker.join()
print(order, threading.active_count())


def traced():
    events = []

    def trace(frame, event, argument):
        if frame.f_code.co_name == "raises":
            events.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
        return trace

    threading.settrace(trace)
    worker = threading.Thread(target=raises, args=(3,))
    worker.start()
    worker.join()
    threading.settrace(None)
    return events


print(traced())
daemon = threading.Thread(target=lambda: [time.sleep(0.001) for _ in iter(int, 1)], daemon=True)
daemon.start()
print("done", daemon.is_alive())
