import type { Python } from '../../test/support/pythons.ts';
import { allowedReason } from './allowed.ts';
import type { ModuleResult } from './run-module.ts';

/** A test method (or a whole module, by its name) that ended otherwise with probes. */
export interface Difference {
  readonly id: string;
  readonly plain: string;
  readonly probed: string;
  /** Traceback of the probed run. */
  readonly text: string;
  /** Why it may, from the list; undefined where it may not. */
  readonly allowed: string | undefined;
}

export function compareModule(
  python: Python,
  module: string,
  plain: ModuleResult,
  probed: ModuleResult,
): readonly Difference[] {
  const differences: Difference[] = [];
  const add = (id: string, from: string, to: string, text: string): void => {
    differences.push({ id, plain: from, probed: to, text, allowed: allowedReason(python, module, id) });
  };
  const ids = new Set([...Object.keys(plain.methods), ...Object.keys(probed.methods)]);
  for (const id of ids) {
    const from = plain.methods[id]?.outcome ?? 'not run';
    const to = probed.methods[id]?.outcome ?? 'not run';
    if (from !== to) add(id, from, to, probed.methods[id]?.text ?? '');
  }
  // Doctests and crashes show in the status alone; failures that are allowed explain a failed module.
  const explained = differences.length > 0 && differences.every(({ allowed }) => allowed !== undefined);
  const failedOnly = plain.status === 'exit 0' && probed.status === 'exit 2';
  if (plain.status !== probed.status && !(explained && failedOnly))
    add(module, plain.status, probed.status, probed.output.slice(-3000));
  if (probed.probes === 0 && probed.status.startsWith('exit')) add(module, 'probes', 'no probes', '');
  return differences;
}
