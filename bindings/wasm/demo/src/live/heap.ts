// What is due when: a binary heap; what is due at the same time comes in the order in which it was put in.

export interface Due<T> {
  at: number;
  what: T;
}

export class Heap<T> {
  private readonly items: (Due<T> & { order: number })[] = [];
  private order = 0;

  /** When the next one is due; Infinity: never. */
  get next(): number {
    return this.items[0]?.at ?? Infinity;
  }

  get size(): number {
    return this.items.length;
  }

  push(at: number, what: T): void {
    const item = { at, what, order: this.order++ };
    const { items } = this;
    let i = items.push(item) - 1;
    while (i > 0) {
      const above = (i - 1) >> 1;
      const parent = items[above];
      if (!parent || !before(item, parent)) break;
      items[i] = parent;
      i = above;
    }
    items[i] = item;
  }

  pop(): Due<T> | undefined {
    const { items } = this;
    const first = items[0];
    const item = items.pop();
    if (!first || !item || items.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      let lower = items[child];
      if (!lower) break;
      const right = items[child + 1];
      if (right && before(right, lower)) {
        lower = right;
        child++;
      }
      if (!before(lower, item)) break;
      items[i] = lower;
      i = child;
    }
    items[i] = item;
    return first;
  }
}

function before(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
