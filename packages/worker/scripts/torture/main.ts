// Kills a real browser at random moments and looks whether anything is missing that had been acknowledged.
//   npm run -s torture -- --kills 10 --seed 1 --json
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { readmes } from './documents.ts';
import type { Verification } from './operations.ts';
import { Oracle } from './oracle.ts';
import { Planner } from './planner.ts';
import { Random } from './random.ts';
import { PHASES, playRound, StuckError } from './rounds.ts';
import { serve } from './server.ts';
import { Session } from './session.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    phase: { type: 'string' },
    // Times that a browser which stopped answering may be killed and started again; each is told.
    stuck: { type: 'string', default: '0' },
    keep: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);
const phases = PHASES.filter((phase) => values.phase === undefined || phase === values.phase);
if (!(phases.length > 0 && Number.isInteger(kills) && kills > 0 && Number.isInteger(seed))) {
  console.error('Usage: npm run -s torture -- --kills N --seed S [--json] [--phase NAME] [--keep]');
  process.exit(2);
}

const folder = await mkdtemp(join(tmpdir(), 'burrow-torture-'));
const profile = join(folder, 'profile');
const say = (message: string): void => console.error(message);
const totals = { lost: 0, unreadable: 0, duplicated: 0, troubles: 0, stuck: 0 };
const started = performance.now();

await build({
  root: join(here, 'page'),
  configFile: false,
  logLevel: 'error',
  build: { outDir: join(folder, 'page'), target: 'es2023', assetsInlineLimit: 0, emptyOutDir: true },
});
const random = new Random(seed);
const oracle = new Oracle();
const planner = new Planner(random, readmes(resolve(here, '../../../..')), oracle);
const durations = new Map<string, number>();
let session = new Session(-1, planner, oracle, durations);
const { server, origin } = await serve(join(folder, 'page'), (path, from, body) =>
  session.answer(path, from, body),
);

function judge(verification: Verification): void {
  const { lost, unreadable, duplicated } = oracle.verify(verification.documents);
  for (const { word, found } of verification.ghosts) {
    if (found.length > 0) duplicated.push(`the replaced word ${word} is still found in ${found.join(', ')}`);
  }
  if (verification.counted !== verification.documents.length)
    duplicated.push(`${verification.counted} are counted, ${verification.documents.length} listed`);
  for (const id of verification.vectors.missed)
    unreadable.push(`${id} is not found by its vector, model ${planner.model}`);
  totals.lost += lost.length;
  totals.unreadable += unreadable.length;
  totals.duplicated += duplicated.length;
  for (const [name, list] of Object.entries({ lost, unreadable, duplicated }))
    for (const item of list) say(`  ${name.toUpperCase()}: ${item}`);
  for (const sentence of verification.recovery) say(`  recovery: ${sentence}`);
  say(
    `  ${verification.documents.length} documents as they should be, ${verification.vectors.asked} passages looked for by meaning`,
  );
}

/** One round; the last one only looks at what is left, and is then ended too. */
async function round(number: number): Promise<void> {
  const phase = number === kills ? 'checkpoint' : phases[number % phases.length]!;
  say(`${number + 1}: ${phase}`);
  session = new Session(number, planner, oracle, durations);
  // Judged at once, before any further operation begins.
  session.on('verified', judge);
  session.on('trouble', (message) => {
    if (message === 'over') return;
    // A browser that is stuck is counted once, by its round.
    if (!message.includes('takes more than')) totals.troubles++;
    say(`  TROUBLE: ${message}`);
  });
  await playRound(phase, { session, random, profile, origin, durations });
}

let failure: unknown;
try {
  for (let number = 0; number <= kills; number++) {
    await round(number).catch((error: unknown) => {
      if (!(error instanceof StuckError) || ++totals.stuck > Number(values.stuck)) throw error;
      say(`  STUCK: ${error.message} The browser is started again.`);
    });
  }
} catch (error) {
  failure = error;
  console.error(error);
} finally {
  server.closeAllConnections();
  server.close();
  if (values.keep) say(`Kept: ${folder}`);
  else await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
const { lost, unreadable, duplicated, troubles, stuck } = totals;
const seconds = Math.round((performance.now() - started) / 100) / 10;
const { acknowledged } = oracle;
const summary = { kills, acknowledged, lost, unreadable, duplicated, troubles, stuck, seconds };
console.log(values.json ? JSON.stringify(summary) : summary);
process.exitCode = failure || lost + unreadable + duplicated + troubles > 0 ? 1 : 0;
