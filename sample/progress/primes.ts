/** How many primes there are from `begin` up to, and without, `end`: the sieve of Eratosthenes on that part. */
export function countPrimes(begin: number, end: number): number {
  const composite = new Uint8Array(end - begin);
  for (let factor = 2; factor * factor < end; factor++) {
    const first = Math.max(factor * factor, Math.ceil(begin / factor) * factor);
    for (let multiple = first; multiple < end; multiple += factor) composite[multiple - begin] = 1;
  }
  let found = 0;
  for (let number = Math.max(begin, 2); number < end; number++) if (!composite[number - begin]) found++;
  return found;
}
