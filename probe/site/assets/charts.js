// Charts: SVG drawn at the width there is, each with its numbers as a table.
"use strict";

(() => {
  const { h, s } = probe;

  /** A figure: `draw(width)` gives a height and shapes; drawn again when the width changes. */
  probe.figure = ({ title, note, label, draw, head, rows, wide = false }) => {
    const svg = s("svg", { role: "img", "aria-label": label });
    const frame = h("div", { class: "frame" }, svg);
    let drawn = 0;
    new ResizeObserver(() => {
      const width = Math.floor(frame.clientWidth);
      if (!width || width === drawn) return;
      drawn = width;
      const { height, shapes } = draw(width);
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.setAttribute("width", width);
      svg.setAttribute("height", height);
      svg.replaceChildren(...shapes.flat(Infinity).filter(Boolean));
    }).observe(frame);
    return h("figure", { class: wide ? "chart wide" : "chart" },
      h("figcaption", null, h("h3", null, title), note ? h("p", null, note) : null),
      frame, probe.numbers(title, head, rows));
  };

  probe.text = (x, y, words, more = {}) => s("text", { x, y, ...more }, words);

  /** `words` cut to about `room` pixels. */
  probe.cut = (words, room) => {
    const most = Math.max(4, Math.floor(room / 7));
    return words.length > most ? `${words.slice(0, most - 1)}…` : words;
  };

  /** Round numbers from `low` to `high`, about `count` of them. */
  probe.ticks = (low, high, count = 5) => {
    if (!(high > low)) return [low];
    const rough = (high - low) / count;
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * size).find((n) => n >= rough * 0.99);
    const found = [];
    for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-6; at += step) found.push(Number(at.toFixed(9)));
    return found;
  };

  const bounds = (runs) => {
    const all = runs.flatMap((run) => [run.main.low, run.main.high]);
    return all.every((v) => v >= 0 && v <= 1) ? [0, 1] : [Math.min(0, ...all), Math.max(...all)];
  };

  /** Score with its interval, a row a run. */
  probe.forest = (tier, runs, title) => {
    const scored = runs.filter((run) => run.main);
    const marked = scored.some((run) => run.marks.length);
    const [low, high] = scored.length ? bounds(scored) : [0, 1];
    const unit = probe.metric(tier.metrics[0]);
    return probe.figure({
      title,
      note: `${unit}; dot: mean over ${tier.whole} prompts, line: 95 % interval${marked ? "; hollow: not held against the others" : ""}`,
      label: `${title}: ${scored.map((run) => `${probe.called(run)} ${probe.interval(run.main)}`).join("; ")}`,
      head: ["model", "kind", unit, "prompts"],
      rows: scored.map((run) => [probe.called(run), run.kind, probe.interval(run.main), String(run.main.n)]),
      draw: (width) => {
        const left = Math.min(190, Math.round(width * 0.4));
        const right = width - 52;
        const x = (v) => left + 8 + ((v - low) / (high - low || 1)) * (right - left - 14);
        const bottom = 12 + 25 * scored.length;
        const shapes = probe.ticks(low, high, width < 420 ? 3 : 5).map((tick) => [
          s("line", { class: "grid", x1: x(tick), x2: x(tick), y1: 4, y2: bottom }),
          probe.text(x(tick), bottom + 16, String(tick), { class: "axis", "text-anchor": "middle" }),
        ]);
        scored.forEach((run, i) => {
          const y = 18 + 25 * i;
          const { main } = run;
          shapes.push(s("g", { class: `mark${probe.isControl(run) ? " quiet" : ""}${run.marks.length ? " hollow" : ""}` },
            s("title", null, `${probe.called(run)}: ${probe.interval(main)}, n ${main.n}`),
            s("rect", { class: "hit", x: 0, y: y - 12, width, height: 24 }),
            probe.text(left, y + 4, probe.cut(run.model, left), { "text-anchor": "end" }),
            s("line", { class: "span", x1: x(main.low), x2: x(main.high), y1: y, y2: y }),
            s("circle", { cx: x(main.value), cy: y, r: 4.5 }),
            probe.text(width - 2, y + 4, probe.number(main.value), { class: "value", "text-anchor": "end" })));
        });
        return { height: bottom + 24, shapes };
      },
    });
  };

  const LOST = ["no answer", "no program", "failed while it ran", "left no file", "invalid audio"];

  /** How the attempts ended: how many came to each stage. */
  probe.funnel = (stages, runs) => {
    const asked = (run) => run.funnel[0] || 1;
    const parts = (run) => [run.funnel[5], ...[4, 3, 2, 1, 0].map((i) => run.funnel[i] - run.funnel[i + 1])];
    const names = ["valid audio", ...[...LOST].reverse()];
    const title = "How far attempts come";
    return probe.figure({
      title,
      note: "share of the attempts that ended in valid audio, and where the others stopped",
      label: `${title}: ${runs.map((run) => `${run.model} ${probe.percent(run.funnel[5] / asked(run))} valid`).join("; ")}`,
      head: ["model", ...stages],
      rows: runs.map((run) => [run.model, ...run.funnel.map(String)]),
      draw: (width) => {
        const left = Math.min(190, Math.round(width * 0.4));
        const full = width - left - 56;
        const shapes = [];
        let lx = 0;
        let ly = 12;
        names.forEach((name, i) => {
          const size = 22 + name.length * 6.6;
          if (lx + size > width) { lx = 0; ly += 20; }
          shapes.push(s("rect", { class: `stage s${i}`, x: lx, y: ly - 9, width: 11, height: 11, rx: 2 }),
            probe.text(lx + 16, ly, name, { class: "axis" }));
          lx += size + 6;
        });
        const top = ly + 20;
        runs.forEach((run, row) => {
          const y = top + 25 * row;
          let x = left + 8;
          shapes.push(probe.text(left, y + 4, probe.cut(run.model, left), { "text-anchor": "end" }));
          parts(run).forEach((part, i) => {
            const w = (part / asked(run)) * full;
            if (w > 0) {
              shapes.push(s("rect", { class: `stage s${i}`, x, y: y - 7, width: Math.max(w - 1, 0.5), height: 15 },
                s("title", null, `${run.model}: ${part} of ${asked(run)} ${names[i]}`)));
            }
            x += w;
          });
          shapes.push(probe.text(width - 2, y + 4, probe.percent(run.funnel[5] / asked(run)), { class: "value", "text-anchor": "end" }));
        });
        return { height: top + 25 * runs.length, shapes };
      },
    });
  };
})();
