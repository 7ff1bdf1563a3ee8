// Numbers and names as people read them.
"use strict";

Object.assign(probe, {
  number: (value) => (value === null || value === undefined ? "–"
    : Math.abs(value) < 10 ? value.toFixed(3) : value.toFixed(1)),
  percent: (share) => (share === null || share === undefined ? "–" : `${Math.round(100 * share)} %`),
  dollars: (value) => (value === null || value === undefined ? "–"
    : value === 0 ? "$0" : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`),
  seconds: (value) => (value === null || value === undefined ? "–" : `${Number(value.toFixed(2))} s`),
  interval: (found) => (found
    ? `${probe.number(found.value)} [${probe.number(found.low)}, ${probe.number(found.high)}]` : "–"),
  ranks: (ranks) => (!ranks ? "" : ranks.best === ranks.worst ? `${ranks.best}` : `${ranks.best}–${ranks.worst}`),
  outcome: (name) => name.replaceAll("_", " "),
  metric: (metric) => `${metric.name}${metric.unit ? ` (${metric.unit})` : ""} ${metric.higher ? "↑" : "↓"}`,
  kinds: { "language model": "language model", generator: "generator", engine: "engine", programs: "control", control: "control" },
  isControl: (run) => run.kind === "control" || run.kind === "programs",

  /** Where a value of a metric lies between worst (0) and best (1) among others of it. */
  scale: (values, higher) => {
    const known = values.filter((v) => v !== null && v !== undefined);
    const unit = known.every((v) => v >= 0 && v <= 1);
    const low = unit ? 0 : Math.min(...known);
    const high = unit ? 1 : Math.max(...known);
    return (v) => {
      const at = high > low ? (v - low) / (high - low) : 1;
      return Math.min(1, Math.max(0, higher ? at : 1 - at));
    };
  },

  /** Runs best first; those that are not held against the others come after all that are. */
  byScore: (runs, higher) => [...runs].sort((a, b) => {
    if (!a.marks.length !== !b.marks.length) return a.marks.length ? 1 : -1;
    const [x, y] = [a.main?.value, b.main?.value];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
    return higher ? y - x : x - y;
  }),

  badge: (outcome) => probe.h("span", { class: `badge ${outcome === "ok" ? "good" : "bad"}` }, probe.outcome(outcome)),
  /** What `probe verify` found; nothing where it has not looked. */
  reproduces: (run) => run.reproduces !== null && probe.h("span", { class: `badge ${run.reproduces ? "good" : "bad"}` },
    run.reproduces ? "reproduces" : "does not reproduce"),
  /** Why a run is not held against the others; nothing where it is. */
  marks: (run) => run.marks.map((mark) => [probe.h("span", { class: "badge part", title: "not ranked, and not to be held against the others" }, mark), " "]),
  /** A run's name where there is no room for badges. */
  called: (run) => (run.marks.length ? `${run.model} (${run.marks.join(", ")})` : run.model),
  kind: (run) => probe.h("span", { class: `kind ${probe.kinds[run.kind] === "control" ? "quiet" : ""}` },
    run.kind === "programs" ? "control: written by hand" : run.kind),
});
