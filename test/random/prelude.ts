/** Python helpers that programs use; a program has only those that it names. */

interface Helper {
  readonly name: string;
  readonly source: string;
}

const HELPERS: readonly Helper[] = [
  { name: 'suppress', source: 'from contextlib import suppress' },
  { name: 'contextmanager', source: 'from contextlib import contextmanager' },
  { name: 'asyncio', source: 'import asyncio' },
  { name: 'functools', source: 'import functools' },
  { name: 'sys', source: 'import sys' },
  { name: 'threading', source: 'import threading' },
  { name: 'traceback', source: 'import traceback' },
  { name: 'weakref', source: 'import weakref' },
  { name: 'Err', source: 'class Err(Exception):\n    pass' },
  {
    name: 'Box',
    source: `class Box:
    y = 7

    def __init__(self, x=0):
        self.x = x

    @property
    def p(self):
        return self.x + 1

    def __contains__(self, v):
        return v == self.x

    def __add__(self, v):
        return self.x + v

    def __getitem__(self, i):
        if not isinstance(i, int) or i > 2:
            raise IndexError(i)
        return self.x + i

    def __setitem__(self, i, v):
        self.x = v

    def __call__(self, v=0):
        return self.x - v

    def __len__(self):
        return 2

    def __neg__(self):
        return -self.x

    __abs__ = __index__ = __neg__

    def __lt__(self, v):
        return self.x < v

    def __radd__(self, v):
        return v - self.x

    def __enter__(self):
        return self.x

    def __exit__(self, *exc):
        print('box', exc[0])
        return self.x == 1

    def m(self, v=0):
        return self.x + v`,
  },
  {
    name: 'M',
    source: `class M:
    def __init__(self, tag, way):
        self.tag, self.way = tag, way

    def __enter__(self):
        print('enter', self.tag)
        return self.tag

    def __exit__(self, kind, value, tb):
        print('exit', self.tag, kind, tb and tb.tb_lineno)
        if self.way == 2:
            raise Err(self.tag)
        return self.way == 1`,
  },
  {
    name: 'AM',
    source: `class AM:
    def __init__(self, tag, way):
        self.tag, self.way = tag, way

    async def __aenter__(self):
        await Wait(1)
        return self.tag

    async def __aexit__(self, kind, value, tb):
        print('aexit', self.tag, kind, tb and tb.tb_lineno)
        if self.way != 3:
            await Wait(2)
        if self.way == 2:
            raise Err(self.tag)
        return self.way == 1`,
  },
  {
    name: 'cm',
    source: `@contextmanager
def cm(tag, way):
    print('enter', tag)
    try:
        yield tag
    except Exception as e:
        print('caught', tag, repr(e))
        if way != 1:
            raise
    finally:
        print('exit', tag)`,
  },
  {
    name: 'Wait',
    source: `class Wait:
    def __init__(self, n):
        self.n = n

    def __await__(self):
        return (yield self.n) or self.n`,
  },
  {
    name: 'ticker',
    source: `class ticker:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n <= 0:
            raise StopAsyncIteration
        self.n -= 1
        return await Wait(self.n)`,
  },
  {
    name: 'run',
    source: `def run(coroutine, turns=9):
    try:
        while turns:
            print('waits', coroutine.send(None))
            turns -= 1
        coroutine.throw(Err('late'))
        coroutine.close()
    except StopIteration as e:
        return e.value or 0
    return turns`,
  },
  {
    name: 'total',
    source: `async def total(items):
    result = 0
    async for item in items:
        result += item or 0
    return result`,
  },
  {
    name: 'drive',
    source: `def drive(items, steps):
    it = iter(items)
    for step in steps:
        try:
            if step is None:
                value = next(it)
            elif step == 'close':
                value = it.close()
            elif isinstance(step, int):
                value = it.send(step)
            else:
                value = it.throw(step)
            print('->', value)
        except BaseException as e:
            print('->', repr(e), repr(e.__cause__), repr(e.__context__))`,
  },
  {
    name: 'few',
    source: `def few(items):
    result = []
    for item in items:
        result.append(item)
        if len(result) == 3:
            break
    return result`,
  },
  {
    name: 'OPERATIONS',
    source: `OPERATIONS = (
    lambda o: o.m(1),
    lambda o: o.p,
    lambda o: o.y,
    lambda o: o + 1,
    lambda o: 1 + o,
    lambda o: -abs(o),
    lambda o: o[0] + o[1],
    lambda o: o[0:1],
    lambda o: o(1),
    lambda o: 1 in o,
    lambda o: o == 1 or o < 2,
    lambda o: len(o),
    lambda o: not o,
    lambda o: hash(o) and 0,
    lambda o: f'{o:a}' and str(o) and 0,
    lambda o: sum(few(o)),
    lambda o: [0, 1, 2, 3][o],
)`,
  },
  {
    name: 'exercise',
    source: `def exercise(kind):
    for operation in OPERATIONS:
        try:
            print('-', operation(kind(1)))
        except BaseException as e:
            print('-', repr(e))
    try:
        o = kind(2)
        o += 1
        o[0] = 2
        del o[0]
        o.x = 3
        o.p = 4
        del o.x
    except BaseException as e:
        print('-', repr(e))
    try:
        with kind(1) as x:
            print(x)
            raise Err(x)
    except BaseException as e:
        print('-', repr(e))`,
  },
  { name: 'boom', source: 'def boom(n):\n    raise (Err, KeyError, StopIteration, ValueError)[n & 3](n)' },
  {
    name: 'tb',
    source: "def tb(e):\n    print(''.join(traceback.format_exception(type(e), e, e.__traceback__)))",
  },
  {
    name: 'watch',
    source: "def watch(o, seen=[]):\n    seen.append(weakref.ref(o, lambda r: print('gone')))",
  },
  {
    name: 'deco',
    source: `def deco(f):
    if isinstance(f, type):
        return f

    @functools.wraps(f)
    def inner(*args, **kw):
        print('call', f.__name__, sorted(kw))
        return f(*args, **kw)

    return inner`,
  },
  {
    name: 'trace',
    source: `def trace(frame, event, arg):
    if frame.f_code.co_filename != __file__:
        return None
    shown = arg[0].__name__ if event == 'exception' else arg if isinstance(arg, (int, str)) else type(arg).__name__
    print('#', event, frame.f_code.co_name, frame.f_lineno, shown)
    return trace`,
  },
  {
    name: 'profile',
    source: `def profile(frame, event, arg):
    if frame.f_code.co_filename != __file__:
        return
    shown = arg.__name__ if event[:2] == 'c_' else arg if isinstance(arg, (int, str)) else type(arg).__name__
    print('#', event, frame.f_code.co_name, frame.f_lineno, shown)`,
  },
  {
    name: 'monitor',
    source: `def monitor():
    events = sys.monitoring.events
    here = monitor.__code__.co_filename

    def line_of(code, offset):
        if offset < 0:
            return None
        return next((line for start, end, line in code.co_lines() if start <= offset < end), None)

    def watch_event(name):
        def seen(code, *args):
            if code.co_filename != here:
                return
            # an exception that a probe passed on leaves from its handler, which has no line
            shown = [args[0] if name == 'LINE' else None if name == 'PY_UNWIND' else line_of(code, args[0])]
            if name in ('BRANCH', 'JUMP', 'BRANCH_LEFT', 'BRANCH_RIGHT'):
                shown.append(line_of(code, args[1]))
            elif name in ('CALL', 'C_RAISE', 'C_RETURN'):
                shown.append(getattr(args[1], '__name__', type(args[1]).__name__))
            elif len(args) > 1:
                shown.append(args[1] if isinstance(args[1], (int, str)) else type(args[1]).__name__)
            print('#', name, code.co_name, *shown)
        return seen

    sys.monitoring.use_tool_id(4, 'random')
    chosen = 0
    for name in MONITORED:
        if hasattr(events, name):
            sys.monitoring.register_callback(4, getattr(events, name), watch_event(name))
            chosen |= getattr(events, name) if name[:2] != 'C_' else 0
    sys.monitoring.set_events(4, chosen)`,
  },
  {
    name: 'MONITORED',
    source: `MONITORED = """LINE BRANCH BRANCH_LEFT BRANCH_RIGHT JUMP CALL C_RAISE C_RETURN PY_START PY_RESUME PY_RETURN
PY_YIELD PY_UNWIND PY_THROW RAISE STOP_ITERATION""".split()`,
  },
];

/** How programs are watched while they run; as many as Program.mode has values. */
const MODES: readonly string[] = [
  '',
  '',
  '',
  'sys.settrace(trace)\nsys._getframe().f_trace = trace',
  'sys.settrace(trace)',
  '',
  'sys.setprofile(profile)',
  'monitor()',
];

/** The statements that start watching. */
export function watching(mode: number, minor: number): string {
  const text = MODES[mode];
  return text.startsWith('monitor') && minor < 12 ? MODES[3] : text;
}

/** The helpers that a text names, and those that they name, in their fixed order. */
export function helpersFor(text: string): string {
  const wanted = new Set<Helper>();
  const want = (source: string): void => {
    for (const helper of HELPERS) {
      if (wanted.has(helper) || !new RegExp(`\\b${helper.name}\\b`).test(source)) continue;
      wanted.add(helper);
      want(helper.source);
    }
  };
  want(text);
  return HELPERS.filter((helper) => wanted.has(helper))
    .map(({ source }) => source)
    .join('\n');
}
