/** Virtual environments with a project and its tests in them, in a cache folder. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPython, type Python } from '../../test/support/pythons.ts';
import type { Project } from './types.ts';

/** A project, installed. */
export interface Environment {
  readonly project: Project;
  readonly python: Python;
  /** The folder of all that follows. */
  readonly folder: string;
  readonly executable: string;
  readonly sitePackages: string;
  /** The folder in which the tests run: that of the source distribution, or an empty one. */
  readonly source: string;
}

/** What every environment has; releases that run on all of 3.8 to 3.14. */
const PYTEST = [
  'pytest==8.3.5',
  'pluggy==1.5.0',
  'iniconfig==2.0.0',
  'packaging==24.2',
  'exceptiongroup==1.2.2; python_version < "3.11"',
  'tomli==2.0.2; python_version < "3.11"',
];
/** The last one that installs into 3.8. */
const PIP = 'pip==24.3.1';
/** Runs pip and unpacks. */
const HOST = '3.12';

function execute(command: string, args: readonly string[], cwd?: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${`${stdout}${stderr}`.slice(-3000)}`);
}

function required(label: string): Python {
  const python = findPython(label);
  if (python === undefined) throw new Error(`Python ${label} not found`);
  return python;
}

/** An environment with nothing but pip, which installs into all others. */
function pipOf(work: string): string {
  const folder = join(work, 'pip');
  const pip = join(folder, 'bin', 'pip');
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    rmSync(folder, { recursive: true, force: true });
    execute(required(HOST).path, ['-m', 'venv', folder]);
    execute(pip, ['install', '--quiet', PIP]);
    writeFileSync(complete, '');
  }
  return pip;
}

/** The archive of a project's source. */
function download({ name: key, version, distribution: name = key }: Project, work: string): string {
  const folder = join(work, 'sdists', `${name}-${version}`);
  const found = (): string | undefined =>
    existsSync(folder) ? readdirSync(folder).find((file) => file.endsWith('.tar.gz')) : undefined;
  if (found() === undefined)
    execute(pipOf(work), [
      'download',
      '--quiet',
      '--no-deps',
      '--no-binary=:all:',
      '-d',
      folder,
      `${name}==${version}`,
    ]);
  return join(folder, found() ?? '');
}

function requirementsOf({
  name: key,
  version,
  distribution: name = key,
  requirements,
}: Project): readonly string[] {
  const own = `${name}==${version}`;
  const names = new Set([own, ...requirements].map((one) => /^[\w.-]+/.exec(one)?.[0]));
  return [own, ...requirements, ...PYTEST.filter((one) => !names.has(/^[\w.-]+/.exec(one)?.[0] ?? ''))];
}

/** Makes the environment of a project, unless it is there and the list asks for the same. */
export function prepareEnvironment(project: Project, label: string, work: string): Environment {
  const python = required(label);
  const folder = join(work, label, project.name);
  const environment: Environment = {
    project,
    python,
    folder,
    executable: join(folder, 'venv', 'bin', 'python'),
    sitePackages: join(folder, 'venv', 'lib', `python${python.name}`, 'site-packages'),
    source: join(folder, 'source'),
  };
  const requirements = requirementsOf(project);
  const key = createHash('sha256')
    .update(JSON.stringify([requirements, project.tests]))
    .digest('hex');
  const complete = join(folder, 'complete');
  if (existsSync(complete) && readFileSync(complete, 'utf8') === key) return environment;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(environment.source, { recursive: true });
  execute(python.path, ['-m', 'venv', '--without-pip', join(folder, 'venv')]);
  const install = ['--python', environment.executable, 'install', '--quiet', '--no-compile'];
  execute(pipOf(work), [...install, '--only-binary=:all:', ...requirements]);
  if (project.tests === 'sdist')
    execute('tar', ['xzf', download(project, work), '--strip-components=1', '-C', environment.source]);
  writeFileSync(complete, key);
  return environment;
}
