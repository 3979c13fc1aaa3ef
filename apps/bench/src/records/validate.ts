import { SCHEMA_VERSION } from './schema.ts';

/** Says what is wrong with a record, with the path of each fault; an empty list means that it is right. */
export function validateRecord(value: unknown): string[] {
  const faults: string[] = [];
  const check = new Checker(faults);
  const record = check.object(value, 'record');
  if (!record) return faults;
  if (record['schema'] !== SCHEMA_VERSION)
    faults.push(`schema: ${String(record['schema'])}, not ${SCHEMA_VERSION}`);
  check.date(record['date'], 'date');
  check.type(record['quick'], 'boolean', 'quick');
  checkCommit(record['commit'], check);
  const runner = check.object(record['runner'], 'runner');
  if (runner) {
    check.hash(runner['hash'], 'runner.hash');
    check.type(runner['dirty'], 'boolean', 'runner.dirty');
  }
  checkEnvironment(record['environment'], check);
  const names = new Set<string>();
  check.list(record['suites'], 'suites').forEach((suite, i) => {
    checkSuite(suite, `suites[${i}]`, check);
    const name = (suite as { suite?: unknown } | null)?.suite;
    if (typeof name === 'string' && names.has(name))
      faults.push(`suites[${i}].suite: "${name}" is there twice`);
    names.add(String(name));
  });
  return faults;
}

function checkCommit(value: unknown, check: Checker): void {
  const commit = check.object(value, 'commit');
  if (!commit) return;
  check.hash(commit['hash'], 'commit.hash');
  check.date(commit['date'], 'commit.date');
  check.type(commit['subject'], 'string', 'commit.subject');
  check.type(commit['dirty'], 'boolean', 'commit.dirty');
}

function checkEnvironment(value: unknown, check: Checker): void {
  const environment = check.object(value, 'environment');
  if (!environment) return;
  for (const name of ['browser', 'os', 'cpu']) check.text(environment[name], `environment.${name}`);
  if (environment['cpuFeatures'] !== null)
    check
      .list(environment['cpuFeatures'], 'environment.cpuFeatures')
      .forEach((feature, i) => check.text(feature, `environment.cpuFeatures[${i}]`));
  check.positive(environment['cores'], 'environment.cores');
  if (environment['memoryBytes'] !== null)
    check.positive(environment['memoryBytes'], 'environment.memoryBytes');
  if (environment['node'] !== null) check.text(environment['node'], 'environment.node');
  for (const name of ['isolated', 'relaxedSimd'])
    check.type(environment[name], 'boolean', `environment.${name}`);
  const versions = check.object(environment['versions'], 'environment.versions');
  for (const [name, version] of Object.entries(versions ?? {}))
    check.text(version, `environment.versions.${name}`);
  if (environment['gpu'] === undefined) return;
  const gpu = check.object(environment['gpu'], 'environment.gpu');
  if (gpu) check.type(gpu['software'], 'boolean', 'environment.gpu.software');
}

function checkSuite(value: unknown, path: string, check: Checker): void {
  const suite = check.object(value, path);
  if (!suite) return;
  check.text(suite['suite'], `${path}.suite`);
  check.list(suite['data'], `${path}.data`).forEach((entry, i) => {
    const data = check.object(entry, `${path}.data[${i}]`);
    if (!data) return;
    check.text(data['name'], `${path}.data[${i}].name`);
    if (!/^[0-9a-f]{64}$/.test(String(data['sha256'])))
      check.fault(`${path}.data[${i}].sha256`, 'needs 64 hexadecimal digits');
  });
  const names = new Set<string>();
  check
    .list(suite['figures'], `${path}.figures`)
    .forEach((figure, i) => checkFigure(figure, `${path}.figures[${i}]`, names, check));
  check.list(suite['skipped'], `${path}.skipped`).forEach((entry, i) => {
    const skip = check.object(entry, `${path}.skipped[${i}]`);
    if (skip) for (const name of ['name', 'reason']) check.text(skip[name], `${path}.skipped[${i}].${name}`);
  });
  check
    .list(suite['remarks'], `${path}.remarks`)
    .forEach((remark, i) => check.text(remark, `${path}.remarks[${i}]`));
}

function checkFigure(value: unknown, path: string, names: Set<string>, check: Checker): void {
  const figure = check.object(value, path);
  if (!figure) return;
  check.text(figure['name'], `${path}.name`);
  const name = String(figure['name']);
  if (names.has(name)) check.fault(`${path}.name`, `"${name}" is there twice`);
  names.add(name);
  for (const field of ['unit', 'data']) check.type(figure[field], 'string', `${path}.${field}`);
  for (const field of ['value', 'low', 'high']) check.finite(figure[field], `${path}.${field}`);
  for (const field of ['aim', 'calibration'])
    if (figure[field] !== null) check.finite(figure[field], `${path}.${field}`);
  if (figure['peer'] !== null) check.text(figure['peer'], `${path}.peer`);
  if (figure['better'] !== 'higher' && figure['better'] !== 'lower')
    check.fault(`${path}.better`, 'is neither "higher" nor "lower"');
  const groups = check.list(figure['samples'], `${path}.samples`);
  if (groups.length === 0) check.fault(`${path}.samples`, 'is empty');
  groups.forEach((group, i) => {
    const list = check.list(group, `${path}.samples[${i}]`);
    if (list.length === 0) check.fault(`${path}.samples[${i}]`, 'is empty');
    list.forEach((sample, j) => check.finite(sample, `${path}.samples[${i}][${j}]`));
  });
  const tags = check.object(figure['tags'], `${path}.tags`);
  for (const [tag, text] of Object.entries(tags ?? {})) check.text(text, `${path}.tags.${tag}`);
}

class Checker {
  readonly #faults: string[];

  constructor(faults: string[]) {
    this.#faults = faults;
  }

  fault(path: string, what: string): void {
    this.#faults.push(`${path}: ${what}`);
  }

  object(value: unknown, path: string): Record<string, unknown> | undefined {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    this.fault(path, 'is no object');
    return undefined;
  }

  list(value: unknown, path: string): unknown[] {
    if (Array.isArray(value)) return value as unknown[];
    this.fault(path, 'is no list');
    return [];
  }

  type(value: unknown, type: 'string' | 'boolean', path: string): void {
    if (typeof value !== type) this.fault(path, `is no ${type}`);
  }

  text(value: unknown, path: string): void {
    if (typeof value !== 'string' || value === '') this.fault(path, 'is no text');
  }

  hash(value: unknown, path: string): void {
    if (!/^[0-9a-f]{40}$/.test(String(value))) this.fault(path, 'needs 40 hexadecimal digits');
  }

  finite(value: unknown, path: string): void {
    if (typeof value !== 'number' || !Number.isFinite(value)) this.fault(path, 'is no finite number');
  }

  positive(value: unknown, path: string): void {
    if (typeof value !== 'number' || !(value > 0)) this.fault(path, 'is not above 0');
  }

  date(value: unknown, path: string): void {
    if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T/.test(value) || Number.isNaN(Date.parse(value)))
      this.fault(path, 'is no ISO 8601 date');
  }
}
