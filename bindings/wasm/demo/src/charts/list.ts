// A table of marks: what happened, and why; a time leads to its place on the charts.

import { part } from './dom';
import { clock, figure } from './format';
import { whatHappened, type Mark } from './marks';

const PAGE = 200;

export interface ListParts {
  body: HTMLTableSectionElement;
  /** Shows the next rows. */
  more: HTMLButtonElement;
  count: HTMLElement;
  /** Chooses kinds: its values are prefixes of their names, several apart by spaces. */
  pick: HTMLSelectElement;
}

export class MarkList {
  private found: readonly Mark[] = [];
  private upTo = 0;

  constructor(
    private readonly parts: ListParts,
    private marks: readonly Mark[],
    private readonly go: (mark: Mark) => void,
    /** What stands before the columns: whose mark it is, where there are several runs. */
    private readonly whose: ((mark: Mark) => Node) | null = null,
  ) {
    parts.pick.addEventListener('change', () => this.restart());
    parts.more.addEventListener('click', () => this.add());
    this.restart();
  }

  set(marks: readonly Mark[]): void {
    this.marks = marks;
    this.restart();
  }

  private restart(): void {
    const kinds = this.parts.pick.value.split(' ');
    this.found = this.marks.filter(({ kind }) => kinds.some((prefix) => kind.startsWith(prefix)));
    this.upTo = 0;
    this.parts.body.replaceChildren();
    this.add();
  }

  private add(): void {
    const { body, more, count } = this.parts;
    const rows = this.found.slice(this.upTo, this.upTo + PAGE).map((mark) => this.row(mark));
    body.append(...rows);
    this.upTo += rows.length;
    more.hidden = this.upTo >= this.found.length;
    count.textContent = !more.hidden
      ? 'The first ' + figure(this.upTo) + ' of ' + figure(this.found.length)
      : this.found.length
        ? figure(this.found.length) + ' in all'
        : 'None of these';
  }

  private row(mark: Mark): HTMLElement {
    const row = part('tr');
    const head = part('th');
    head.scope = 'row';
    const go = part('button', '', clock(mark.at));
    go.type = 'button';
    go.addEventListener('click', () => this.go(mark));
    head.append(go);
    row.append(head);
    if (this.whose) {
      const cell = part('td');
      cell.append(this.whose(mark));
      row.append(cell);
    }
    row.append(part('td', '', whatHappened(mark)), part('td', '', mark.reason));
    return row;
  }
}
