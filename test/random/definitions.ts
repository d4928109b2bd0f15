/** Functions, classes and their members. */
import { type Rule, rules } from './grammar.ts';

const SIGNATURE = '(d=0, p=$n, *args, k=$L, **kw)';

const FUNCTIONS = rules('def', [
  [`def f$u${SIGNATURE}:\n    $body`, { defines: 'plain', weight: 6 }],
  ['def f$u(d=0, p=$int, *, k=$int):\n    $body', { defines: 'plain', weight: 1 }],
  ['def f$u(d=0, p=1, /, k=2):\n    $body', { defines: 'plain', weight: 2 }],
  [`@deco\ndef f$u${SIGNATURE}:\n    $body`, { defines: 'plain', weight: 2 }],
  [`@deco\n@deco\ndef f$u${SIGNATURE}:\n    $body`, { defines: 'generator', weight: 1 }],
  [
    'def f$u[T: int, *Ts](d: T = 0, *args: T, **kw) -> list[T]:\n    $body',
    { defines: 'plain', since: 12, weight: 1 },
  ],
  [`def g$u${SIGNATURE}:\n    $body`, { defines: 'generator', weight: 7 }],
  [`async def c$u${SIGNATURE}:\n    $body`, { defines: 'async', weight: 5 }],
  [`async def h$u${SIGNATURE}:\n    $body`, { defines: 'asyncgen', weight: 4 }],
]);

const CLASSES = rules('class', [
  'class C$u$B:\n    def __init__(self, x=0, *rest):\n        self.x = x\n    $members',
  [
    'class C$u$B:\n    $block:class\n    def __init__(self, x=0):\n        super().__init__()\n        self.x = x\n    $members',
    { weight: 1 },
  ],
  [
    "@deco\nclass C$u$B:\n    '''Text.'''\n    x: int = $int\n    def __init__(self, x=0):\n        if x:\n            self.x = x\n    $members",
    { weight: 1 },
  ],
  [
    'class C$u[T]$B:\n    def __init__(self, x: T = 0):\n        self.x = x\n    $members',
    { weight: 1, since: 12 },
  ],
]);

const MEMBERS = rules('member', [
  'def m(self, v=0):\n    $body:method',
  ['def m(self, v=0):\n    $body:method,stays\n    return super().m(v)', { weight: 1 }],
  ['@property\ndef p(self):\n    $body:method', { weight: 3 }],
  [
    '@property\ndef p(self):\n    $body:method\n@p.setter\ndef p(self, v):\n    $body:method\n    self.x = v',
    { weight: 2 },
  ],
  [
    'def __getattr__(self, name):\n    $body:stays\n    if name != "y":\n        raise AttributeError(name)\n    return $int',
    { weight: 2 },
  ],
  [
    'def __getattribute__(self, name):\n    $body:stays\n    return super().__getattribute__(name)',
    { weight: 1 },
  ],
  ['def __setattr__(self, name, v):\n    $body:stays\n    super().__setattr__(name, v)', { weight: 1 }],
  ['def __delattr__(self, name):\n    $body:stays\n    super().__delattr__(name)', { weight: 1 }],
  ['def __contains__(self, v):\n    $body:method', { weight: 2 }],
  ['def __eq__(self, other):\n    $body:method', { weight: 2 }],
  ['def __lt__(self, other):\n    $body:method', { weight: 1 }],
  ['def __hash__(self):\n    $body:method', { weight: 1 }],
  ['def __add__(self, other):\n    $body:method', { weight: 2 }],
  ['def __add__(self, other):\n    $body:method,stays\n    return NotImplemented', { weight: 1 }],
  ['def __radd__(self, other):\n    $body:method', { weight: 2 }],
  ['def __iadd__(self, other):\n    $body:method,stays\n    return self', { weight: 2 }],
  ['def __neg__(self):\n    $body:method', { weight: 1 }],
  ['def __abs__(self):\n    $body:method', { weight: 1 }],
  ['def __index__(self):\n    $body:method', { weight: 1 }],
  ['def __getitem__(self, i):\n    $body:method', { weight: 2 }],
  [
    'def __getitem__(self, i):\n    if not isinstance(i, int) or i > 2:\n        raise IndexError(i)\n    $body:method',
    { weight: 1 },
  ],
  ['def __setitem__(self, i, v):\n    $body:method', { weight: 1 }],
  ['def __delitem__(self, i):\n    $body:method', { weight: 1 }],
  ['def __call__(self, *args):\n    $body:method', { weight: 2 }],
  ['def __len__(self):\n    $body:method,stays\n    return $L', { weight: 1 }],
  ['def __bool__(self):\n    $body:method,stays\n    return bool($bool)', { weight: 2 }],
  ['def __iter__(self):\n    $body:method,generator', { weight: 3 }],
  [
    'def __iter__(self):\n    self.i = 0\n    return self\ndef __next__(self):\n    self.i += 1\n    if self.i > 3:\n        raise StopIteration\n    $body:method',
    { weight: 2 },
  ],
  [
    "def __enter__(self):\n    $body:method,stays\n    return 'in'\ndef __exit__(self, kind, value, tb):\n    print('exit', kind)\n    $body:method,stays\n    return bool($bool)",
    { weight: 3 },
  ],
  [
    "async def __aenter__(self):\n    $body:method,stays,async\n    return 'in'\nasync def __aexit__(self, kind, value, tb):\n    print('exit', kind)\n    $body:method,stays,async\n    return bool($bool)",
    { weight: 1 },
  ],
  ["def __del__(self):\n    print('del')\n    $body:method", { weight: 3 }],
  ['def __format__(self, spec):\n    $body:method,stays\n    return $str', { weight: 1 }],
  ['def __str__(self):\n    $body:method,stays\n    return $str', { weight: 1 }],
  ['@classmethod\ndef m(cls, v=0):\n    $body', { weight: 1 }],
  ['@staticmethod\ndef m(v=0):\n    $body', { weight: 1 }],
  ['def __init_subclass__(cls, **kw):\n    $body:stays\n    super().__init_subclass__(**kw)', { weight: 1 }],
  ['m = lambda self, v=0: $int:inner', { weight: 1 }],
  ['x = y = $int', { weight: 1 }],
]);

/** The rules of definitions. */
export const DEFINITIONS: readonly Rule[] = [...FUNCTIONS, ...CLASSES, ...MEMBERS];
