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

function levelsInView(u, spec) {
  const { top, height } = u.bbox;
  return (spec.levels || [])
    .map(([value, label]) => [Math.round(u.valToPos(value, 'y', true)) + 0.5, label])
    .filter(([y]) => y >= top && y <= top + height);
}

function drawLevels(u, spec) {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  ctx.save();
  ctx.lineWidth = dpr;
  ctx.strokeStyle = ink('soft');
  ctx.setLineDash([4 * dpr, 4 * dpr]);
  for (const [y] of levelsInView(u, spec)) {
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

// On top of the lines, each name on a ground of its own: it stays readable whatever runs behind it.
function drawLevelNames(u, spec) {
  const { ctx, bbox } = u;
  const dpr = uPlot.pxRatio;
  ctx.save();
  ctx.font = 11 * dpr + 'px ' + getComputedStyle(document.body).fontFamily;
  ctx.textAlign = 'right';
  for (const [y, label] of levelsInView(u, spec)) {
    if (!label) continue;
    const x = bbox.left + bbox.width - 4 * dpr;
    const width = ctx.measureText(label).width;
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = ink('card');
    ctx.fillRect(x - width - 3 * dpr, y - 16 * dpr, width + 6 * dpr, 15 * dpr);
    ctx.globalAlpha = 1;
    ctx.fillStyle = ink('soft');
    ctx.fillText(label, x, y - 4 * dpr);
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
  const last = {};
  let lines = 0;
  ctx.save();
  for (const mark of visible) {
    const x = u.valToPos(mark.at, 'x', true);
    const kept = mark.kind === 'SurgeWorkersKept';
    // Where marks stand closer than they are wide, one stands for its neighbours, and none has a line: a
    // thousand lines would hide the chart.
    if (crowded && x - last[mark.kind] < 5 * dpr) continue;
    last[mark.kind] = x;
    ctx.strokeStyle = ctx.fillStyle = kept ? ink('surge') : ink('ink');
    ctx.lineWidth = dpr;
    if (!crowded) {
      ctx.globalAlpha = 0.35;
      ctx.setLineDash([2 * dpr, 3 * dpr]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      lines++;
    }
    ctx.globalAlpha = crowded ? 0.6 : 0.85;
    const r = (crowded ? 2.5 : 4) * dpr;
    ctx.beginPath();
    if (kept) ctx.arc(x, y, r, 0, 2 * Math.PI);
    else [[0, -r], [r, 0], [0, r], [-r, 0]].forEach(([dx, dy]) => ctx.lineTo(x + dx, y + dy));
    ctx.fill();
  }
  ctx.restore();
  return lines;
}
