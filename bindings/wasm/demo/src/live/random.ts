// Seeded random numbers for the live mode. (Simulations draw theirs in the core.)

/** xoshiro128** by Blackman and Vigna ("Scrambled linear pseudorandom number generators", 2018), seeded by a Weyl sequence. */
export class Random {
  private readonly s: Uint32Array;

  constructor(seed: number) {
    this.s = new Uint32Array(4);
    let state = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      // The finalizer of MurmurHash3 over steps of the golden ratio.
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = state;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      this.s[i] = mixed ^ (mixed >>> 16);
    }
  }

  /** 32 random bits. */
  bits(): number {
    const s = this.s;
    const [a, b, c, d] = [s[0] ?? 0, s[1] ?? 0, s[2] ?? 0, s[3] ?? 0];
    const turned = Math.imul(b, 5);
    const result = Math.imul((turned << 7) | (turned >>> 25), 9) >>> 0;
    s[2] = c ^ a;
    s[3] = d ^ b;
    s[1] = b ^ (s[2] ?? 0);
    s[0] = a ^ (s[3] ?? 0);
    s[2] = (s[2] ?? 0) ^ (b << 9);
    const last = s[3] ?? 0;
    s[3] = (last << 11) | (last >>> 21);
    return result;
  }

  /** From 0 to 1, neither of them. */
  unit(): number {
    return (this.bits() + 0.5) / 4294967296;
  }

  /** Exponential, of this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(this.unit());
  }

  /** A whole number below `bound`. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }
}
