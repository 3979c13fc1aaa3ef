/** Three significant digits, thousands with separators. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

export function formatValue(value: number, unit: string): string {
  return unit === 'bytes'
    ? formatBytes(value)
    : `${formatNumber(value)}${unit === '×' ? '×' : unit ? ` ${unit}` : ''}`;
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${formatNumber(bytes / 1000 ** step)} ${units[step]!}`;
}

export function formatDate(iso: string): string {
  return iso.slice(0, 10);
}

export function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** `+12 %`, `−8 %`. */
export function formatChange(effect: number): string {
  return `${effect < 0 ? '−' : '+'}${Math.round(Math.abs(effect) * 100)} %`;
}

/** A p-value as people write it. */
export function formatP(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toPrecision(2)}`;
}
