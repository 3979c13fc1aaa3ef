export function modelHub(): import('vite').Plugin;
