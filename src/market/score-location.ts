import type { ResourceRequest } from '../schemas/request.ts';
import type { Location } from '../schemas/wire.ts';

const earthRadiusKm = 6371;
/** Distance at which the part has fallen to one half. */
const halfKm = 500;

/**
 * How well a flavor's place suits, 0 to 1. With coordinates: 1 at the place, 0.5 at 500 km, 0 when the flavor declares
 * none. Without: 1 when the asked city or country is met, 0 when not; 0.5 when no place was asked for.
 */
export function locationPart(wanted: ResourceRequest['location'], offered: Location | null | undefined): number {
  if (wanted?.latitude !== undefined && wanted.longitude !== undefined) {
    const latitude = degrees(offered?.latitude, 90);
    const longitude = degrees(offered?.longitude, 180);
    if (latitude === undefined || longitude === undefined) return 0;
    const km = distanceKm({ latitude: wanted.latitude, longitude: wanted.longitude }, { latitude, longitude });
    return Math.round((halfKm / (halfKm + km)) * 1_000_000) / 1_000_000;
  }
  if (wanted?.city !== undefined) return same(wanted.city, offered?.city) ? 1 : 0;
  if (wanted?.country !== undefined) return same(wanted.country, offered?.altitude) ? 1 : 0;
  return 0.5;
}

interface Place {
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

/** Great-circle distance (haversine), whole kilometres. */
export function distanceKm(a: Place, b: Place): number {
  const radians = (angle: number): number => (angle * Math.PI) / 180;
  const halfLat = Math.sin(radians(b.latitude - a.latitude) / 2);
  const halfLon = Math.sin(radians(b.longitude - a.longitude) / 2);
  const chord = halfLat ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * halfLon ** 2;
  return Math.round(2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(chord))));
}

function degrees(text: string | undefined, limit: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && Math.abs(value) <= limit ? value : undefined;
}

function same(a: string, b: string | undefined): boolean {
  return a.trim().toLowerCase() === b?.trim().toLowerCase();
}
