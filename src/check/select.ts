import picomatch from 'picomatch';
import { operationSelector } from '../opcodes/site-selection.ts';
import { VERSIONS } from '../opcodes/versions.ts';
import type { Profile, SiteStats } from '../profile/profile.ts';
import type { Budget } from './budget.ts';

/** Sites of a profile, found by the function that they are in. */
export class SiteIndex {
  readonly #profile: Profile;
  readonly #cwd: string;
  readonly #byFunction = new Map<string, SiteStats[]>();

  /** @param cwd folder that globs beginning with `./` are relative to */
  constructor(profile: Profile, cwd: string) {
    this.#profile = profile;
    this.#cwd = cwd;
    for (const site of profile.sites) {
      const known = this.#byFunction.get(site.function);
      if (known === undefined) this.#byFunction.set(site.function, [site]);
      else known.push(site);
    }
  }

  /** The sites that a budget is about. */
  sitesOf(budget: Budget): readonly SiteStats[] {
    const { line } = budget;
    const file = fileMatcher(budget.file, this.#cwd);
    const names = nameMatcher(budget.name);
    const operations = operationMatcher(budget, this.#profile);
    return this.#inFunctions(budget.function).filter(
      (site) =>
        file(site.file) &&
        (budget.name === null || names(site.name ?? '')) &&
        (line === null || site.line === line) &&
        operations(site),
    );
  }

  #inFunctions(glob: string | null): readonly SiteStats[] {
    if (glob === null) return this.#profile.sites;
    if (!/[*\\]/.test(glob)) return this.#byFunction.get(glob) ?? [];
    const matches = nameMatcher(glob);
    return this.#profile.sites.filter((site) => matches(site.function));
  }
}

function fileMatcher(glob: string | null, cwd: string): (file: string) => boolean {
  if (glob === null) return () => true;
  const placed = glob.startsWith('./') ? `${literalPath(cwd)}/${glob.slice(2)}` : glob;
  const deep = placed.startsWith('/') || placed.startsWith('**/') ? placed : `**/${placed}`;
  const matches = picomatch([deep, `${deep}/**`], { dot: true });
  // A name such as `<string>` is no path.
  return (file) => matches(file) || file === glob;
}

/** A path as a glob that fits nothing else. */
export function literalPath(path: string): string {
  return path.replace(/[*?{}()[\]!\\]/g, '\\$&');
}

/** `*` stands for any text, dots included; a backslash takes that meaning away. */
function nameMatcher(glob: string | null): (name: string) => boolean {
  if (glob === null) return () => true;
  const pattern = glob.replaceAll(/\\([\\*])|([.+?^${}()|[\]\\])|\*/g, (text, escaped, special) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return special === undefined ? '.*' : `\\${text}`;
  });
  const whole = new RegExp(`^(?:${pattern})$`, 's');
  return (name) => whole.test(name);
}

/** A name as a glob that fits nothing else. */
export function literalName(name: string): string {
  return name.replace(/[*\\]/g, '\\$&');
}

function operationMatcher({ opcodes }: Budget, { python }: Profile): (site: SiteStats) => boolean {
  if (opcodes === null) return () => true;
  const names = python.split(', ').map((name) => name.split('.').slice(0, 2).join('.'));
  const selectors = VERSIONS.filter((version) => names.includes(version.name)).map((version) =>
    operationSelector(opcodes, version),
  );
  return ({ opcode, name }) => selectors.some((selects) => selects(opcode, name));
}
