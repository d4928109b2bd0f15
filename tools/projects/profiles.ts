/** Reads what the processes of a run recorded. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import type { Project } from './types.ts';

/** What was recorded, in all processes. */
export interface Executed {
  readonly processes: number;
  /** Operations at their places with a count above zero: in the package, in its tests, in pytest and what else is installed. */
  readonly sites: { readonly package: number; readonly tests: number; readonly others: number };
  /** Sum of all counts. */
  readonly operations: number;
  /** Sums of what `lost` of a report has, those above zero. */
  readonly lost: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

type Place = keyof Executed['sites'];

function placeOf(project: Project, file: string): Place {
  if (file.includes(project.testPath ?? '/tests/')) return 'tests';
  const isOf = (name: string): boolean => file.includes(`/${name}/`) || file.endsWith(`/${name}.py`);
  return project.packages.some(isOf) ? 'package' : 'others';
}

/** Adds up the profiles that appear in a folder and deletes them: a run can start hundreds of processes. */
export class ProfileFolder {
  readonly folder: string;
  readonly #project: Project;
  readonly #prefix: string;
  readonly #sites: Record<Place, Set<string>> = { package: new Set(), tests: new Set(), others: new Set() };
  readonly #lost: Record<string, number> = {};
  readonly #notes = new Set<string>();
  #processes = 0;
  #operations = 0;

  /** @param prefix folder of the environment, whose name does not count */
  constructor(folder: string, project: Project, prefix: string) {
    this.folder = folder;
    this.#project = project;
    this.#prefix = prefix;
  }

  /** Takes the profiles of the processes that have ended. */
  collect(): void {
    for (const name of readdirSync(this.folder)) {
      const pid = /\d+/.exec(name)?.[0];
      if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
      const path = join(this.folder, name);
      try {
        this.#add(readProfile(readFileSync(path)));
      } catch (error) {
        this.#notes.add(`${error}`);
      }
      rmSync(path, { force: true });
    }
  }

  #add({ sites, lost, notes, processes }: Profile): void {
    this.#processes += processes.length;
    for (const note of notes) this.#notes.add(note);
    for (const [what, count] of Object.entries(lost))
      if (count > 0) this.#lost[what] = (this.#lost[what] ?? 0) + count;
    for (const { file, table, position, count } of sites) {
      if (count === 0) continue;
      this.#operations += count;
      this.#sites[placeOf(this.#project, file.replace(this.#prefix, ''))].add(`${file} ${table} ${position}`);
    }
  }

  /** Of all that was collected. */
  total(): Executed {
    const { package: inPackage, tests, others } = this.#sites;
    return {
      processes: this.#processes,
      sites: { package: inPackage.size, tests: tests.size, others: others.size },
      operations: this.#operations,
      lost: this.#lost,
      notes: [...this.#notes],
    };
  }
}
