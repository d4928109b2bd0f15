import { PyrewriteError } from '../../errors.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'prints the folder of the runtime, for PYTHONPATH; or installs it',
  usage: 'pyrewrite runtime [OPTIONS]',
  description: `
Instrumented files record only where Python can import _pyrewrite. This prints the folder that holds it, compiling
the runtime at first need. With the folder on PYTHONPATH, a program also tells at its end which modules have lost
their probes because their source was edited.

--install copies the runtime into the site-packages of an interpreter or virtual environment, for machines where
PYTHONPATH is not to be set; --uninstall takes it out again.`,
  examples: [
    {
      line: 'PYTHONPATH=$(pyrewrite runtime) python3 main.py',
      what: 'records what pyrewrite rewrite instrumented',
    },
    { line: 'pyrewrite runtime --install --python .venv', what: 'always record in this virtual environment' },
  ],
  options: {
    python: {
      type: 'string',
      value: 'PY',
      help: 'interpreter or folder of a virtual environment\n(default: $VIRTUAL_ENV, then python3)',
    },
    install: { type: 'boolean', help: 'copy the runtime into site-packages' },
    uninstall: { type: 'boolean', help: 'remove it from there' },
  },
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length > 0) {
    throw new PyrewriteError('usage', `there is nothing to do with '${args.positionals[0]}'`, {
      remedy: `usage: ${command.usage}`,
    });
  }
  const { findInterpreter } = await import('../../python/discover.ts');
  const python = await findInterpreter(args.string('python'), io.env, io.cwd);
  const { findRecorder, keepHook } = await import('../hook-folder.ts');
  if (args.flag('uninstall')) {
    const { uninstallRuntime } = await import('../install-runtime.ts');
    for (const path of uninstallRuntime(python)) io.stdout.write(`removed ${path}\n`);
    return 0;
  }
  const recorder = (await findRecorder(io, python)).recorder;
  if (args.flag('install')) {
    const { installRuntime } = await import('../install-runtime.ts');
    for (const path of installRuntime(python, recorder)) io.stdout.write(`${path}\n`);
    return 0;
  }
  io.stdout.write(`${keepHook(io, recorder)}\n`);
  return 0;
}
