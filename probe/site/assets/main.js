// Addresses, keys and colours: what holds the pages together.
"use strict";

(() => {
  const { h } = probe;
  const main = document.getElementById("main");
  let board = null;
  let page = null;
  let turn = 0;

  // --- addresses: #/tier/prompt/run/sample ---

  async function open(keys) {
    const [tierKey, prompt, run, sample] = keys;
    if (!tierKey) return probe.boardPage(board);
    const tier = board.tiers.find((one) => one.key === tierKey);
    if (!tier) return null;
    if (!prompt) return probe.tierPage(board, tier);
    if (!run) return probe.promptPage(board, tier, prompt);
    return probe.samplePage(board, tier, prompt, run, sample ?? "0");
  }

  const missing = () => ({ title: "Nothing here", content: [h("h1", { tabindex: "-1" }, "Nothing here"),
    h("p", { class: "lead" }, "This site has no such page. ", h("a", { href: "#/" }, "To the leaderboard"))] });

  async function show(first) {
    const mine = turn += 1;
    let keys = [];
    try {
      keys = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
    } catch { keys = ["?"]; }
    let found = null;
    try { found = await open(keys); } catch (error) {
      if (!/^no chunk/.test(error.message)) throw error; // an address nobody linked to
    }
    if (mine !== turn) return; // another page was asked for meanwhile
    page = found ?? missing();
    document.title = `${page.title.slice(0, 80)} · probe`;
    main.replaceChildren(...page.content.flat(Infinity).filter(Boolean));
    document.querySelectorAll("#tiers a").forEach((link) => {
      if (link.getAttribute("href") === (keys[0] ? probe.link(keys[0]) : "#/")) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    if (!first) {
      scrollTo(0, 0);
      main.querySelector("h1")?.focus({ preventScroll: true });
    }
    document.documentElement.dataset.ready = keys.join("/") || "/";
  }

  // --- keys ---

  const KEYS = [
    ["k", "play or pause", () => (page?.item && !probe.player.current ? probe.player.play(page.item) : probe.player.toggle())],
    ["n", "next clip of the prompt; on an attempt, the next attempt", () => along("right", 1)],
    ["p", "previous clip, or attempt", () => along("left", -1)],
    ["a", "play A", () => probe.player.side("a")],
    ["b", "play B from the same moment", () => probe.player.side("b")],
    ["x", "swap A and B", () => probe.player.swap()],
    ["[", "previous prompt", () => page?.before && go(page.before)],
    ["]", "next prompt", () => page?.after && go(page.after)],
    ["?", "these keys", () => keysDialog()],
  ];
  const go = (href) => { location.hash = href.slice(1); };

  function along(way, by) {
    if (!page || !("item" in page)) { probe.player.step(by); return; }
    if (!page[way]) return;
    const playing = probe.player.current && !probe.player.audio.paused;
    go(page[way]);
    if (playing) addEventListener("probe-page", () => page.item && probe.player.play(page.item), { once: true });
  }

  const on = () => probe.kept("keys") !== "off";
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !on()) return;
    if (event.target.matches("input:not([type=checkbox]), select, textarea") || document.getElementById("keys").open) return;
    const found = KEYS.find(([key]) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found[2]();
  });

  function keysDialog() {
    const dialog = document.getElementById("keys");
    const box = h("input", { type: "checkbox", checked: on(), onchange: (event) => probe.keep("keys", event.target.checked ? "on" : "off") });
    dialog.replaceChildren(h("h2", { id: "keys-title" }, "Keys"),
      h("dl", null, KEYS.map(([key, what]) => h("div", null, h("dt", null, h("kbd", null, key)), h("dd", null, what)))),
      h("label", { class: "check" }, box, " single keys do these things"),
      h("button", { type: "button", class: "strong", onclick: () => dialog.close() }, "Close"));
    dialog.showModal();
  }
  document.getElementById("keys-button").addEventListener("click", keysDialog);

  // --- colours: the system's, light, dark ---

  const THEMES = ["system", "light", "dark"];
  const themeButton = document.getElementById("theme-button");
  function theme(name) {
    if (name === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    themeButton.textContent = `Theme: ${name}`;
    probe.keep("theme", name);
  }
  themeButton.addEventListener("click", () => {
    const now = document.documentElement.dataset.theme ?? "system";
    theme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
  });
  theme(THEMES.includes(probe.kept("theme")) ? probe.kept("theme") : "system");

  // --- begin ---

  addEventListener("hashchange", async () => {
    await show(false);
    dispatchEvent(new Event("probe-page"));
  });
  probe.load("board").then((found) => {
    board = found ?? { tiers: [], published: [] };
    document.getElementById("tiers").append(h("a", { href: "#/" }, "All tiers"),
      ...board.tiers.map((tier) => h("a", { href: probe.link(tier.key) }, tier.title)));
    return show(true);
  });
})();
