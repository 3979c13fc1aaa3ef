import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Commit } from '../src/records/schema.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** For a copy of the sources without their repository. */
const UNKNOWN: Commit = {
  hash: '0'.repeat(40),
  date: '1970-01-01T00:00:00.000Z',
  subject: 'unknown',
  dirty: true,
};

/** Runs git in this repository and gives what it prints. */
export function git(...args: string[]): string {
  return execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

/**
 * A commit by its name.
 * @throws when this repository has none of that name
 */
export function describeCommit(name: string): Commit {
  let line: string;
  try {
    line = git('log', '-1', '--format=%H%n%cI%n%s', '--end-of-options', name, '--');
  } catch (error) {
    throw new Error(`This repository has no commit "${name}".`, { cause: error });
  }
  const [hash, date, subject] = line.split('\n');
  return { hash: hash!, date: new Date(date!).toISOString(), subject: subject!, dirty: false };
}

/** The commit that is checked out. */
export function readCommit(): Commit {
  try {
    // What the runs themselves write is no change of what was measured.
    const changes = git('status', '--porcelain', '--', '.', ':!apps/bench/history');
    return { ...describeCommit('HEAD'), dirty: changes !== '' };
  } catch {
    return UNKNOWN;
  }
}
