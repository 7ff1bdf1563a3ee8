// One prompt: what everybody made of it, side by side, and A against B.
"use strict";

(() => {
  const { h } = probe;
  const REAL = "builtin/reference";

  /** Every attempt at a prompt, best first, the real clip before all. */
  probe.attempts = (tier, key, page) => {
    const { higher, name } = tier.metrics[0];
    const found = page.runs.flatMap(({ run, samples }) => {
      const of = tier.runs.find((one) => one.key === run);
      return samples.map((sample, index) => {
        const score = sample.scores.find(([metric]) => metric === name)?.[1] ?? null;
        const title = of.samples > 1 ? `${of.model}, sample ${index}` : of.model;
        return { run: of, sample, index, score, title, real: of.model === REAL, clip: sample.clip ?? null, href: probe.link(tier.key, key, run, String(index)) };
      });
    });
    const rank = (a) => (a.score === null ? -Infinity : higher ? a.score : -a.score);
    return found.sort((a, b) => b.real - a.real || rank(b) - rank(a) || a.title.localeCompare(b.title));
  };

  probe.neighbours = (overview, key, address) => {
    const at = overview.prompts.findIndex((prompt) => prompt.key === key);
    const before = overview.prompts[at - 1];
    const after = overview.prompts[at + 1];
    return { here: overview.prompts[at], before: before && address(before.key), after: after && address(after.key) };
  };

  probe.crumbs = (...steps) => h("nav", { "aria-label": "Where this is", class: "crumbs" }, h("ol", null,
    steps.map(([text, href]) => h("li", null, href ? h("a", { href }, text) : h("span", { "aria-current": "page" }, text)))));

  function row(item) {
    const { run, sample, clip } = item;
    const why = sample.silent ?? sample.detail;
    return h("li", { class: `attempt${item.real ? " real" : ""}` },
      clip ? probe.playButton(item) : h("span", { class: "play none", "aria-hidden": "true" }),
      h("div", { class: "attempt-who" }, h("a", { href: item.href }, item.title),
        h("span", null, item.real ? h("span", { class: "kind" }, "the real clip") : probe.kind(run), " ", probe.badge(sample.outcome))),
      h("div", { class: "attempt-sound" }, clip ? probe.waveform(clip, { small: true }) : h("span", { class: "why" }, why.split("\n")[0])),
      h("div", { class: "attempt-score" }, h("b", null, probe.number(item.score))));
  }

  function versus(heard) {
    if (heard.length < 2) return null;
    const select = (side, first) => {
      const element = h("select", null, heard.map((item) => h("option", { value: item.href, selected: item.href === first.href }, item.title)));
      element.addEventListener("change", () => probe.player.choose(side, heard.find((item) => item.href === element.value)));
      return h("label", null, h("span", null, side.toUpperCase()), element);
    };
    const { pair } = probe.player;
    const same = (item) => item && heard.find((one) => one.href === item.href);
    const first = same(pair.a) ?? heard[0];
    const second = same(pair.b) ?? heard.find((item) => item.href !== first.href);
    probe.player.choose("a", first);
    probe.player.choose("b", second);
    return h("section", { class: "versus card", "aria-labelledby": "versus" },
      h("h2", { id: "versus" }, "A against B"),
      h("p", null, "From the same moment on, at the same loudness. Keys: ", h("kbd", null, "a"), " ", h("kbd", null, "b"), " and ", h("kbd", null, "x"), " to swap."),
      h("div", { class: "versus-row" }, select("a", first),
        h("button", { type: "button", class: "strong", onclick: () => probe.player.side("a") }, "Play A"),
        h("button", { type: "button", class: "strong", onclick: () => probe.player.swap() }, "Swap"),
        h("button", { type: "button", class: "strong", onclick: () => probe.player.side("b") }, "Play B"),
        select("b", second)));
  }

  probe.promptPage = async (board, tier, key) => {
    const [overview, page] = await Promise.all([probe.load(`${tier.key}/_index`), probe.load(`${tier.key}/${key}`)]);
    if (!overview || !page) return null;
    const { here, before, after } = probe.neighbours(overview, key, (k) => probe.link(tier.key, k));
    const items = probe.attempts(tier, key, page);
    const heard = items.filter((item) => item.clip);
    probe.player.playlist(heard, heard.some((item) => item.href === probe.player.pair.a?.href));
    const real = items.some((item) => item.real);
    return {
      title: here.text || here.id,
      before, after,
      content: [
        probe.crumbs(["All tiers", "#/"], [tier.title, probe.link(tier.key)], [here.id]),
        h("h1", { tabindex: "-1", class: "asks" }, here.text || here.id),
        h("p", { class: "facts" }, [here.group, `level ${here.level}`, page.seconds && probe.seconds(page.seconds)].filter(Boolean).join(" · ")),
        h("div", { class: "bar-row" }, before && h("a", { class: "step", href: before }, "← previous prompt"), after && h("a", { class: "step", href: after }, "next prompt →")),
        versus(heard),
        h("h2", null, `${items.length} ${items.length === 1 ? "attempt" : "attempts"}`),
        !real && h("p", { class: "lead" }, "No recording of this was published with the site."),
        h("ol", { class: "attempts" }, items.map(row)),
        page.message && h("details", { class: "card" }, h("summary", null, "The prompt as it was sent"), h("pre", { tabindex: "0" }, page.message)),
        page.truth && h("details", { class: "card" }, h("summary", null, "What must be heard"), h("pre", { tabindex: "0" }, page.truth)),
      ],
    };
  };
})();
