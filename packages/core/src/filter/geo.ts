import type { Point } from '../schema.ts';

export type DistanceUnit = 'cm' | 'm' | 'km' | 'ft' | 'yd' | 'mi';

const METERS: Record<DistanceUnit, number> = {
  cm: 0.01,
  m: 1,
  km: 1000,
  ft: 0.3048,
  yd: 0.9144,
  mi: 1609.344,
};
const EARTH_RADIUS = 6371e3;

export function toMeters(value: number, unit: DistanceUnit): number | undefined {
  return Object.hasOwn(METERS, unit) ? value * METERS[unit] : undefined;
}

/** Great-circle distance in metres, by the haversine formula on a sphere of 6,371 km. */
export function distanceMeters(a: Point, b: Point): number {
  const radians = Math.PI / 180;
  const dLat = (b.lat - a.lat) * radians;
  const dLon = (b.lon - a.lon) * radians;
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Even-odd rule on latitude and longitude as plane coordinates. */
export function insidePolygon(polygon: readonly Point[], point: Point): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const a = polygon[i]!;
    const b = polygon[j]!;
    const crosses = a.lat > point.lat !== b.lat > point.lat;
    if (crosses && point.lon < ((b.lon - a.lon) * (point.lat - a.lat)) / (b.lat - a.lat) + a.lon)
      inside = !inside;
  }
  return inside;
}
