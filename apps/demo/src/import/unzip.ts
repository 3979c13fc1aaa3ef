import { unzipSync } from 'fflate';
import { ImportError, megabytes } from './errors.ts';
import type { ImportLimits } from './types.ts';

/**
 * Inflates the wanted parts of a zip file, never more than the limits allow. The sizes in the
 * directory are checked first; the inflater writes into buffers of just that size, so a directory
 * that lies yields cut parts, not a full memory. Throws `zip-bomb` or `damaged`.
 */
export function unzipWithin(
  bytes: Uint8Array,
  path: string,
  limits: ImportLimits,
  wanted: (name: string) => boolean,
): Record<string, Uint8Array> {
  let inflated = 0;
  try {
    return unzipSync(bytes, {
      filter(entry) {
        if (!wanted(entry.name)) return false;
        inflated += entry.originalSize;
        const tooMuch = inflated > limits.inflatedBytes;
        const tooDense = inflated > limits.ratioFloor && inflated > bytes.length * limits.ratio;
        if (tooMuch || tooDense) {
          throw new ImportError(
            'zip-bomb',
            path,
            `its parts unpack to more than ${megabytes(tooMuch ? limits.inflatedBytes : bytes.length * limits.ratio)}, as a file made to do harm does. It was left out; do not open it unless you know where it comes from.`,
          );
        }
        return true;
      },
    });
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(
      'damaged',
      path,
      'this file is damaged and cannot be unpacked. Get a fresh copy, or open and save it again where it was made.',
      { cause: error },
    );
  }
}
