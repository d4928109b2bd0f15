import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { PyrewriteError } from '../../errors.ts';
import { readProfile } from '../../profile/reader.ts';
import type { Interpreter } from '../../python/interpreter.ts';
import type { Io } from '../io.ts';
import { makeRunFolder } from '../run/environment.ts';
import { listProfiles } from '../run/profiles.ts';
import { parseProgram } from '../run/program.ts';
import { startRecording } from '../run/recording.ts';

/** What a tiny recorded program showed. */
export interface ProbeRun {
  readonly clock: string;
  readonly calibration: string;
  readonly sites: number;
  readonly finished: boolean;
}

const PROGRAM = `class C:
    x = 1
for i in range(1000):
    C.x
`;

function describeNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/**
 * Records a tiny program exactly as `pyrewrite run` would.
 * @throws PyrewriteError when nothing was recorded
 */
export async function recordProbe(io: Io, python: Interpreter): Promise<ProbeRun> {
  const folder = makeRunFolder();
  const selection = { opcodes: ['attr'], functions: [] };
  const patterns = { include: [], exclude: [] };
  const program = parseProgram(['-c', PROGRAM], io.cwd);
  try {
    const recording = await startRecording({ io, program, flags: [], python, folder, selection, patterns });
    try {
      const { stderr } = await execa(python.command, [...recording.argv], {
        env: recording.env,
        extendEnv: false,
      });
      const [profile] = listProfiles(folder.profiles);
      if (profile === undefined) {
        throw new PyrewriteError('python-failed', `nothing was recorded${stderr && `: ${stderr.trim()}`}`, {
          remedy: 'see whether another sitecustomize or a security module stands in the way',
        });
      }
      return describeRun(readProfile(readFileSync(profile)));
    } finally {
      await recording.stop();
    }
  } finally {
    folder.remove();
  }
}

function describeRun(profile: ReturnType<typeof readProfile>): ProbeRun {
  const { clock, probe, sites, processes } = profile;
  const spread = `± ${describeNumber(probe.spreadNs)}`;
  return {
    clock: `${clock.source}, ${describeNumber(clock.ticksPerSecond / 1e6)} ticks per µs`,
    calibration: `a pair of probes takes ${describeNumber(probe.pairNs)} ns (${spread}), floor ${describeNumber(probe.floorNs)} ns`,
    sites: sites.reduce((sum, { count }) => sum + count, 0),
    finished: processes.every(({ finished }) => finished),
  };
}
