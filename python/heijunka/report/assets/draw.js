// What is drawn beside the lines: the band, the surges' shade, levels, and the lane of marks above the plot.
const LANE = 14;

function stretch(u, from, to) {
  const left = Math.max(u.valToPos(from, 'x', true), u.bbox.left);
  const right = Math.min(u.valToPos(to, 'x', true), u.bbox.left + u.bbox.width);
  return right >= left ? [left, Math.max(right - left, 2)] : null;
}

function drawBackground(u, spec) {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  ctx.save();
  if (spec.band) {
    const top = Math.max(u.valToPos(spec.band[1], 'y', true), bbox.top);
    const bottom = Math.min(u.valToPos(spec.band[0], 'y', true), bbox.top + bbox.height);
    ctx.fillStyle = ink('accent-soft');
    if (bottom > top) ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  }
  for (const [from, to] of surgeStretches()) {
    const place = stretch(u, from, to);
    if (!place) continue;
    ctx.fillStyle = ink('surge-soft');
    ctx.fillRect(place[0], bbox.top, place[1], bbox.height);
    ctx.fillStyle = ink('surge');
    ctx.fillRect(place[0], bbox.top - 4 * dpr, place[1], 3 * dpr);
  }
  ctx.restore();
}

function drawLevels(u, spec) {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  ctx.save();
  ctx.lineWidth = dpr;
  ctx.font = 11 * dpr + 'px ' + getComputedStyle(document.body).fontFamily;
  ctx.textAlign = 'right';
  for (const [value, label] of spec.levels || []) {
    const y = Math.round(u.valToPos(value, 'y', true)) + 0.5;
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = ink('soft');
    ctx.setLineDash([4 * dpr, 4 * dpr]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    if (label) {
      const x = bbox.left + bbox.width - 4 * dpr;
      ctx.setLineDash([]);
      ctx.strokeStyle = ink('card');
      ctx.lineWidth = 3 * dpr;
      ctx.strokeText(label, x, y - 4 * dpr);
      ctx.lineWidth = dpr;
      ctx.fillStyle = ink('soft');
      ctx.fillText(label, x, y - 4 * dpr);
    }
  }
  ctx.restore();
}

function drawMarks(u) {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  const { min, max } = u.scales.x;
  const visible = shownMarks().filter((mark) => mark.at >= min && mark.at <= max && !/^Surge(Started|Ended)$/.test(mark.kind));
  const crowded = visible.length * 16 * dpr > bbox.width;
  const y = bbox.top - 9 * dpr;
  ctx.save();
  for (const mark of visible) {
    const x = u.valToPos(mark.at, 'x', true);
    const kept = mark.kind === 'SurgeWorkersKept';
    ctx.strokeStyle = ctx.fillStyle = kept ? ink('surge') : ink('ink');
    ctx.lineWidth = dpr;
    ctx.globalAlpha = crowded ? 0.12 : 0.35;
    ctx.setLineDash([2 * dpr, 3 * dpr]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = crowded ? 0.6 : 0.85;
    const r = (crowded ? 2.5 : 4) * dpr;
    ctx.beginPath();
    if (kept) ctx.arc(x, y, r, 0, 2 * Math.PI);
    else [[0, -r], [r, 0], [0, r], [-r, 0]].forEach(([dx, dy]) => ctx.lineTo(x + dx, y + dy));
    ctx.fill();
  }
  ctx.restore();
}
