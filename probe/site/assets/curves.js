// Charts of a few models at once: score by level, radar by group, quality against cost.
"use strict";

(() => {
  const { s } = probe;

  // Shape and colour both tell series apart.
  const SHAPES = [
    (x, y) => s("circle", { cx: x, cy: y, r: 4.5 }),
    (x, y) => s("rect", { x: x - 4, y: y - 4, width: 8, height: 8 }),
    (x, y) => s("path", { d: `M${x} ${y - 5.5}l5 9h-10z` }),
    (x, y) => s("path", { d: `M${x} ${y - 5.5}l5.5 5.5-5.5 5.5-5.5-5.5z` }),
    (x, y) => s("path", { d: `M${x} ${y + 5.5}l5-9h-10z` }),
    (x, y) => s("path", { d: `M${x - 1.6} ${y - 5}h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4z` }),
  ];
  probe.mostSeries = SHAPES.length;

  function legend(runs, width) {
    const shapes = [];
    let [x, y] = [8, 12];
    runs.forEach((run, i) => {
      const name = probe.cut(probe.called(run), 240);
      const size = 22 + name.length * 7;
      if (x + size > width && x > 8) [x, y] = [8, y + 20];
      shapes.push(s("g", { class: `series c${i}` }, SHAPES[i](x, y - 4)), probe.text(x + 10, y, name, { class: "axis" }));
      x += size + 10;
    });
    return { shapes, below: y + 14 };
  }

  const inUnit = (values) => values.every((v) => v >= 0 && v <= 1);

  /** The last level at which a run still has half of what there is to have. */
  const stops = (run, levels, good) => {
    const reached = levels.filter((level) => run.levels[level] && good(run.levels[level].value) >= 0.5);
    return reached.length ? `level ${reached.at(-1)}` : "none";
  };

  /** Score by level: where does each model stop? */
  probe.byLevel = (tier, runs) => {
    const { levels } = tier;
    const title = "Score by level of difficulty";
    const every = runs.flatMap((run) => levels.flatMap((l) => (run.levels[l] ? [run.levels[l].low, run.levels[l].high] : [])));
    const [low, high] = inUnit(every) ? [0, 1] : [Math.min(...every), Math.max(...every)];
    const good = probe.scale(every, tier.metrics[0].higher);
    return probe.figure({
      title,
      note: "where does each model stop? lines: 95 % intervals",
      label: `${title}: ${runs.map((run) => `${run.model}: ${levels.map((l) => probe.number(run.levels[l]?.value)).join(", ")}`).join("; ")}`,
      head: ["model", ...levels.map((l) => `level ${l}`), "last level at half or better"],
      rows: runs.map((run) => [run.model, ...levels.map((l) => probe.interval(run.levels[l])), stops(run, levels, good)]),
      draw: (width) => {
        const { shapes, below } = legend(runs, width);
        const [left, right, top, bottom] = [38, width - 14, below + 4, below + 234];
        const step = (right - left) / levels.length;
        const x = (i, k) => left + step * (i + 0.5) + (k - (runs.length - 1) / 2) * Math.min(9, step / (runs.length + 1));
        const y = (v) => bottom - ((v - low) / (high - low || 1)) * (bottom - top);
        probe.ticks(low, high, 4).forEach((tick) => shapes.push(
          s("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
          probe.text(left - 6, y(tick) + 4, String(tick), { class: "axis", "text-anchor": "end" })));
        levels.forEach((level, i) => shapes.push(
          probe.text(left + step * (i + 0.5), bottom + 18, width < 420 ? level : `level ${level}`, { class: "axis", "text-anchor": "middle" })));
        runs.forEach((run, k) => {
          const at = levels.map((level, i) => run.levels[level] && [x(i, k), run.levels[level]]).filter(Boolean);
          shapes.push(s("g", { class: `series c${k}` },
            s("polyline", { points: at.map(([px, e]) => `${px},${y(e.value)}`).join(" ") }),
            at.map(([px, e]) => s("line", { class: "whisker", x1: px, x2: px, y1: y(e.low), y2: y(e.high) })),
            at.map(([px, e]) => s("g", null, s("title", null, `${run.model}: ${probe.interval(e)}`), SHAPES[k](px, y(e.value))))));
        });
        return { height: bottom + 28, shapes };
      },
    });
  };

  /** Score by group, around a circle. */
  probe.radar = (tier, runs) => {
    const groups = tier.groups.map((group) => group.name);
    const title = "Score by group";
    const every = runs.flatMap((run) => groups.flatMap((g) => (run.groups[g] ? [run.groups[g].value] : [])));
    const good = probe.scale(every, tier.metrics[0].higher);
    return probe.figure({
      title,
      note: `each spoke is a group of prompts; further out is better${runs.some((run) => groups.some((g) => !run.groups[g])) ? "; a gap: not measured" : ""}`,
      label: `${title}: ${runs.map((run) => `${run.model}: ${groups.map((g) => `${g} ${run.groups[g] ? probe.number(run.groups[g].value) : "not measured"}`).join(", ")}`).join("; ")}`,
      head: ["model", ...groups],
      rows: runs.map((run) => [run.model, ...groups.map((g) => probe.interval(run.groups[g]))]),
      draw: (width) => {
        const { shapes, below } = legend(runs, width);
        const radius = Math.min(110, width / 2 - 84);
        const [cx, cy] = [width / 2, below + radius + 30];
        const at = (i, r) => {
          const angle = (2 * Math.PI * i) / groups.length - Math.PI / 2;
          return [cx + r * radius * Math.cos(angle), cy + r * radius * Math.sin(angle)];
        };
        const ring = (r) => groups.map((_, i) => at(i, r).map((v) => v.toFixed(1)).join(",")).join(" ");
        [0.25, 0.5, 0.75, 1].forEach((r) => shapes.push(s("polygon", { class: "grid", points: ring(r) })));
        groups.forEach((group, i) => {
          const [x, y] = at(i, 1);
          const [tx, ty] = at(i, 1 + 12 / radius);
          const side = Math.abs(tx - cx) < 8 ? "middle" : tx > cx ? "start" : "end";
          const room = side === "middle" ? width : (side === "start" ? width - tx : tx) + 10;
          shapes.push(s("line", { class: "grid", x1: cx, y1: cy, x2: x, y2: y }),
            probe.text(tx, ty + 4, probe.cut(group, room), { class: "axis", "text-anchor": side }));
        });
        runs.forEach((run, k) => {
          const points = groups.map((g, i) => run.groups[g] && at(i, good(run.groups[g].value)));
          const written = (some) => some.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ");
          const next = (i) => points[(i + 1) % points.length];
          shapes.push(s("g", { class: `series c${k}` },
            points.every(Boolean) ? s("polygon", { class: "area", points: written(points) })
              : points.map((p, i) => p && next(i) && s("polyline", { points: written([p, next(i)]) })),
            points.map((p, i) => p && s("g", null,
              s("title", null, `${run.model}, ${groups[i]}: ${probe.interval(run.groups[groups[i]])}`), SHAPES[k](...p)))));
        });
        return { height: cy + radius + 34, shapes };
      },
    });
  };

  /** Quality against cost: who gives the most for less. */
  probe.pareto = (tier, runs) => {
    const { higher } = tier.metrics[0];
    const cost = (run) => run.spent.dollars / (run.prompts * run.samples);
    const paid = runs.filter((run) => run.spent?.dollars > 0 && run.main && !run.marks.length).sort((a, b) => cost(a) - cost(b));
    if (!paid.length) return null;
    const title = "Quality against cost";
    const front = [];
    for (const run of paid) {
      const best = front.length ? front.at(-1).main.value : null;
      if (best === null || (higher ? run.main.value > best : run.main.value < best)) front.push(run);
    }
    const values = paid.map((run) => run.main.value);
    const [low, high] = inUnit(values) ? [0, 1] : [Math.min(...values), Math.max(...values)];
    const [first, last] = [Math.log10(cost(paid[0])) - 0.15, Math.log10(cost(paid.at(-1))) + 0.15];
    return probe.figure({
      title,
      note: "dollars an attempt (logarithmic); the line joins models that nobody beats for less",
      label: `${title}; on the front: ${front.map((run) => `${run.model} ${probe.number(run.main.value)} for ${probe.dollars(cost(run))}`).join("; ")}`,
      head: ["model", "dollars an attempt", "score", "on the front"],
      rows: paid.map((run) => [run.model, probe.dollars(cost(run)), probe.interval(run.main), front.includes(run) ? "yes" : "no"]),
      draw: (width) => {
        const [left, right, top, bottom] = [38, width - 16, 18, 250];
        const x = (v) => left + ((Math.log10(v) - first) / (last - first)) * (right - left);
        const y = (v) => bottom - ((v - low) / (high - low || 1)) * (bottom - top);
        const shapes = probe.ticks(low, high, 4).map((tick) => [
          s("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
          probe.text(left - 6, y(tick) + 4, String(tick), { class: "axis", "text-anchor": "end" })]);
        const decades = probe.ticks(first, last, width < 420 ? 2 : 4);
        decades.forEach((tick) => shapes.push(
          probe.text(x(10 ** tick), bottom + 18, probe.dollars(10 ** tick), { class: "axis", "text-anchor": "middle" })));
        shapes.push(s("polyline", { class: "front", points: front.map((r) => `${x(cost(r))},${y(r.main.value)}`).join(" ") }));
        paid.forEach((run) => {
          const on = front.includes(run);
          const [px, py] = [x(cost(run)), y(run.main.value)];
          const before = px > (left + right) / 2;
          shapes.push(s("g", { class: on ? "mark" : "mark quiet" },
            s("title", null, `${run.model}: ${probe.interval(run.main)} for ${probe.dollars(cost(run))} an attempt`),
            s("circle", { cx: px, cy: py, r: on ? 5 : 3.5 }),
            on ? probe.text(px + (before ? -9 : 9), py - 7, probe.cut(run.model, before ? px - left : right - px), { "text-anchor": before ? "end" : "start" }) : null));
        });
        return { height: bottom + 28, shapes };
      },
    });
  };
})();
