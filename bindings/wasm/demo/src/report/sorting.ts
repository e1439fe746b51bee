// Tables that sort by a column.

/** Makes the headings of every `table[data-sortable]` sort it; cells sort by `data-sort`, or by their text. */
export function startSorting(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('table[data-sortable] th button')) {
    button.addEventListener('click', () => sort(button));
  }
}

function sort(button: HTMLButtonElement): void {
  const head = button.parentElement;
  const table = button.closest('table');
  const body = table?.tBodies[0];
  if (!head || !table || !body) return;
  const column = Number(button.dataset['column']);
  const sorted = head.getAttribute('aria-sort');
  const down = (sorted !== 'descending' && column > 0) || sorted === 'ascending';
  const sign = down ? -1 : 1;
  const key = (row: HTMLTableRowElement) => {
    const value = row.cells[column]?.dataset['sort'];
    return value === undefined ? null : Number(value);
  };
  const text = (row: HTMLTableRowElement) => row.cells[column]?.textContent ?? '';
  const rows = [...body.rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x !== null && y !== null) return sign * (x - y);
    if (x !== null || y !== null) return x === null ? 1 : -1;
    return sign * text(a).localeCompare(text(b));
  });
  for (const other of table.querySelectorAll('th[aria-sort]')) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
  body.append(...rows);
}
