// One tier: its leaderboard, its charts, groups and levels, and every prompt of it.
"use strict";

(() => {
  const { h } = probe;

  function columns(tier, chosen, redraw) {
    const [, ...others] = tier.metrics;
    const spent = tier.runs.some((run) => run.spent);
    return [
      ...(tier.runs.some((run) => run.ranks) ? [
        { title: "Place", class: "num", value: (run) => run.ranks?.best, cell: (run) => probe.ranks(run.ranks) },
      ] : []),
      { title: "Model", row: true, class: "name", value: (run) => run.model, cell: (run) => [run.model, h("div", { class: "badges" }, probe.marks(run), probe.reproduces(run))] },
      { title: probe.metric(tier.metrics[0]), class: "wide", best: tier.metrics[0].higher, about: tier.metrics[0].about,
        value: (run) => run.main?.value, cell: (run) => probe.scoreCell(tier, run) },
      { title: "Charted", class: "mid", cell: (run) => run.main && h("input", { type: "checkbox", checked: chosen.has(run.key), "aria-label": `chart ${run.model}`,
        onchange: (event) => {
          if (event.target.checked) chosen.add(run.key); else chosen.delete(run.key);
          redraw();
        } }) },
      { title: "Kind", class: "soft", value: (run) => run.kind, cell: (run) => probe.kind(run) },
      { title: "Prompts", class: "num", best: true, value: (run) => run.prompts, cell: (run) => String(run.prompts) },
      { title: "Valid audio", class: "num", best: true, value: (run) => run.rendered, cell: (run) => probe.percent(run.rendered) },
      { title: "Valid only", class: "num", best: tier.metrics[0].higher, about: "score of the attempts that left valid audio",
        value: (run) => run.scores[tier.primary]?.valid_only?.value, cell: (run) => probe.number(run.scores[tier.primary]?.valid_only?.value) },
      ...others.map((metric) => ({ title: probe.metric(metric), class: "num", best: metric.higher, about: metric.about,
        value: (run) => run.scores[metric.name]?.all_attempts.value,
        cell: (run) => h("span", { title: probe.interval(run.scores[metric.name]?.all_attempts) }, probe.number(run.scores[metric.name]?.all_attempts.value)) })),
      ...(spent ? [
        { title: "Cost", class: "num", about: "of all replies; – where the price is unknown", value: (run) => run.spent?.dollars, cell: (run) => h("span", { title: run.spent && [`${run.spent.output_tokens} tokens written`, run.spent.unknown].filter(Boolean).join("; ") }, probe.dollars(run.spent?.dollars)) },
        { title: "Seconds a reply", class: "num", value: (run) => run.spent?.latency_s, cell: (run) => probe.seconds(run.spent?.latency_s) },
      ] : []),
      { title: "Version", class: "soft", about: "what answered, as the service or the engine says", value: (run) => run.model_version, cell: (run) => run.model_version || "–" },
      { title: "Date", class: "num", best: true, value: (run) => run.date, cell: (run) => run.date },
    ];
  }

  const notComparable = (tier) => tier.not_comparable.length > 0 && h("details", { class: "card" },
    h("summary", null, `What is not comparable, and why (${tier.not_comparable.length})`),
    h("ul", null, tier.not_comparable.map((why) => h("li", null, why))));

  /** A number on a tint that says how good it is. */
  const tinted = (value, at, words, title) => h("span", { class: "heat", title, vars: { heat: `${Math.round(at * 100)}%` } }, words);

  function places(tier, runs) {
    const scored = runs.filter((run) => run.main);
    const values = scored.flatMap((run) => [...Object.values(run.groups), ...Object.values(run.levels)].map((e) => e.value));
    const at = probe.scale(values, tier.metrics[0].higher);
    const cell = (found) => (found ? tinted(found.value, at(found.value), probe.number(found.value), `${probe.interval(found)}, n ${found.n}`) : "–");
    const column = (along, name, title, about) => ({ title, about, class: "mid", best: tier.metrics[0].higher,
      value: (run) => run[along][name]?.value, cell: (run) => cell(run[along][name]) });
    return probe.table({
      label: "Score by group and level", rows: scored,
      columns: [
        { title: "Model", row: true, class: "name", value: (run) => run.model, cell: (run) => run.model },
        ...tier.groups.map((group) => column("groups", group.name, group.name, group.about)),
        ...tier.levels.map((level) => column("levels", level, `level ${level}`)),
      ],
    });
  }

  /** Prompts in rows, runs in columns, what became of each attempt where they meet. */
  function matrix(tier, runs, overview) {
    const values = Object.values(overview.scores).flat();
    const at = probe.scale(values, tier.metrics[0].higher);
    const rows = overview.prompts.map((prompt, index) => ({ ...prompt, index }));
    const score = (run, row) => overview.scores[run.key]?.[row.index];
    const cell = (run, row) => {
      const outcome = overview.outcomes[run.key]?.[row.index];
      if (!outcome) return "";
      const value = score(run, row);
      const words = outcome === "ok" ? probe.number(value).replace(/^0\./, ".").slice(0, 4) : "×";
      const title = `${run.model}: ${probe.outcome(outcome)}${value === null || value === undefined ? "" : `, ${probe.number(value)}`}`;
      return h("a", { href: probe.link(tier.key, row.key, run.key, "0"), class: `heat${outcome === "ok" ? "" : " lost"}`, title, "aria-label": title,
        vars: { heat: `${outcome === "ok" && value !== null ? Math.round(at(value) * 100) : 0}%` } }, words);
    };
    const mean = (row) => {
      const known = runs.filter((run) => !probe.isControl(run)).map((run) => score(run, row)).filter((v) => v !== null && v !== undefined);
      return known.length ? known.reduce((a, b) => a + b) / known.length : null;
    };
    const table = probe.table({
      label: "Every prompt and every run", rows, tall: true, height: 46,
      columns: [
        { title: "Prompt", row: true, class: "asked", value: (row) => row.id, cell: (row) => h("a", { href: probe.link(tier.key, row.key), title: row.text }, h("span", null, row.text || row.id), h("small", null, row.id)) },
        { title: "Level", class: "num", value: (row) => row.level, cell: (row) => String(row.level) },
        { title: "Mean", class: "num", best: tier.metrics[0].higher, about: "over the models, without the controls", value: mean, cell: (row) => probe.number(mean(row)) },
        ...runs.map((run) => ({ title: run.model, class: "cell", best: tier.metrics[0].higher, value: (row) => score(run, row), cell: (row) => cell(run, row) })),
      ],
    });
    return { table, rows };
  }

  function promptFilters(tier, { table, rows }) {
    const group = h("select", null, h("option", { value: "" }, "all groups"), tier.groups.map((g) => h("option", { value: g.name }, g.name)));
    const level = h("select", null, h("option", { value: "" }, "all levels"), tier.levels.map((l) => h("option", { value: l }, `level ${l}`)));
    const words = h("input", { type: "search", placeholder: "thunder, 440 Hz, …" });
    const count = h("span", { class: "count", role: "status" });
    const apply = () => {
      const wanted = words.value.toLowerCase();
      const found = rows.filter((row) => (!group.value || row.group === group.value) && (!level.value || String(row.level) === level.value)
        && (!wanted || `${row.text} ${row.id}`.toLowerCase().includes(wanted)));
      table.show(found);
      count.textContent = `${found.length} of ${rows.length} prompts`;
    };
    [group, level].forEach((select) => select.addEventListener("change", apply));
    words.addEventListener("input", apply);
    count.textContent = `${rows.length} prompts`;
    return h("div", { class: "bar-row" }, h("label", null, h("span", null, "Group"), group), h("label", null, h("span", null, "Level"), level),
      h("label", null, h("span", null, "Words"), words), count);
  }

  probe.tierPage = async (board, tier) => {
    const overview = await probe.load(`${tier.key}/_index`);
    if (!overview) return null;
    const { higher, about } = tier.metrics[0];
    const seen = () => probe.byScore(tier.runs.filter(probe.isShown), higher);
    const chosen = new Set(seen().filter((run) => run.main).slice(0, 4).map((run) => run.key));
    const charts = h("div", { class: "charts" });
    const below = h("div");
    const table = probe.table({ label: `Leaderboard of ${tier.title}`, columns: columns(tier, chosen, drawCharts), rows: seen() });
    function drawCharts() {
      const runs = seen();
      const few = runs.filter((run) => chosen.has(run.key) && run.main).slice(0, probe.mostSeries);
      charts.replaceChildren(...[
        probe.forest(tier, runs, "Score with its interval"),
        probe.funnel(board.funnel, runs),
        few.length ? probe.byLevel(tier, few) : null,
        few.length && tier.groups.length > 2 ? probe.radar(tier, few) : null,
        probe.pareto(tier, runs),
      ].filter(Boolean));
    }
    function drawBelow() {
      const found = matrix(tier, seen(), overview);
      below.replaceChildren(
        h("h2", null, "By group and level"), places(tier, seen()),
        h("h2", { id: "prompts" }, "Prompts"),
        h("p", { class: "lead" }, "Follow a prompt to hear what everybody made of it, or a cell to one attempt; × is an attempt without valid audio."),
        promptFilters(tier, found), found.table);
    }
    drawCharts();
    drawBelow();
    const smallest = tier.smallest_difference;
    return {
      title: tier.title,
      content: [
        h("h1", { tabindex: "-1" }, tier.title),
        h("p", { class: "lead" }, `Models are ranked by ${probe.metric(tier.metrics[0])}: ${about}`),
        h("p", { class: "facts" }, [tier.version && `version ${tier.version}`, `${overview.prompts.length} prompts`, `digest ${tier.digest.slice(0, 12)}`,
          smallest !== null && `a true difference of ${probe.number(smallest)} between two models shows four times of five`].filter(Boolean).join(" · ")),
        probe.faults(tier),
        h("div", { class: "bar-row" }, probe.kindFilter(tier.runs, () => { table.show(seen()); drawCharts(); drawBelow(); })),
        table,
        notComparable(tier),
        h("h2", null, "Charts"), h("p", { class: "lead" }, `Level and group show what is ticked as charted above, ${probe.mostSeries} at most.`), charts,
        below,
      ],
    };
  };
})();
