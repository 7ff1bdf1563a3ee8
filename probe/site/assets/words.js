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
  main: (run) => run.scores[run.primary_metric]?.all_attempts ?? null,

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

  /** Runs best first, as the board has them. */
  byScore: (runs, higher) => [...runs].sort((a, b) => {
    const [x, y] = [probe.main(a)?.value, probe.main(b)?.value];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);
    return higher ? y - x : x - y;
  }),

  badge: (outcome) => probe.h("span", { class: `badge ${outcome === "ok" ? "good" : "bad"}` }, probe.outcome(outcome)),
  /** What `probe verify` found; nothing where it has not looked. */
  reproduces: (run) => run.verification && probe.h("span", { class: `badge ${run.verification.reproduces ? "good" : "bad"}` },
    run.verification.reproduces ? "reproduces" : "does not reproduce"),
  kind: (run) => probe.h("span", { class: `kind ${probe.kinds[run.kind] === "control" ? "quiet" : ""}` },
    run.kind === "programs" ? "control: written by hand" : run.kind),
});
