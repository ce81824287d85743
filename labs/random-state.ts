// The Mersenne Twister (MT19937), seeded and read as numpy's RandomState does, so that the labs know their random numbers.

const size = 624;

export class RandomState {
  readonly #state = new Uint32Array(size);
  #next = size;

  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < size; i++) {
      const before = this.#word(i - 1);
      this.#state[i] = Math.imul(before ^ (before >>> 30), 1_812_433_253) + i;
    }
  }

  /** In [low, high), with 53 random bits. */
  uniform(low: number, high: number): number {
    const [upper, lower] = [this.#draw() >>> 5, this.#draw() >>> 6];
    return low + ((high - low) * (upper * 2 ** 26 + lower)) / 2 ** 53;
  }

  #draw(): number {
    if (this.#next === size) this.#twist();
    let word = this.#word(this.#next++);
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c_5680;
    word ^= (word << 15) & 0xefc6_0000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  #twist(): void {
    for (let i = 0; i < size; i++) {
      const joined = (this.#word(i) & 0x8000_0000) | (this.#word((i + 1) % size) & 0x7fff_ffff);
      const mask = (joined & 1) === 0 ? 0 : 0x9908_b0df;
      this.#state[i] = this.#word((i + 397) % size) ^ (joined >>> 1) ^ mask;
    }
    this.#next = 0;
  }

  #word(index: number): number {
    return this.#state[index] ?? 0;
  }
}
