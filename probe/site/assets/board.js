// The first page: every tier side by side.
"use strict";

(() => {
  const { h } = probe;
  const KINDS = ["language model", "generator", "engine", "control"];
  const chosen = new Set(KINDS);

  /** Checkboxes of the kinds there are; `changed()` is called when one is. */
  probe.kindFilter = (runs, changed) => {
    const there = KINDS.filter((kind) => runs.some((run) => probe.kinds[run.kind] === kind));
    return h("fieldset", { class: "chips" }, h("legend", null, "Show"),
      there.map((kind) => h("label", { class: "chip" },
        h("input", { type: "checkbox", value: kind, checked: chosen.has(kind),
          onchange: (event) => {
            if (event.target.checked) chosen.add(kind); else chosen.delete(kind);
            changed();
          } }), h("span", null, `${kind}s`))));
  };
  probe.isShown = (run) => chosen.has(probe.kinds[run.kind]);

  /** A score with its bar and interval, for a table. */
  probe.scoreCell = (tier, run) => {
    const main = run?.main;
    if (!main) return h("span", { class: "none" }, run ? "incomplete" : "–");
    const at = probe.scale(tier.runs.flatMap((r) => (r.main ? [r.main.low, r.main.high] : [])), true);
    return h("span", { class: `score${probe.isControl(run) || run.marks.length ? " quiet" : ""}`, title: `95 % interval ${probe.interval(main)}, n ${main.n}`,
      vars: { value: at(main.value), low: at(main.low), high: at(main.high) } },
    h("b", null, probe.number(main.value)), h("i", { class: "bar", "aria-hidden": "true" }),
    h("small", null, `[${probe.number(main.low)}, ${probe.number(main.high)}]`));
  };

  probe.faults = (tier) => tier.faults.length > 0 && h("p", { class: "fault", role: "note" },
    h("strong", null, "The measurement is broken: "), `${tier.faults.join("; ")}.`);

  /** One row a name on any tier: its runs by tier. */
  function models(tiers) {
    const found = new Map();
    for (const tier of tiers) {
      for (const run of tier.runs) {
        if (!found.has(run.model)) found.set(run.model, { model: run.model, kind: run.kind, runs: new Map() });
        found.get(run.model).runs.set(tier.key, run);
      }
    }
    // What is not held against the others gives no place.
    const place = (row) => {
      const at = tiers.map((tier) => {
        const run = row.runs.get(tier.key);
        if (!run?.main || run.marks.length) return null;
        return probe.scale(tier.runs.flatMap((r) => (r.main ? [r.main.value] : [])), tier.metrics[0].higher)(run.main.value);
      }).filter((v) => v !== null);
      return at.length ? at.reduce((a, b) => a + b) / at.length : -1;
    };
    return [...found.values()].map((row) => ({ ...row, place: place(row) }))
      .sort((a, b) => probe.isControl(a) - probe.isControl(b) || b.place - a.place);
  }

  const total = (row, value) => {
    const known = [...row.runs.values()].map(value);
    return known.length && known.every((v) => v !== null && v !== undefined) ? known.reduce((a, b) => a + b, 0) : null;
  };

  function leaderboard(tiers) {
    const rows = models(tiers);
    const valid = (row) => {
      const runs = [...row.runs.values()];
      const all = runs.reduce((n, run) => n + run.prompts * run.samples, 0);
      return runs.reduce((n, run) => n + run.rendered * run.prompts * run.samples, 0) / all;
    };
    const cost = (row) => total(row, (run) => run.spent?.dollars);
    const columns = [
      { title: "Model", row: true, class: "name", value: (row) => row.model, cell: (row) => row.model },
      ...tiers.map((tier) => ({
        title: `${tier.title}, n ${tier.whole}`, class: "wide", best: tier.metrics[0].higher, about: tier.metrics[0].about,
        value: (row) => row.runs.get(tier.key)?.main?.value,
        cell: (row) => {
          const run = row.runs.get(tier.key);
          return run ? h("a", { class: "plain", href: probe.link(tier.key) }, probe.scoreCell(tier, run), probe.marks(run)) : probe.scoreCell(tier, null);
        },
      })),
      { title: "Kind", class: "soft", value: (row) => row.kind, cell: (row) => probe.kind(row) },
      { title: "Valid audio", class: "num", best: true, value: valid, cell: (row) => probe.percent(valid(row)) },
      { title: "Cost", class: "num", value: cost, cell: (row) => probe.dollars(cost(row)) },
    ];
    const shown = () => rows.filter(probe.isShown);
    const table = probe.table({ label: "Leaderboard of all tiers", columns, rows: shown(), height: 45 });
    return { table, refresh: () => table.show(shown()), runs: rows };
  }

  function published(tables) {
    if (!tables.length) return null;
    const arrow = { higher: "↑", lower: "↓" };
    return h("section", { "aria-labelledby": "published" }, h("h2", { id: "published" }, "Published elsewhere"),
      h("p", { class: "lead" }, "What papers and model cards report of other systems. Not comparable with the scores above, nor these with one another: prompts, recordings, numbers of clips and checkpoints differ."),
      tables.map((t) => h("details", { class: "card" }, h("summary", null, t.title),
        h("p", null, `${t.source}; ${t.dataset}; n ${t.n}; ${t.checkpoint}. Not comparable with ours: ${t.why}.`),
        h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t.title }, h("table", null,
          h("thead", null, h("tr", null, h("th", { scope: "col" }, "system"), Object.entries(t.metrics).map(([m, better]) => h("th", { scope: "col", class: "num" }, `${m} ${arrow[better]}`)))),
          h("tbody", null, t.system.map((row) => h("tr", null, h("th", { scope: "row" }, row.name), row.values.map((v) => h("td", { class: "num" }, String(v)))))))))));
  }

  probe.boardPage = async (board) => {
    const { tiers } = board;
    if (!tiers.length) {
      return { title: "No run yet", content: [h("h1", { tabindex: "-1" }, "No run yet"),
        h("p", { class: "lead" }, "Make one with ", h("code", null, "probe run --tier notes --model builtin/programs"), " and build the site again.")] };
    }
    const { table, refresh, runs } = leaderboard(tiers);
    const charts = h("div", { class: "charts" });
    const draw = () => charts.replaceChildren(...tiers.flatMap((tier) => {
      const seen = probe.byScore(tier.runs.filter(probe.isShown), tier.metrics[0].higher);
      return [probe.forest(tier, seen, tier.title), probe.pareto(tier, seen)].filter(Boolean);
    }));
    draw();
    const prompts = tiers.reduce((n, tier) => n + tier.whole, 0);
    return {
      title: "Leaderboard",
      content: [
        h("h1", { tabindex: "-1" }, "What do language models know about sound?"),
        h("p", { class: "lead" }, `Models are asked for programs that synthesize a sound. The programs run in a sandbox, and what they leave is measured: ${prompts} prompts on ${tiers.length} ${tiers.length === 1 ? "tier" : "tiers"}. Follow a score to its prompts, and a prompt to every program and its sound.`),
        tiers.map(probe.faults),
        h("div", { class: "bar-row" }, probe.kindFilter(runs, () => { refresh(); draw(); })),
        table,
        h("h2", null, "Scores with their intervals"), charts,
        published(board.published),
      ],
    };
  };
})();
