import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './atomic.ts';

/** Name of the list that lies beside instrumented files; the startup hook and `pyrewrite clean` read it. */
export const MANIFEST_NAME = 'pyrewrite.json';

const SCHEMA = 'pyrewrite-manifest/1';

/** What was instrumented, and how to undo it. */
export interface ManifestEntry {
  /** Source file, relative to the manifest's folder; null for a .pyc without one. */
  readonly source: string | null;
  /** Time and size of the source that was instrumented, as in the .pyc header. */
  readonly sourceMtime: number | null;
  readonly sourceSize: number | null;
  readonly opcodes: readonly string[];
  readonly functions: readonly string[];
  readonly types: boolean;
  readonly gc: boolean;
  readonly callers: boolean;
  readonly sample: boolean;
  readonly overhead: number | null;
  readonly sites: number;
  /** Name of the file, in the manifest's folder, that was there before; null when there was none. */
  readonly previous: string | null;
}

/** By the name of the instrumented file, relative to the manifest's folder. */
export type Manifest = Record<string, ManifestEntry>;

/** The list of a folder; empty where there is none or it cannot be read. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST_NAME);
  if (!existsSync(file)) return {};
  try {
    const { schema, files } = JSON.parse(readFileSync(file, 'utf8'));
    return schema === SCHEMA && typeof files === 'object' && files !== null ? files : {};
  } catch {
    return {};
  }
}

/** Writes the list of a folder, or takes it away when nothing is left on it. */
export function writeManifest(folder: string, files: Manifest): void {
  const file = join(folder, MANIFEST_NAME);
  if (Object.keys(files).length === 0) rmSync(file, { force: true });
  else writeAtomically(file, Buffer.from(`${JSON.stringify({ schema: SCHEMA, files }, null, 1)}\n`));
}
