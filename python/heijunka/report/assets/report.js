// Built from bindings/wasm/demo/src/report by `npm run report`: change it there.
(function() {
  "use strict";
  // src/charts/dom.ts
  /** An element with a class and text. */
  function part(tag, className = "", text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== void 0) node.textContent = text;
    return node;
  }
  /** The element of this id; the page has it. */
  function byId(id) {
    const node = document.getElementById(id);
    if (!node) throw new Error("the page has no element `" + id + "`");
    return node;
  }
  var plain = [
    0,
    1,
    2,
    3,
    4
  ].map((digits) => new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }));
  var compact = new Intl.NumberFormat("en-US", {
    notation: "compact",
    maximumSignificantDigits: 3
  });
  /** About three significant digits: 0.0312, 4.25, 1,204, 46.9K. */
  function figure(value) {
    if (value === null || value === void 0) return "–";
    const size = Math.abs(value);
    if (size >= 0x38d7ea4c68000) return value.toExponential(2).replace("e+", "e");
    if (size >= 1e5) return compact.format(value);
    return plain[size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= .1 ? 3 : 4].format(value);
  }
  /** A share in percent, to a tenth. */
  function percent(value) {
    return value === null || value === void 0 ? "–" : figure(Math.round(value * 1e3) / 10) + "\xA0%";
  }
  /** An amount of money: $43.30, or 43.30 EUR. */
  function money(value, currency) {
    if (value === null || value === void 0) return "–";
    const shown = Math.abs(value) >= 1e5 ? figure(value) : decimals(value, 2);
    return currency === "USD" ? "$" + shown : shown + "\xA0" + currency;
  }
  /** Money on an axis: as few decimals as keep one tick apart from the next. */
  function moneyTick(value, step, currency) {
    if (value >= 1e5) return money(value, currency);
    const shown = decimals(value, step >= 1 ? 0 : Math.min(8, Math.max(2, Math.ceil(-Math.log10(step)))));
    return currency === "USD" ? "$" + shown : shown;
  }
  /** A time of the run as h:mm:ss. */
  function clock(seconds) {
    const whole = Math.max(0, Math.floor(seconds + 1e-9));
    const pad = (part) => String(part).padStart(2, "0");
    return Math.floor(whole / 3600) + ":" + pad(Math.floor(whole / 60) % 60) + ":" + pad(whole % 60);
  }
  /** A count with its noun: 1 worker, 3 workers. */
  function many(count, noun) {
    return figure(count) + " " + noun + (count === 1 ? "" : "s");
  }
  function decimals(value, digits) {
    return value.toLocaleString("en-US", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits
    });
  }
  // src/report/uplot.ts
  var uplot_default = globalThis.uPlot;
  // src/charts/columns.ts
  /** Columns on top of one another, the highest first, so that each covers the one below it. */
  function stacked(columns) {
    const sums = [];
    let below = new Array(columns[0]?.length ?? 0).fill(0);
    for (const column of columns) {
      below = below.map((value, i) => value + (column[i] ?? 0));
      sums.unshift(below);
    }
    return sums;
  }
  /** The sum of columns, point by point; nothing counts as 0. */
  function sum(columns, points) {
    const total = new Array(points).fill(0);
    for (const column of columns) for (let i = 0; i < points; i++) total[i] = total[i] + (column[i] ?? 0);
    return total;
  }
  /** Means over `grain` points each. The last point only closes the axis: it repeats the one before it. */
  function coarse(values, grain) {
    if (grain === 1) return values;
    const means = [];
    const points = values.length - 1;
    for (let i = 0; i < points; i += grain) {
      let total = 0;
      let known = 0;
      for (let k = i; k < Math.min(i + grain, points); k++) {
        const value = values[k];
        if (value === null || value === void 0) continue;
        total += value;
        known++;
      }
      means.push(known ? total / known : null);
    }
    return means.concat(means.slice(-1));
  }
  /** The times that go with `coarse`. */
  function coarseTimes(times, grain) {
    if (grain === 1) return times;
    return times.filter((_, i) => i < times.length - 1 && i % grain === 0).concat(times.slice(-1));
  }
  /** A column with its last value once more, since a bucket lasts until the end of the axis. */
  function closed(values) {
    return values.length ? values.concat(values.slice(-1)) : values;
  }
  // src/charts/theme.ts
  var root$1 = document.documentElement;
  var dark = matchMedia("(prefers-color-scheme: dark)");
  var redraws = /* @__PURE__ */ new Set();
  var chosen = null;
  var printing = false;
  var inks = /* @__PURE__ */ new Map();
  /** The color of this name (a custom property of the page) in the theme of the moment. */
  function ink(name) {
    let color = inks.get(name);
    if (color === void 0) {
      color = getComputedStyle(root$1).getPropertyValue("--" + name).trim();
      inks.set(name, color);
    }
    return color;
  }
  /** Calls `redraw` whenever the colors have changed, until `signal` says stop. */
  function onTheme(redraw, signal) {
    redraws.add(redraw);
    signal.addEventListener("abort", () => redraws.delete(redraw));
  }
  /** On paper everything is light. */
  function setPrinting(on) {
    printing = on;
    apply();
  }
  function isPrinting() {
    return printing;
  }
  /** Follows the system and the button; `kept` remembers the reader's choice where there is something to keep it in. */
  function startTheme(button, kept) {
    chosen = kept?.get() ?? null;
    button.hidden = false;
    button.addEventListener("click", () => {
      chosen = root$1.dataset["theme"] === "dark" ? "light" : "dark";
      kept?.set(chosen);
      apply();
    });
    dark.addEventListener("change", apply);
    apply();
  }
  function apply() {
    const theme = printing ? "light" : chosen ?? (dark.matches ? "dark" : "light");
    root$1.dataset["theme"] = theme;
    inks = /* @__PURE__ */ new Map();
    const button = document.getElementById("theme");
    if (button) {
      button.textContent = theme === "dark" ? "Light" : "Dark";
      button.setAttribute("aria-label", theme === "dark" ? "Switch to light colors" : "Switch to dark colors");
    }
    for (const redraw of redraws) redraw();
  }
  function stretch(u, from, to) {
    const left = Math.max(u.valToPos(from, "x", true), u.bbox.left);
    const right = Math.min(u.valToPos(to, "x", true), u.bbox.left + u.bbox.width);
    return right >= left ? [left, Math.max(right - left, 2)] : null;
  }
  function drawBackground(u, spec, surges, sides, lane) {
    const { ctx, bbox } = u;
    const dpr = uplot_default.pxRatio;
    ctx.save();
    if (spec.band) {
      const top = Math.max(u.valToPos(spec.band[1], "y", true), bbox.top);
      const bottom = Math.min(u.valToPos(spec.band[0], "y", true), bbox.top + bbox.height);
      ctx.fillStyle = ink("accent-soft");
      if (bottom > top) ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    }
    for (const surge of surges) {
      const place = stretch(u, surge.start, surge.end);
      const side = sides[surge.side];
      if (!place || !side) continue;
      const [left, width] = place;
      ctx.fillStyle = ink(side.shade);
      ctx.fillRect(left, bbox.top, width, bbox.height);
      ctx.fillStyle = ink(side.surge);
      ctx.fillRect(left, laneTop(u, surge.side, sides, lane) + (lane - 4) * dpr, width, 3 * dpr);
    }
    ctx.restore();
  }
  function laneTop(u, side, sides, lane) {
    return u.bbox.top - (sides.length - side) * lane * uplot_default.pxRatio;
  }
  function levelsInView(u, spec) {
    const { top, height } = u.bbox;
    return (spec.levels ?? []).map(([value, name]) => [Math.round(u.valToPos(value, "y", true)) + .5, name]).filter(([y]) => y >= top && y <= top + height);
  }
  function drawLevels(u, spec) {
    const { ctx, bbox } = u;
    const dpr = uplot_default.pxRatio;
    ctx.save();
    ctx.lineWidth = dpr;
    ctx.strokeStyle = ink("soft");
    ctx.setLineDash([4 * dpr, 4 * dpr]);
    for (const [y] of levelsInView(u, spec)) line(ctx, bbox.left, y, bbox.left + bbox.width, y);
    ctx.restore();
  }
  /** On top of the lines, each name on a ground of its own: it stays readable whatever runs behind it. */
  function drawLevelNames(u, spec) {
    const { ctx, bbox } = u;
    const dpr = uplot_default.pxRatio;
    ctx.save();
    ctx.font = 11 * dpr + "px " + getComputedStyle(document.body).fontFamily;
    ctx.textAlign = "right";
    for (const [y, name] of levelsInView(u, spec)) {
      if (!name) continue;
      const x = bbox.left + bbox.width - 4 * dpr;
      const width = ctx.measureText(name).width;
      ctx.globalAlpha = .85;
      ctx.fillStyle = ink("card");
      ctx.fillRect(x - width - 3 * dpr, y - 16 * dpr, width + 6 * dpr, 15 * dpr);
      ctx.globalAlpha = 1;
      ctx.fillStyle = ink("soft");
      ctx.fillText(name, x, y - 4 * dpr);
    }
    ctx.restore();
  }
  /** Marks in the lanes of their runs, each with a line down the chart; answers how many lines were drawn. */
  function drawLanes(u, marks, sides) {
    const { ctx, bbox } = u;
    const dpr = uplot_default.pxRatio;
    const { min = 0, max = 0 } = u.scales["x"] ?? {};
    const visible = marks.filter(({ at }) => at >= min && at <= max);
    const crowded = visible.length * 16 * dpr > bbox.width;
    const last = /* @__PURE__ */ new Map();
    let lines = 0;
    ctx.save();
    for (const mark of visible) {
      const x = u.valToPos(mark.at, "x", true);
      const side = sides[mark.side];
      const key = mark.kind + mark.side;
      if (!side || crowded && x - (last.get(key) ?? -Infinity) < 5 * dpr) continue;
      last.set(key, x);
      ctx.strokeStyle = ctx.fillStyle = ink(mark.kind === "SurgeWorkersKept" ? side.surge : side.mark);
      ctx.lineWidth = dpr;
      if (!crowded) {
        ctx.globalAlpha = .35;
        ctx.setLineDash([2 * dpr, 3 * dpr]);
        line(ctx, x, bbox.top, x, bbox.top + bbox.height);
        lines++;
      }
      ctx.globalAlpha = crowded ? .6 : .85;
      glyph(ctx, mark.kind, x, laneTop(u, mark.side, sides, 14) + 5 * dpr, (crowded ? 2.5 : 4) * dpr);
    }
    ctx.restore();
    return lines;
  }
  /** Rows of marks in the place of lines, and a ring around the one that is pointed at. */
  function drawRows(u, marks, surges, sides, rowOf, pointed) {
    const { ctx, bbox } = u;
    const dpr = uplot_default.pxRatio;
    const { min = 0, max = 0 } = u.scales["x"] ?? {};
    const middle = (row) => u.valToPos(row + .5, "y", true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left - 6 * dpr, bbox.top, bbox.width + 12 * dpr, bbox.height);
    ctx.clip();
    for (const surge of surges) {
      const place = stretch(u, surge.start, surge.end);
      const side = sides[surge.side];
      if (!place || !side) continue;
      ctx.globalAlpha = .45;
      ctx.fillStyle = ink(side.mark);
      ctx.fillRect(place[0], middle(rowOf({
        kind: "SurgeStarted",
        side: surge.side
      })) - 4 * dpr, place[1], 8 * dpr);
    }
    const last = /* @__PURE__ */ new Map();
    for (const mark of marks) {
      const side = sides[mark.side];
      if (mark.at < min || mark.at > max || !side) continue;
      const x = u.valToPos(mark.at, "x", true);
      const key = mark.kind + mark.side;
      if (x - (last.get(key) ?? -Infinity) < 2 * dpr) continue;
      last.set(key, x);
      ctx.globalAlpha = .8;
      ctx.fillStyle = ink(side.mark);
      const up = mark.kind === "AddWorkers" ? -3 : mark.kind === "RemoveWorkers" ? 3 : 0;
      glyph(ctx, mark.kind, x, middle(rowOf(mark)) + up * dpr, 4 * dpr);
    }
    if (pointed) {
      ctx.globalAlpha = 1;
      ctx.strokeStyle = ink("ink");
      ctx.lineWidth = 1.5 * dpr;
      ctx.beginPath();
      ctx.arc(u.valToPos(pointed.at, "x", true), middle(rowOf(pointed)), 9 * dpr, 0, 2 * Math.PI);
      ctx.stroke();
    }
    ctx.restore();
  }
  var DIAMOND = [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0]
  ];
  var SHAPES = {
    AddWorkers: [
      [0, -1],
      [1, .8],
      [-1, .8]
    ],
    RemoveWorkers: [
      [0, 1],
      [1, -.8],
      [-1, -.8]
    ],
    SurgeStarted: [
      [-.7, -1],
      [1, 0],
      [-.7, 1]
    ]
  };
  function glyph(ctx, kind, x, y, r) {
    ctx.beginPath();
    if (kind === "SurgeWorkersKept") ctx.arc(x, y, r, 0, 2 * Math.PI);
    else if (kind === "SurgeEnded") ctx.rect(x - r / 3, y - r, 2 * r / 3, 2 * r);
    else for (const [dx, dy] of SHAPES[kind] ?? DIAMOND) ctx.lineTo(x + dx * r, y + dy * r);
    ctx.fill();
  }
  function line(ctx, x0, y0, x1, y1) {
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
  }
  // src/charts/marks.ts
  function poolName(pool) {
    return pool === null ? "all pools" : pool || "(no name)";
  }
  function whatHappened(mark) {
    const where = poolName(mark.pool);
    switch (mark.kind) {
      case "SurgeStarted": return "Surge in " + where + ", " + many(mark.count, "worker") + " added";
      case "SurgeEnded": return "Surge over in " + where;
      case "MigrateWorkers": return many(mark.count, "worker") + " moved from " + where + " to " + poolName(mark.to);
      case "SurgeWorkersKept": return many(mark.count, "surge worker") + " of " + where + (mark.count === 1 ? " stays" : " stay");
      case "AddWorkers": return many(mark.count, "worker") + " added to " + where;
      case "RemoveWorkers": return many(mark.count, "worker") + " removed from " + where;
      case "AlertFiring": return "Alert in " + where;
      case "AlertResolved": return "Alert over in " + where;
      default: return mark.kind + " in " + where + (mark.count ? " (" + figure(mark.count) + ")" : "");
    }
  }
  /** Pairs each start with the next end of the same pool (or of the whole system) in the same run. */
  function surgesOf(marks, end) {
    const running = /* @__PURE__ */ new Map();
    const surges = [];
    for (const { at, kind, pool, side } of marks) {
      const key = side + (pool === null ? "" : "/" + pool);
      const open = running.get(key);
      if (kind === "SurgeStarted" && !open) {
        const surge = {
          start: at,
          end: Math.max(end, at),
          pool,
          side
        };
        running.set(key, surge);
        surges.push(surge);
      } else if (kind === "SurgeEnded" && open) {
        open.end = at;
        running.delete(key);
      }
    }
    return surges;
  }
  /** Overlapping surges of a run as one stretch, so that their shades don't add up. */
  function stretchesOf(surges) {
    const stretches = [];
    const last = /* @__PURE__ */ new Map();
    for (const surge of [...surges].sort((a, b) => a.start - b.start)) {
      const open = last.get(surge.side);
      if (open && surge.start <= open.end) open.end = Math.max(open.end, surge.end);
      else {
        const stretch = {
          ...surge,
          pool: null
        };
        last.set(surge.side, stretch);
        stretches.push(stretch);
      }
    }
    return stretches;
  }
  // src/charts/tip.ts
  var MOST_ROWS = 10;
  var MOST_EVENTS = 4;
  /** The values at a point; of pools the largest first. */
  function readout(chart, i) {
    const { spec, plot } = chart;
    const rows = [];
    spec.lines.forEach((line, k) => {
      if (line.silent || !plot.series[k + 1]?.show) return;
      const value = line.value ? line.value(i) : plot.data[k + 1]?.[i];
      if (value === null || value === void 0) return;
      rows.push({
        line,
        value,
        shown: line.say ? line.say(i) : spec.format(value)
      });
    });
    return spec.ranked ? rows.sort((a, b) => b.value - a.value) : rows;
  }
  var Tip = class {
    group;
    /** The chart that the pointer or the keyboard is at. */
    active = null;
    /** A tap's reading stays until the next tap elsewhere, whatever mouse events the browser makes of it. */
    touched = false;
    /** The mark that the keyboard goes to, whatever stands nearer to the cursor. */
    held = null;
    node = part("div", "tip");
    constructor(group) {
      this.group = group;
      this.node.hidden = true;
      this.node.setAttribute("aria-hidden", "true");
    }
    /** The time under the cursor of a chart. */
    time(chart) {
      if (chart.pointed) return chart.pointed.at;
      const { idx } = chart.plot.cursor;
      return idx === null || idx === void 0 ? null : chart.plot.data[0][idx] ?? null;
    }
    follow(chart, u) {
      if (chart !== this.active) return;
      const { left, idx } = u.cursor;
      if (left === void 0 || left < 0 || idx === null || idx === void 0) {
        this.hide();
        this.point(chart, null);
        return;
      }
      if (chart.spec.rows) this.point(chart, this.held ?? this.markNear(chart, u));
      if (this.node.parentNode !== chart.host) chart.host.append(this.node);
      if (!this.fill(chart, u)) {
        this.node.hidden = true;
        return;
      }
      this.node.hidden = false;
      const x = left + u.over.offsetLeft;
      const room = chart.host.clientWidth;
      const width = this.node.offsetWidth;
      const beside = x + 16 + width <= room ? x + 16 : x - 16 - width;
      this.node.style.left = Math.max(4, Math.min(beside, room - width - 4)) + "px";
      const below = room < 480 || chart.spec.rows !== void 0;
      this.node.style.top = (below ? chart.plot.height - (chart.spec.rows ? 30 : 0) : 22) + "px";
    }
    hide() {
      this.node.hidden = true;
    }
    /** Takes tip and cursor away. */
    leave() {
      this.hide();
      const { active } = this;
      if (!active) return;
      this.point(active, null);
      active.plot.setCursor({
        left: -10,
        top: -10
      }, true);
      this.active = null;
    }
    /** Puts the cursor on a point, moves the window there if needed, and says what is there. */
    moveTo(chart, index) {
      const times = chart.plot.data[0];
      const at = times[Math.max(0, Math.min(times.length - 2, index))];
      if (at !== void 0) this.moveToTime(chart, at, null);
    }
    /** Puts the cursor on a mark. */
    moveToMark(chart, mark) {
      this.moveToTime(chart, mark.at, mark);
    }
    moveToTime(chart, at, mark) {
      const { group } = this;
      if (at < group.from || at > group.to) {
        const length = group.to - group.from;
        group.setWindow(at - length / 2, at + length / 2);
      }
      requestAnimationFrame(() => {
        this.active = chart;
        const { plot } = chart;
        const top = mark ? plot.valToPos(this.rowOf(mark) + .5, "y") : plot.over.clientHeight / 2;
        this.held = mark;
        plot.setCursor({
          left: plot.valToPos(at, "x"),
          top
        }, true);
        this.held = null;
        group.world.spoken.textContent = mark ? group.world.tell(mark) : this.words(chart);
      });
    }
    words(chart) {
      const i = this.indexAt(chart.plot);
      const said = readout(chart, i).slice(0, MOST_ROWS).map(({ line, shown }) => line.label + " " + shown);
      return [this.timeAt(chart, i)].concat(said, this.events(chart.plot).slice(0, MOST_EVENTS)).join("; ");
    }
    indexAt(u) {
      return Math.max(0, Math.min(u.cursor.idx ?? 0, u.data[0].length - 2));
    }
    timeAt(chart, i) {
      const times = chart.plot.data[0];
      const [from, to] = [times[i] ?? 0, times[i + 1] ?? 0];
      return chart.grain === 1 ? clock(from) : clock(from) + " to " + clock(to);
    }
    events(u) {
      const { world } = this.group;
      const left = u.cursor.left ?? 0;
      const [from, to, at] = [
        u.posToVal(left - 7, "x"),
        u.posToVal(left + 7, "x"),
        u.posToVal(left, "x")
      ];
      const events = world.marks().filter((mark) => mark.at >= from && mark.at <= to).map((mark) => world.tell(mark));
      const running = world.surges().find((surge) => surge.start < from && surge.end > to && surge.start <= at);
      if (running) events.push("Surge in " + poolName(running.pool) + " since " + clock(running.start));
      return events;
    }
    rowOf(mark) {
      return this.group.world.rowOf?.(mark) ?? 0;
    }
    /** The mark nearest to the cursor, if one is near. */
    markNear(chart, u) {
      const { left = 0, top = 0 } = u.cursor;
      let nearest = null;
      let least = 14;
      for (const mark of this.group.marksInView()) {
        const dx = u.valToPos(mark.at, "x") - left;
        if (Math.abs(dx) >= least) continue;
        const dy = u.valToPos(this.rowOf(mark) + .5, "y") - top;
        const distance = Math.hypot(dx, dy) - (mark === chart.pointed ? .5 : 0);
        if (distance < least) {
          least = distance;
          nearest = mark;
        }
      }
      return nearest;
    }
    point(chart, mark) {
      if (chart.pointed === mark) return;
      chart.pointed = mark;
      chart.plot.redraw(false, false);
    }
    /** Whether there is anything to say. */
    fill(chart, u) {
      if (chart.spec.rows) {
        if (chart.pointed) this.node.replaceChildren(part("div", "", this.group.world.tell(chart.pointed)));
        return chart.pointed !== null;
      }
      const i = this.indexAt(u);
      const rows = readout(chart, i);
      const nodes = [part("div", "time", this.timeAt(chart, i))];
      for (const { line, shown } of rows.slice(0, MOST_ROWS)) {
        const swatch = part("span", "swatch " + (line.swatch ?? ""));
        swatch.style.background = ink(line.color);
        const node = part("div", "row");
        node.append(swatch, part("bdi", "name", line.label), part("b", "", shown));
        nodes.push(node);
      }
      if (rows.length > MOST_ROWS) nodes.push(part("div", "time", "and " + (rows.length - MOST_ROWS) + " more"));
      if (!rows.length) nodes.push(part("div", "time", "no value"));
      const events = this.events(u);
      for (const event of events.slice(0, MOST_EVENTS)) nodes.push(part("div", "event", event));
      if (events.length > MOST_EVENTS) nodes.push(part("div", "time", "and " + (events.length - MOST_EVENTS) + " more"));
      this.node.replaceChildren(...nodes);
      return true;
    }
  };
  /** A tap outside the chart that was tapped takes its reading away. */
  function startTouch(group, signal) {
    document.addEventListener("pointerdown", (event) => {
      const { tip } = group;
      tip.touched = event.pointerType === "touch";
      if (tip.touched && tip.active && !tip.active.host.contains(event.target)) tip.leave();
    }, {
      capture: true,
      signal
    });
  }
  /** Pointer and keyboard on a chart, until `signal` says stop. */
  function listen(group, chart, signal) {
    const { over } = chart.plot;
    const { tip } = group;
    over.addEventListener("mouseenter", () => {
      tip.active = chart;
    });
    over.addEventListener("mouseleave", () => {
      if (tip.active !== chart || tip.touched) return;
      tip.leave();
    });
    over.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") return;
      tip.active = chart;
      const box = over.getBoundingClientRect();
      chart.plot.setCursor({
        left: event.clientX - box.left,
        top: event.clientY - box.top
      }, true);
    });
    const left = () => {
      if (tip.active === chart && !tip.touched) tip.leave();
    };
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const zoom = {
        "+": "in",
        "=": "in",
        "-": "out"
      }[event.key];
      if (zoom) group.zoom(zoom, chart);
      else if (event.key === "Escape") {
        tip.leave();
        group.zoom("whole", null);
      } else if (!(chart.spec.rows ? toMark(group, chart, event.key) : toPoint(group, chart, event.key))) return;
      event.preventDefault();
    };
    chart.host.addEventListener("blur", left, { signal });
    chart.host.addEventListener("keydown", pressed, { signal });
  }
  function toPoint(group, chart, key) {
    const { plot } = chart;
    const first = plot.valToIdx(group.from);
    const last = plot.valToIdx(group.to);
    const now = (group.tip.active === chart ? plot.cursor.idx : null) ?? first - 1;
    const index = {
      ArrowRight: now + 1,
      ArrowLeft: now - 1,
      PageDown: now + 20,
      PageUp: now - 20,
      Home: first,
      End: last
    }[key];
    if (index === void 0) return false;
    group.tip.moveTo(chart, index);
    return true;
  }
  /** On a chart of marks the keys go from mark to mark, beyond the window too. */
  function toMark(group, chart, key) {
    const marks = group.world.marks();
    const first = marks.findIndex(({ at }) => at >= group.from);
    const now = chart.pointed ? marks.indexOf(chart.pointed) : (first < 0 ? marks.length : first) - 1;
    const index = {
      ArrowRight: now + 1,
      ArrowLeft: now - 1,
      PageDown: now + 20,
      PageUp: now - 20,
      Home: 0,
      End: marks.length - 1
    }[key];
    if (index === void 0) return false;
    const mark = marks[Math.max(0, Math.min(marks.length - 1, index))];
    if (mark) group.tip.moveToMark(chart, mark);
    return true;
  }
  // src/charts/group.ts
  var DAY = 86400;
  var STEPS = [
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10800,
    14400,
    21600,
    43200,
    DAY
  ].concat([
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1e3
  ].map((days) => days * DAY));
  var HEIGHT = 212;
  var PRINTED = {
    width: 620,
    height: 180
  };
  var groups = 0;
  var Group = class {
    axis;
    world;
    charts = [];
    tip;
    from;
    to;
    gone = new AbortController();
    key = "time-" + String(groups++);
    stepped = uplot_default.paths.stepped?.({ align: 1 });
    constructor(axis, world) {
      this.axis = axis;
      this.world = world;
      this.from = axis.start;
      this.to = axis.end;
      this.tip = new Tip(this);
      const { signal } = this.gone;
      startTouch(this, signal);
      onTheme(() => this.charts.forEach(({ plot }) => plot.redraw(false, true)), signal);
      const print = () => {
        setPrinting(true);
        for (const { plot } of this.charts) plot.setSize(PRINTED);
      };
      const printed = () => {
        setPrinting(false);
        for (const chart of this.charts) chart.plot.setSize(sizeOf(chart.host, chart.spec));
      };
      addEventListener("beforeprint", print, { signal });
      addEventListener("afterprint", printed, { signal });
    }
    /** Takes the charts away. */
    destroy() {
      this.gone.abort();
      for (const { plot } of this.charts) plot.destroy();
      this.charts.length = 0;
    }
    /** Draws a chart in `host`. */
    add(host, spec) {
      const chart = {
        host,
        spec,
        grain: 1,
        pointed: null
      };
      chart.grain = this.grainOf(chart);
      chart.plot = new uplot_default(this.options(chart), this.columnsOf(chart), host);
      host.dataset["series"] = String(spec.lines.length);
      this.charts.push(chart);
      listen(this, chart, this.gone.signal);
      const resized = new ResizeObserver(() => {
        const size = sizeOf(host, spec);
        if (size.width === chart.plot.width || isPrinting() || host.clientWidth === 0) return;
        chart.plot.setSize(size);
        this.setWindow(this.from, this.to);
      });
      resized.observe(host);
      this.gone.signal.addEventListener("abort", () => resized.disconnect());
      return chart;
    }
    /** Other values on another axis. The window stays where it was if `keep` is set and there is still something. */
    setAxis(axis, keep) {
      const whole = this.from <= this.axis.start && this.to >= this.axis.end;
      this.axis = axis;
      if (!keep || whole || this.from >= axis.end) {
        this.from = axis.start;
        this.to = axis.end;
      }
      for (const chart of this.charts) chart.pointed = null;
      this.refresh();
    }
    /** Draws all anew, with the columns as they are now. */
    refresh() {
      for (const chart of this.charts) {
        const { spec, plot } = chart;
        chart.grain = this.grainOf(chart);
        plot.batch(() => {
          spec.lines.forEach((line, i) => {
            const shown = line.shown?.() ?? true;
            if (plot.series[i + 1]?.show !== shown) plot.setSeries(i + 1, { show: shown });
          });
          plot.setData(this.columnsOf(chart), false);
        });
      }
      this.setWindow(this.from, this.to);
    }
    /** All charts show the time between `from` and `to`, never shorter than two points nor outside the axis. */
    setWindow(from, to) {
      const { start, end, bucket } = this.axis;
      const length = Math.min(end - start, Math.max(to - from, 2 * bucket));
      this.from = Math.min(Math.max(start, from), end - length);
      this.to = this.from + length;
      for (const chart of this.charts) {
        const grain = this.grainOf(chart);
        if (grain !== chart.grain) {
          chart.grain = grain;
          chart.plot.setData(this.columnsOf(chart), false);
        }
        chart.plot.setScale("x", {
          min: this.from,
          max: this.to
        });
      }
      this.world.moved?.(this.from, this.to);
    }
    /** Whether the window shows all there is. */
    get whole() {
      return this.from <= this.axis.start && this.to >= this.axis.end;
    }
    /** Moves the window, or changes its length around the cursor of `chart`. */
    zoom(what, chart) {
      const { from, to } = this;
      const length = to - from;
      const middle = (chart && this.tip.active === chart ? this.tip.time(chart) : null) ?? from + length / 2;
      const share = (middle - from) / length;
      if (what === "in") this.setWindow(middle - share * length / 2, middle + (1 - share) * length / 2);
      else if (what === "out") this.setWindow(middle - share * length * 2, middle + (1 - share) * length * 2);
      else if (what === "left") this.setWindow(from - length / 2, to - length / 2);
      else if (what === "right") this.setWindow(from + length / 2, to + length / 2);
      else this.setWindow(this.axis.start, this.axis.end);
    }
    /** Brings the lines of this key to the fore; null: all alike. */
    focus(key) {
      for (const { spec, plot } of this.charts) {
        if (spec.lines[0]?.key === void 0) continue;
        const i = key === null ? -1 : spec.lines.findLastIndex((line) => line.key === key);
        plot.setSeries(i < 0 ? null : i + 1, { focus: true });
      }
    }
    /** Leads to a time on the first chart. */
    showAt(time) {
      const half = Math.max((this.axis.end - this.axis.start) / 24, 10 * this.axis.bucket);
      this.setWindow(time - half, time + half);
      const chart = this.charts[0];
      if (!chart) return;
      (chart.host.closest("figure") ?? chart.host).scrollIntoView({ block: "start" });
      chart.host.focus({ preventScroll: true });
      this.tip.moveTo(chart, chart.plot.valToIdx(time));
    }
    /** Marks in view of a chart with rows. */
    marksInView() {
      return this.world.marks().filter(({ at }) => at >= this.from && at <= this.to);
    }
    grainOf({ host, spec }) {
      if (!spec.coarse) return 1;
      const points = (this.to - this.from) / this.axis.bucket;
      return Math.max(1, Math.ceil(points / Math.max(80, (host.clientWidth - 90) / 2)));
    }
    columnsOf({ spec, grain }) {
      const { times } = this.axis;
      const columns = spec.lines.map((line) => coarse(line.column(), grain));
      if (spec.rows) columns.push(times.map(() => null));
      return [coarseTimes(times, grain), ...columns];
    }
    options(chart) {
      const { spec, host } = chart;
      const { sides, marks, surges, inLane } = this.world;
      const isMove = (type) => type === "mousemove" || type === "mouseleave";
      const rows = spec.rows;
      const lane = inLane ? 14 : 6;
      return {
        ...sizeOf(host, spec),
        padding: [
          rows ? 4 : lane * sides.length + 4,
          28,
          0,
          0
        ],
        legend: { show: false },
        focus: { alpha: .18 },
        cursor: {
          y: false,
          drag: {
            x: true,
            y: false,
            dist: 8,
            setScale: false
          },
          sync: {
            key: this.key,
            setSeries: false,
            scales: ["x", null],
            filters: {
              pub: isMove,
              sub: isMove
            }
          },
          points: {
            size: 9,
            width: 1.5,
            fill: (u, i) => (u.series[i]?.stroke)(u, i),
            stroke: () => ink("card")
          },
          bind: {
            dblclick: () => () => {
              this.zoom("whole", null);
              return null;
            },
            mouseleave: (_, __, leave) => (event) => this.tip.touched ? null : leave(event)
          }
        },
        scales: {
          x: {
            time: false,
            range: (_, low, high) => [low, high]
          },
          y: { range: rows ? () => [0, rows.length] : spec.range }
        },
        axes: axes(spec),
        series: [
          {},
          ...rows ? [{
            show: true,
            points: { show: false }
          }] : [],
          ...spec.lines.map((line) => {
            const { fill } = line;
            return {
              show: line.shown?.() ?? true,
              stroke: () => ink(line.color),
              width: line.width ?? 1.6,
              ...line.dash ? { dash: line.dash } : {},
              ...line.stepped && this.stepped ? { paths: this.stepped } : {},
              ...fill ? { fill: () => ink(fill) } : {},
              points: { show: false },
              spanGaps: false
            };
          })
        ],
        bands: (spec.between ?? []).map(({ lines, color }) => ({
          series: [lines[0] + 1, lines[1] + 1],
          fill: () => ink(color) + "2e"
        })),
        hooks: {
          drawClear: [(u) => drawBackground(u, spec, rows ? [] : stretchesOf(surges()), sides, lane)],
          drawAxes: [(u) => drawLevels(u, spec)],
          draw: [(u) => {
            drawLevelNames(u, spec);
            if (rows) drawRows(u, marks(), surges(), sides, this.world.rowOf ?? (() => 0), chart.pointed);
            else host.dataset["lines"] = String(drawLanes(u, inLane ? marks().filter(inLane) : [], sides));
            host.dataset["drawn"] = "true";
          }],
          setSelect: [(u) => this.selected(u)],
          setCursor: [(u) => this.tip.follow(chart, u)]
        }
      };
    }
    selected(u) {
      if (u.select.width < 4) return;
      const from = u.posToVal(u.select.left, "x");
      const to = u.posToVal(u.select.left + u.select.width, "x");
      u.setSelect({
        left: 0,
        width: 0,
        top: 0,
        height: 0
      }, false);
      this.setWindow(from, to);
    }
  };
  function sizeOf(host, spec) {
    return {
      width: Math.max(host.clientWidth, 200),
      height: spec.height ?? HEIGHT
    };
  }
  function axes(spec) {
    const common = {
      stroke: () => ink("soft"),
      ticks: { show: false },
      font: "12px " + getComputedStyle(document.body).fontFamily
    };
    const { rows } = spec;
    const tick = spec.tick ?? spec.format;
    return [{
      ...common,
      size: 34,
      space: 84,
      gap: 9,
      incrs: STEPS,
      values: (_, ticks) => ticks.map(clock),
      grid: { show: false }
    }, {
      ...common,
      size: 58,
      space: 34,
      gap: 6,
      grid: {
        stroke: () => ink("grid"),
        width: 1
      },
      ...rows ? {
        splits: () => rows.map((_, i) => i + .5),
        values: () => rows.map((name) => name)
      } : { values: (_, ticks, __, ___, step) => ticks.map((v) => tick(v, step)) }
    }];
  }
  // src/charts/list.ts
  var PAGE = 200;
  var MarkList = class {
    parts;
    marks;
    go;
    whose;
    found = [];
    upTo = 0;
    constructor(parts, marks, go, whose = null) {
      this.parts = parts;
      this.marks = marks;
      this.go = go;
      this.whose = whose;
      parts.pick.addEventListener("change", () => this.restart());
      parts.more.addEventListener("click", () => this.add());
      this.restart();
    }
    set(marks) {
      this.marks = marks;
      this.restart();
    }
    restart() {
      const kinds = this.parts.pick.value.split(" ");
      this.found = this.marks.filter(({ kind }) => kinds.some((prefix) => kind.startsWith(prefix)));
      this.upTo = 0;
      this.parts.body.replaceChildren();
      this.add();
    }
    add() {
      const { body, more, count } = this.parts;
      const rows = this.found.slice(this.upTo, this.upTo + PAGE).map((mark) => this.row(mark));
      body.append(...rows);
      this.upTo += rows.length;
      more.hidden = this.upTo >= this.found.length;
      count.textContent = !more.hidden ? "The first " + figure(this.upTo) + " of " + figure(this.found.length) : this.found.length ? figure(this.found.length) + " in all" : "None of these";
    }
    row(mark) {
      const row = part("tr");
      const head = part("th");
      head.scope = "row";
      const go = part("button", "", clock(mark.at));
      go.type = "button";
      go.addEventListener("click", () => this.go(mark));
      head.append(go);
      row.append(head);
      if (this.whose) {
        const cell = part("td");
        cell.append(this.whose(mark));
        row.append(cell);
      }
      row.append(part("td", "", whatHappened(mark)), part("td", "", mark.reason));
      return row;
    }
  };
  // src/charts/zoom.ts
  /** The buttons are `[data-zoom]` inside `box`; answers what has to be called when the window has moved. */
  function startZoom(box, group, window) {
    const buttons = [...box.querySelectorAll("[data-zoom]")];
    for (const button of buttons) button.addEventListener("click", () => group().zoom(button.dataset["zoom"], null));
    return () => {
      const { from, to, axis, whole } = group();
      window.textContent = clock(from) + " to " + clock(to);
      const disabled = {
        out: whole,
        whole,
        left: from <= axis.start,
        right: to >= axis.end,
        in: to - from <= 2 * axis.bucket
      };
      for (const button of buttons) button.disabled = disabled[button.dataset["zoom"]];
    };
  }
  // src/report/data.ts
  var KEYS = [
    "u",
    "d",
    "a",
    "m",
    "r",
    "w",
    "b",
    "s"
  ];
  var DATA = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
  /** A column, with its last value once more at the end of the axis: a bucket lasts. */
  function unpack(packed) {
    const scale = 10 ** packed.d;
    const values = [];
    for (const item of packed.v) {
      const [value, times] = Array.isArray(item) ? item : [item, 1];
      for (let i = 0; i < times; i++) values.push(value === null ? null : value / scale);
    }
    return closed(values);
  }
  var TIMES = Array.from({ length: DATA.points + 1 }, (_, i) => Math.min(i * DATA.bucket, DATA.end));
  var POOLS = DATA.pools.map((packed, index) => {
    const columns = Object.fromEntries(KEYS.map((key) => [key, unpack(packed[key])]));
    const total = columns.b.map((value, i) => value === null ? null : value + (columns.s[i] ?? 0));
    return {
      index,
      name: DATA.names[index] || "(no name)",
      shown: index < DATA.shown,
      total,
      columns
    };
  });
  function shownPools() {
    return POOLS.filter((pool) => pool.shown);
  }
  var nameOf = (index) => index < 0 ? null : DATA.names[index] ?? "";
  var MARKS = DATA.marks.map(([at, kind, pool, to, count, reason]) => ({
    at,
    kind: DATA.kinds[kind] ?? "",
    pool: nameOf(pool),
    to: nameOf(to),
    count,
    reason: DATA.reasons[reason] ?? "",
    side: 0
  }));
  var SURGES = surgesOf(MARKS, DATA.end);
  var hidden = (pool) => POOLS.some(({ name, shown }) => name === pool && !shown);
  /** The marks that concern what is shown. */
  function shownMarks() {
    return MARKS.filter((mark) => !hidden(mark.pool) || mark.to !== null && !hidden(mark.to));
  }
  function shownSurges() {
    return SURGES.filter((surge) => !hidden(surge.pool));
  }
  // src/report/sorting.ts
  /** Makes the headings of every `table[data-sortable]` sort it; cells sort by `data-sort`, or by their text. */
  function startSorting() {
    for (const button of document.querySelectorAll("table[data-sortable] th button")) button.addEventListener("click", () => sort(button));
  }
  function sort(button) {
    const head = button.parentElement;
    const table = button.closest("table");
    const body = table?.tBodies[0];
    if (!head || !table || !body) return;
    const column = Number(button.dataset["column"]);
    const sorted = head.getAttribute("aria-sort");
    const down = sorted !== "descending" && column > 0 || sorted === "ascending";
    const sign = down ? -1 : 1;
    const key = (row) => {
      const value = row.cells[column]?.dataset["sort"];
      return value === void 0 ? null : Number(value);
    };
    const text = (row) => row.cells[column]?.textContent ?? "";
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x !== null && y !== null) return sign * (x - y);
      if (x !== null || y !== null) return x === null ? 1 : -1;
      return sign * text(a).localeCompare(text(b));
    });
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows);
  }
  // src/charts/spec.ts
  /** From 0 to a little above the highest value, and never below `floor`. */
  function upTo(floor) {
    return (_, __, high) => [0, Math.max(floor, Number.isFinite(high) && high > 0 ? high * 1.06 : floor)];
  }
  // src/report/specs.ts
  var DASHES = [
    [],
    [7, 3],
    [2, 3],
    [
      9,
      3,
      2,
      3
    ]
  ];
  function poolLines(column, extra) {
    return POOLS.map((pool) => {
      const turn = Math.min(Math.floor(pool.index / 8), 3);
      return {
        label: pool.name,
        column: column(pool),
        color: "c" + pool.index % 8,
        dash: DASHES[turn] ?? [],
        shown: () => pool.shown,
        key: pool.index,
        swatch: "d" + turn,
        ...extra?.(pool)
      };
    });
  }
  var of = (key) => (pool) => () => pool.columns[key];
  var sumOf = (key) => () => sum(shownPools().map((pool) => pool.columns[key]), TIMES.length);
  var perSecond = (value) => figure(value) + "/s";
  var costs = {
    format: (value) => money(value, DATA.currency),
    tick: (value, step) => moneyTick(value, step, DATA.currency)
  };
  function workers() {
    const total = poolLines((pool) => () => pool.total, () => ({
      stepped: true,
      dash: [3, 3],
      width: 1.2,
      silent: true
    }));
    const baseline = poolLines(of("b"), ({ columns }) => ({
      stepped: true,
      say: (i) => figure(columns.b[i]) + (columns.s[i] ? " + " + figure(columns.s[i]) + " surge" : "")
    }));
    const between = POOLS.map(({ index }) => ({
      lines: [index, index + POOLS.length],
      color: "c" + index % 8
    }));
    return {
      lines: total.concat(baseline),
      format: figure,
      range: upTo(1),
      between,
      ranked: true
    };
  }
  function refused() {
    const columns = DATA.refused.map(unpack);
    return {
      lines: stacked(columns).map((layer, place) => {
        const k = columns.length - 1 - place;
        return {
          label: DATA.refused[k]?.code ?? "",
          column: () => layer,
          color: "r" + k,
          fill: "r" + k,
          width: .6,
          stepped: true,
          value: (i) => columns[k]?.[i],
          say: (i) => perSecond(columns[k]?.[i] ?? 0)
        };
      }),
      format: perSecond,
      tick: figure,
      range: upTo(0)
    };
  }
  var SPECS = {
    utilization: () => ({
      lines: poolLines(of("u")),
      coarse: true,
      format: percent,
      range: upTo(1),
      band: [.6, .8],
      ranked: true
    }),
    demand: () => ({
      lines: poolLines(of("d")),
      format: percent,
      range: upTo(1),
      levels: DATA.thresholds.map((value) => [value, ""]),
      ranked: true
    }),
    flow: () => ({
      format: perSecond,
      tick: figure,
      range: upTo(1),
      lines: [
        {
          label: "Arrivals",
          column: sumOf("a"),
          color: "flow",
          fill: "flow-soft",
          width: 1.2
        },
        {
          label: "Admitted",
          column: sumOf("m"),
          color: "accent"
        },
        {
          label: "Refused",
          column: sumOf("r"),
          color: "alarm"
        }
      ]
    }),
    refused,
    workers,
    waiting: () => ({
      lines: poolLines(of("w")),
      format: figure,
      range: upTo(1),
      ranked: true
    }),
    balance: () => ({
      lines: [{
        label: "Coefficient",
        column: () => unpack(DATA.balance),
        color: "accent",
        stepped: true
      }],
      coarse: true,
      format: figure,
      range: () => [0, 1],
      levels: [[.8, "balanced from 0.8"], [.5, "critical below 0.5"]]
    }),
    limit: () => ({
      lines: [{
        label: "Adaptive limit",
        column: () => DATA.limit ? unpack(DATA.limit) : [],
        color: "accent",
        stepped: true
      }],
      format: figure,
      range: upTo(1)
    }),
    cost: () => ({
      lines: [{
        label: "Cost so far",
        column: () => unpack(DATA.cost),
        color: "accent",
        fill: "accent-soft"
      }],
      ...costs,
      range: upTo(0)
    })
  };
  // src/report/main.ts
  var root = document.documentElement;
  var group = null;
  startTheme(byId("theme"));
  startSorting();
  if (DATA.points > 0) group = startCharts();
  startMarks();
  root.dataset["charts"] = String(group?.charts.length ?? 0);
  root.dataset["rendered"] = "true";
  function startCharts() {
    const made = new Group({
      times: TIMES,
      bucket: DATA.bucket,
      start: 0,
      end: DATA.end
    }, {
      sides: [{
        mark: "ink",
        surge: "surge",
        shade: "surge-soft"
      }],
      marks: shownMarks,
      surges: shownSurges,
      inLane: ({ kind }) => kind === "MigrateWorkers" || kind === "SurgeWorkersKept",
      tell: (mark) => clock(mark.at) + " " + whatHappened(mark) + ": " + mark.reason,
      spoken: byId("spoken"),
      moved: () => moved()
    });
    const moved = startZoom(document, () => made, byId("window"));
    for (const host of document.querySelectorAll("[data-chart]")) {
      const spec = SPECS[host.dataset["chart"] ?? ""];
      if (spec) made.add(host, spec());
    }
    startPools(made);
    made.setWindow(0, DATA.end);
    return made;
  }
  function startPools(charts) {
    const boxes = [...document.querySelectorAll("[data-pool]")];
    const pools = POOLS.map((pool) => ({
      pool,
      box: boxes[pool.index]
    }));
    const changed = () => {
      for (const { pool, box } of pools) if (box) box.checked = pool.shown;
      charts.refresh();
    };
    for (const { pool, box } of pools) {
      box?.addEventListener("change", () => {
        pool.shown = box.checked;
        changed();
      });
      const label = box?.parentElement;
      label?.addEventListener("mouseenter", () => pool.shown && charts.focus(pool.index));
      label?.addEventListener("mouseleave", () => charts.focus(null));
    }
    for (const button of document.querySelectorAll("[data-pick]")) button.addEventListener("click", () => {
      const { pick } = button.dataset;
      for (const pool of POOLS) pool.shown = pick === "all" || pick === "top" && pool.index < DATA.shown;
      changed();
    });
    changed();
  }
  function startMarks() {
    const body = document.getElementById("marks");
    if (!body) return;
    new MarkList({
      body,
      pick: byId("pick-marks"),
      more: byId("more-marks"),
      count: byId("marks-count")
    }, MARKS, (mark) => group?.showAt(mark.at));
  }
})();
