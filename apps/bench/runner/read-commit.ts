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

/** The commit that is checked out. */
export function readCommit(): Commit {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const [hash, date, subject] = git('log', '-1', '--format=%H%n%cI%n%s').split('\n');
    // What the runs themselves write is no change of what was measured.
    const changes = git('status', '--porcelain', '--', '.', ':!apps/bench/history');
    return { hash: hash!, date: new Date(date!).toISOString(), subject: subject!, dirty: changes !== '' };
  } catch {
    return UNKNOWN;
  }
}
