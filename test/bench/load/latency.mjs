/** Times between 1 µs and about 16 s in buckets of 9 %: a million of them cost no memory. */
const PER_OCTAVE = 8;
const OCTAVES = 24;

export class Latencies {
  #buckets = new Float64Array(PER_OCTAVE * OCTAVES);
  #count = 0;

  add(ms, times) {
    const bucket = Math.floor(Math.log2(Math.max(ms * 1000, 1)) * PER_OCTAVE);
    this.#buckets[Math.min(bucket, this.#buckets.length - 1)] += times;
    this.#count += times;
  }

  clear() {
    this.#buckets.fill(0);
    this.#count = 0;
  }

  /** @returns the upper edge of the bucket that holds this share of all, in microseconds */
  quantileUs(share) {
    let below = 0;
    const bucket = this.#buckets.findIndex((times) => (below += times) >= share * this.#count);
    return 2 ** ((bucket + 1) / PER_OCTAVE);
  }
}
