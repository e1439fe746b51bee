// The buttons that move the window of a group of charts.

import { clock } from './format';
import type { Group, Zoom } from './group';

/** The buttons are `[data-zoom]` inside `box`; answers what has to be called when the window has moved. */
export function startZoom(box: ParentNode, group: () => Group, window: HTMLElement): () => void {
  const buttons = [...box.querySelectorAll<HTMLButtonElement>('[data-zoom]')];
  for (const button of buttons) {
    button.addEventListener('click', () => group().zoom(button.dataset['zoom'] as Zoom, null));
  }
  return () => {
    const { from, to, axis, whole } = group();
    window.textContent = clock(from) + ' to ' + clock(to);
    const disabled: Record<Zoom, boolean> = {
      out: whole,
      whole,
      left: from <= axis.start,
      right: to >= axis.end,
      in: to - from <= 2 * axis.bucket,
    };
    for (const button of buttons) button.disabled = disabled[button.dataset['zoom'] as Zoom];
  };
}
