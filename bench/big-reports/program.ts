import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How large a made-up program is. */
export interface ProgramSize {
  readonly modules: number;
  readonly functionsPerModule: number;
  /** Processes that run all of it, one after the other; 1: the program itself. */
  readonly processes: number;
}

/** Attribute loads, properties, calls, arithmetic, subscripts, iteration and a raised exception: some 22 sites. */
function functionText(module: number, k: number): string {
  return `
def work_${k}(item, table, numbers):
    total = item.count_${k % 40} + item.price_${k % 7} * ${k + 1}
    for number in numbers:
        total += number * item.scale
        table['key_${k % 30}'] = total
    if total in numbers:
        total = len(numbers)
    try:
        total += table['missing_${module}']
    except KeyError:
        total -= helper(item.count_${k % 40})
    return [total, item.name.upper(), f'{total:>9}']
`;
}

function moduleText(module: number, functions: number): string {
  const attributes = Array.from({ length: 40 }, (_, k) => `        self.count_${k} = ${k}`).join('\n');
  const properties = Array.from(
    { length: 7 },
    (_, k) => `    @property\n    def price_${k}(self):\n        return self.scale + ${k}\n`,
  ).join('\n');
  const all = Array.from({ length: functions }, (_, k) => `work_${k}`).join(', ');
  return `class Item_${module}:
    scale = ${module % 9}
    name = 'item'

    def __init__(self):
${attributes}

${properties}

def helper(value):
    return value + 1

${Array.from({ length: functions }, (_, k) => functionText(module, k)).join('\n')}

def run(rounds):
    item, table, numbers = Item_${module}(), {}, [1, 2, 3]
    for _ in range(rounds):
        for work in (${all}):
            work(item, table, numbers)
`;
}

function mainText({ modules, processes }: ProgramSize): string {
  const names = Array.from({ length: modules }, (_, k) => `module_${k}`);
  return `import os
${names.map((name) => `from shop import ${name}`).join('\n')}

def main():
${names.map((name) => `    ${name}.run(60)`).join('\n')}

if ${processes} == 1:
    main()
else:
    for _ in range(${processes}):
        if os.fork() == 0:
            main()
            raise SystemExit
        os.wait()
`;
}

/**
 * Writes a program of many operations.
 * @param comment a line that is put on top of each module: every operation moves by a line
 * @returns path of its script
 */
export function writeProgram(folder: string, size: ProgramSize, comment = ''): string {
  mkdirSync(join(folder, 'shop'), { recursive: true });
  writeFileSync(join(folder, 'shop/__init__.py'), '');
  for (let module = 0; module < size.modules; module++) {
    const text = moduleText(module, size.functionsPerModule);
    writeFileSync(join(folder, `shop/module_${module}.py`), `${comment}${text}`);
  }
  const script = join(folder, 'main.py');
  writeFileSync(script, `${comment}${mainText(size)}`);
  return script;
}
