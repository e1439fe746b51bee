// Surges and migrations: what happened, why, and what of it concerns the pools that are shown.
const MARKS = DATA.marks.map(([at, kind, pool, to, count, reason]) => ({
  at, kind: DATA.kinds[kind], pool, to, count, reason: DATA.reasons[reason],
}));
const SURGES = DATA.surges.map(([start, end, pool, ended]) => ({ start, end, pool, ended: ended === 1 }));

function isShown(pool) {
  return pool < 0 || !POOLS[pool] || POOLS[pool].shown;
}

function shownMarks() {
  return MARKS.filter((mark) => isShown(mark.pool) || (mark.to >= 0 && isShown(mark.to)));
}

function shownSurges() {
  return SURGES.filter((surge) => isShown(surge.pool));
}

function poolName(index) {
  return index < 0 ? 'all pools' : DATA.names[index] || '(no name)';
}

function many(count, noun) {
  return figure(count) + ' ' + noun + (count === 1 ? '' : 's');
}

function whatHappened(mark) {
  const where = poolName(mark.pool);
  switch (mark.kind) {
    case 'SurgeStarted': return 'Surge in ' + where + ', ' + many(mark.count, 'worker') + ' added';
    case 'SurgeEnded': return 'Surge over in ' + where;
    case 'MigrateWorkers': return many(mark.count, 'worker') + ' moved from ' + where + ' to ' + poolName(mark.to);
    case 'SurgeWorkersKept': return many(mark.count, 'surge worker') + ' of ' + where + (mark.count === 1 ? ' stays' : ' stay');
    default: return mark.kind + ' in ' + where + (mark.count ? ' (' + figure(mark.count) + ')' : '');
  }
}

// Overlapping surges as one stretch, so that their shades don't add up.
function surgeStretches() {
  const stretches = [];
  for (const { start, end } of shownSurges()) {
    const last = stretches[stretches.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else stretches.push([start, end]);
  }
  return stretches;
}
