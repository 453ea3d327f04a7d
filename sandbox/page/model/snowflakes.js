/** Ids are numbers beyond what JavaScript counts exactly, so they stay texts. */

const EPOCH_MS = 1_420_070_400_000n;

/** Negative, zero or positive, as numbers would compare. */
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function instantOf(id) {
  return new Date(Number((BigInt(id) >> 22n) + EPOCH_MS));
}
