import { readdirSync, readFileSync } from 'node:fs';
import type { RendererMemory } from '../src/harness/bench-page.ts';

interface Process {
  parent: number;
  command: string;
  status: string;
}

/**
 * Memory of the processes that render the pages of a browser, which is known by its profile: what the system says of them
 * (VmRSS and VmHWM), so that WebAssembly memories, threads and what was given back long ago are counted alike. Undefined
 * where the system does not tell (/proc is Linux).
 */
export function rendererMemory(profile: string): RendererMemory | undefined {
  const processes = readProcesses();
  const browsers = new Set<number>();
  for (const [id, { command }] of processes) {
    if (command.includes(`--user-data-dir=${profile}`) && !command.includes('--type=')) browsers.add(id);
  }
  const isOwn = (id: number): boolean => {
    const parent = processes.get(id)?.parent;
    return parent !== undefined && (browsers.has(parent) || isOwn(parent));
  };
  const sizes = [...processes]
    .filter(([id, { command }]) => command.includes('--type=renderer') && isOwn(id))
    .map(([, { status }]) => ({ now: kilobytes(status, 'VmRSS'), peak: kilobytes(status, 'VmHWM') }));
  if (sizes.length === 0) return undefined;
  return {
    now: sizes.reduce((sum, { now }) => sum + now, 0) * 1024,
    peak: sizes.reduce((sum, { peak }) => sum + peak, 0) * 1024,
  };
}

function readProcesses(): Map<number, Process> {
  const processes = new Map<number, Process>();
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        processes.set(Number(name), { command, status, parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) });
      } catch {
        // It ended meanwhile.
      }
    }
  } catch {
    // No /proc here.
  }
  return processes;
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
}
