// One attempt: everything that is known of it.
"use strict";

(() => {
  const { h } = probe;

  const card = (title, ...content) => h("section", { class: "card" }, h("h2", null, title), content);
  const code = (content, label) => h("pre", { tabindex: "0", role: "region", "aria-label": label }, content);
  const pairs = (...rows) => h("dl", null, rows.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
    .map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));

  function sound(item) {
    const { sample, clip } = item;
    if (!clip) return card("Sound", h("p", null, sample.silent ?? "This attempt left no valid audio."));
    return card("Sound",
      h("div", { class: "sound-row" }, probe.playButton(item, "Play"), h("span", null, probe.heard(clip))),
      !clip.same && h("p", { class: "fault", role: "note" }, "Rendered again for this site, and not the samples that were measured: the program does not repeat itself, or ran on other versions."),
      h("figure", { class: "wave-figure" }, probe.waveform(clip), h("figcaption", null, "Waveform, relative to its peak")),
      probe.spectrogram(clip));
  }

  const program = (sample, run) => sample.programs.map((one, i, all) => {
    const text = one.text ?? sample.turns[one.turn].reply.slice(one.at, one.at + one.length);
    return card(all.length > 1 ? `Program ${i + 1} of ${all.length}` : "Program", code(probe.highlight(text, run.language), "program"));
  });

  function replies(sample) {
    return sample.turns.map((turn, i) => h("details", { class: "card" },
      h("summary", null, sample.turns.length > 1 ? `Turn ${i + 1}: what was said and replied` : "The whole reply"),
      turn.said !== null && [h("h3", null, "Said"), code(turn.said, "what was said")],
      h("h3", null, "Replied"), turn.reply ? code(turn.reply, "reply") : h("p", null, "Nothing."),
      turn.error && [h("h3", null, "Error"), code(turn.error, "error")],
      pairs(["ended with", turn.finish], ["model, as the service says", turn.model])));
  }

  function scores(tier, sample) {
    const known = new Map(tier.metrics.map((metric) => [metric.name, metric]));
    if (!sample.scores.length) return card("Scores", h("p", null, "None: this attempt was not scored."));
    return card("Scores", h("table", { class: "scores" }, h("caption", { class: "unseen" }, "Every score of this attempt"),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "metric"), h("th", { scope: "col", class: "num" }, "value"))),
      h("tbody", null, sample.scores.map(([name, value, extras]) => {
        const metric = known.get(name);
        return h("tr", { class: name === tier.primary ? "primary" : null },
          h("th", { scope: "row" }, metric ? probe.metric(metric) : name,
            metric && h("small", null, metric.about), extras && h("details", null, h("summary", null, "more"), h("code", null, extras))),
          h("td", { class: "num" }, probe.number(value)));
      }))));
  }

  function outcome(sample) {
    const ended = [sample.exit !== null && `exit code ${sample.exit}`, sample.signal && `signal ${sample.signal}`].filter(Boolean).join(", ");
    return card("Outcome", h("p", null, probe.badge(sample.outcome), sample.detail && ` ${sample.detail}`),
      pairs(["ended with", ended], ["processor", sample.cpu_s ? probe.seconds(sample.cpu_s) : null], ["clock", sample.wall_s ? probe.seconds(sample.wall_s) : null],
        ["memory", sample.memory ? `${(sample.memory / 2 ** 20).toFixed(0)} MiB` : null],
        ["the same samples twice", sample.repeatable === null ? null : sample.repeatable ? "yes" : "no"],
        ["conversions", sample.notes.join("; ")], ["SHA-256 of the samples", sample.audio_sha256 && h("code", { class: "long" }, sample.audio_sha256)]),
      sample.stderr && [h("h3", null, "Standard error"), code(sample.stderr, "standard error")]);
  }

  function spent(sample, run) {
    const t = sample.tokens;
    if (run.kind !== "language model" || !sample.turns.length) return null;
    return card("Tokens and cost", pairs(
      ["tokens read", t && `${t.input}${t.cached ? `, ${t.cached} of them cached` : ""}${t.written ? `, ${t.written} written to the cache` : ""}`],
      ["tokens written", t && `${t.output}${t.reasoning ? `, ${t.reasoning} of them reasoning` : ""}`],
      ["tokens", t ? null : "not reported"],
      ["cost", sample.dollars === null ? "unknown" : probe.dollars(sample.dollars)],
      ["reply took", sample.latency_s ? probe.seconds(sample.latency_s) : null]));
  }

  function command(text) {
    const copy = h("button", { type: "button", onclick: async () => {
      try { await navigator.clipboard.writeText(text); probe.say("copied"); } catch { getSelection().selectAllChildren(words); probe.say("selected; copy it with the keyboard"); }
    } }, "Copy");
    const words = h("code", null, text);
    return h("div", { class: "command" }, h("pre", { tabindex: "0", role: "region", "aria-label": "command" }, words), copy);
  }

  const again = (sample, run) => card("Make it again",
    sample.again && [h("p", null, "Render this program again, compare the samples and score them:"), command(sample.again)],
    h("p", null, "Make the whole run again:"), command(run.command),
    pairs(["asked", `${run.strategy}, ${run.language}`], ["settings", run.settings !== "{}" && h("code", { class: "long" }, run.settings)], ["version", run.model_version], ["verified", probe.reproduces(run)], ["sandbox", run.sandbox],
      ["image", run.image && h("code", { class: "long" }, run.image)], ["started", run.started], ["revision of probe", run.revision]));

  probe.samplePage = async (board, tier, key, runKey, number) => {
    const [overview, page] = await Promise.all([probe.load(`${tier.key}/_index`), probe.load(`${tier.key}/${key}`)]);
    if (!overview || !page) return null;
    const items = probe.attempts(tier, key, page);
    const at = items.findIndex((item) => item.run.key === runKey && String(item.index) === number);
    if (at < 0) return null;
    const item = items[at];
    const { sample, run } = item;
    const heard = items.filter((one) => one.clip);
    probe.player.playlist(heard, heard.some((one) => one.href === probe.player.pair.a?.href));
    const asked = (k) => overview.outcomes[runKey]?.[overview.prompts.findIndex((prompt) => prompt.key === k)];
    const { here, before, after } = probe.neighbours(overview, key, (k) => (asked(k) ? probe.link(tier.key, k, runKey, number) : probe.link(tier.key, k)));
    const [left, right] = [items[at - 1], items[at + 1]];
    return {
      title: `${item.title}: ${here.text || here.id}`,
      before, after, left: left?.href, right: right?.href, item: item.clip ? item : null,
      content: [
        probe.crumbs(["All tiers", "#/"], [tier.title, probe.link(tier.key)], [here.id, probe.link(tier.key, key)], [item.title]),
        h("h1", { tabindex: "-1" }, item.title),
        h("blockquote", null, here.text || here.id),
        h("p", { class: "facts" }, [run.kind, here.group, `level ${here.level}`, `place ${at + 1} of ${items.length} on this prompt`, `${tier.primary} ${probe.number(item.score)}`].join(" · ")),
        h("div", { class: "bar-row" }, left && h("a", { class: "step", href: left.href }, `← ${left.title}`), right && h("a", { class: "step", href: right.href }, `${right.title} →`),
          before && h("a", { class: "step", href: before }, "↑ previous prompt"), after && h("a", { class: "step", href: after }, "↓ next prompt")),
        h("div", { class: "columns" },
          h("div", null, sound(item), program(sample, run), replies(sample)),
          h("div", null, outcome(sample), scores(tier, sample), spent(sample, run), again(sample, run))),
      ],
    };
  };
})();
