/** The methods that parents.ts calls, each doing one thing again and again, and what runs them. */

/** What a method does, by name: lines of its body. */
export const KINDS: Readonly<Record<string, readonly string[]>> = {
  instance: ['self.x'],
  slot: ['s.x'],
  class: ['self.K'],
  'bound method': ['self.m'],
  property: ['self.p'],
  __getattr__: ['o.nope'],
  method: ['self.m()'],
  function: ['f0()'],
  'function of two': ['f2(1, 2)'],
  append: ['L.append(1)'],
  len: ['len(T)'],
  float: ['float(u)'],
  round: ['round(d, 3)'],
  'int + int': ['a + a'],
  'float * float': ['d * d'],
  'str % str': ["'%s!' % u"],
  'in tuple': ['1 in T'],
  'in dict': ['1 in D'],
  'hasattr, there': ["hasattr(self, 'x')"],
  'hasattr, not': ["hasattr(self, 'zzz')"],
  'hasattr, raises': ["hasattr(r, 'zzz')"],
  'raise, caught': ['try: raise E', 'except E: pass'],
  'missing, caught': ['try: self.zzz', 'except AttributeError: pass'],
  'new object': ['C()'],
  'for loop': ['for _ in T: pass'],
  mixture: ['self.x + self.K', 'f0()', 'self.m()', '1 in T'],
};

/** Times that a method's body has these lines. */
export const TIMES = 20;

/** Times that a method is called in a round. */
export const CALLS = 300;

/** The function that calls the method of a kind. */
export function callerOf(kind: string): string {
  return `call_${Object.keys(KINDS).indexOf(kind)}`;
}

/** The method of a kind. */
export function methodOf(kind: string): string {
  return `go_${Object.keys(KINDS).indexOf(kind)}`;
}

function textOf(kind: string, lines: readonly string[]): string {
  const body = Array.from({ length: TIMES }, () => lines.map((line) => `        ${line}\n`).join('')).join(
    '',
  );
  const parameters =
    "a=1000, d=2.5, T=(1, 2, 3), D={1: 1}, u='1.5', C=Empty, s=Slotted(), r=Raises(), o=Answers()";
  return `
class Does_${methodOf(kind)}(Plain):
    def ${methodOf(kind)}(self, ${parameters}):
        L = []
${body}

def ${callerOf(kind)}(n, o):
    go = o.${methodOf(kind)}
    for _ in n: go()
`;
}

/** The source of the module with all of them. */
export function moduleText(): string {
  return `
class E(Exception): pass
class Empty: pass
class Slotted:
    __slots__ = ('x',)
    def __init__(self): self.x = 1
class Raises:
    def __getattr__(self, name): raise AttributeError(name)
class Answers:
    def __getattr__(self, name): return 1
class Plain:
    K = 1
    def __init__(self): self.x = 1
    def m(self): pass
    @property
    def p(self): return 1
def f0(): pass
def f2(a, b): pass
${Object.entries(KINDS)
  .map(([kind, lines]) => textOf(kind, lines))
  .join('')}`;
}

/**
 * Runs methods as they are and with probes, in turn: python -c … FOLDER ROUNDS CALLER… Prints medians of rounds, nanoseconds of CPU
 * time for each call, as JSON: [[plain, probed], …].
 */
export const DRIVER = `
import gc, json, sys, time
sys.path.insert(0, sys.argv[1])
import plain, probed
gc.disable()
calls = range(${CALLS})
def timed(module, caller):
    function, operand = getattr(module, caller), getattr(module, caller.replace("call", "Does_go"))()
    start = time.thread_time()
    function(calls, operand)
    return (time.thread_time() - start) / len(calls) * 1e9
results = []
for caller in sys.argv[3:]:
    rounds = [(timed(plain, caller), timed(probed, caller)) for _ in range(int(sys.argv[2]))]
    results.append([sorted(column)[len(column) // 2] for column in zip(*rounds)])
print(json.dumps(results))
`;
