const counts = new Intl.NumberFormat('en');

/** 1234 → "1,234". */
export function count(value: number): string {
  return counts.format(value);
}

/** "1 document", "1,234 documents". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes for people: "812 B", "4.2 MB". */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const digits = unit > 0 && scaled < 10 ? 1 : 0;
  return `${scaled.toFixed(digits)} ${units[unit]}`;
}

/** Seconds for people: "a moment", "12 s", "3 min". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 1.5) return 'a moment';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** A day: "3 March 2026". */
export function day(milliseconds: number): string {
  return new Date(milliseconds).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
}
