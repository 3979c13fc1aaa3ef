// Quality as one JSON line, in a process of its own, with whatever packages stand beside this file.
import { runQuality } from './quality.ts';

const result = await runQuality({
  quick: process.argv.includes('--quick'),
  log: (line) => void process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(result)}\n`);
