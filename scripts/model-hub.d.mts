export function modelHub(): import('vite').Plugin;
export function requestLog(): import('vite').Plugin;
