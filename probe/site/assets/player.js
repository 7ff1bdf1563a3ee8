// One audio element for the whole page: a list of clips, next and previous, and A against B.
"use strict";

(() => {
  const { h } = probe;
  const SOFTEST = 12; // dB that others are turned down for the sake of a soft clip, at most
  const TARGET = -23;

  const audio = h("audio", { controls: true, preload: "auto" });
  const title = h("a", { class: "player-title", href: "#/" });
  const note = h("span", { class: "player-note" });
  let list = []; // {clip, title, href} of the prompt in view
  let current = null;
  const pair = { a: null, b: null };

  const button = (text, label, act) => h("button", { type: "button", onclick: act, "aria-label": label }, text);
  const before = button("‹", "Previous clip", () => probe.player.step(-1));
  const after = button("›", "Next clip", () => probe.player.step(1));
  const sides = {
    a: button("A", "Play A", () => probe.player.side("a")),
    b: button("B", "Play B", () => probe.player.side("b")),
  };

  const reached = (clip) => (clip.lufs === null ? TARGET : clip.lufs + clip.gain_db);

  /** Volume at which a clip is as loud as the softest of its list. */
  function volume(clip) {
    const softest = Math.min(TARGET, ...list.map((item) => reached(item.clip)));
    const level = Math.max(softest, TARGET - SOFTEST);
    return Math.min(1, 10 ** ((level - reached(clip)) / 20));
  }

  function mark() {
    document.querySelectorAll("[data-plays]").forEach((element) => {
      const here = current !== null && element.dataset.plays === current.href && !audio.paused;
      element.classList.toggle("playing", here);
      element.setAttribute("aria-pressed", String(here));
    });
    for (const [side, element] of Object.entries(sides)) {
      const item = pair[side];
      element.hidden = !item;
      element.classList.toggle("playing", current !== null && item?.href === current.href);
      element.setAttribute("aria-label", item ? `Play ${side.toUpperCase()}: ${item.title}` : `Play ${side.toUpperCase()}`);
      element.title = item?.title ?? "";
    }
    title.textContent = current ? current.title : "";
    title.href = current ? current.href : "#/";
    note.textContent = current ? gain(current.clip) : "";
  }

  const gain = (clip) => (clip.gain_db === 0 ? "at its own level"
    : `${clip.gain_db > 0 ? "+" : "−"}${Math.abs(clip.gain_db)} dB to match loudness`);

  function play(item, from = 0) {
    const other = current?.clip.key !== item.clip.key;
    current = item;
    document.getElementById("player").hidden = false;
    document.body.classList.add("has-player");
    if (other) audio.src = `clips/${item.clip.key}.mp3`;
    audio.volume = volume(item.clip);
    const begin = () => {
      if (current !== item) return; // another one was asked for while this one was loading
      audio.currentTime = Math.min(from, audio.duration || 0);
      audio.play().catch(() => {}); // it was stopped before it began
    };
    if (audio.readyState >= 1) begin();
    else audio.addEventListener("loadedmetadata", begin, { once: true });
    mark();
    probe.say(`playing ${item.title}`);
  }

  audio.addEventListener("play", mark);
  audio.addEventListener("pause", mark);
  audio.addEventListener("timeupdate", () => {
    if (!current) return;
    const at = String((240 * audio.currentTime) / (audio.duration || 1));
    document.querySelectorAll(".wave").forEach((wave) => {
      const line = wave.querySelector(".now");
      const here = wave.dataset.clip === current.clip.key;
      line.setAttribute("x1", here ? at : "0");
      line.setAttribute("x2", here ? at : "0");
      wave.classList.toggle("here", here);
    });
  });

  probe.player = {
    audio,
    get current() { return current; },
    get pair() { return pair; },
    play,
    /** What next and previous walk along; the pair is kept while it is of the same prompt. */
    playlist(items, keepPair) {
      list = items;
      if (!keepPair) pair.a = pair.b = null;
      mark();
    },
    choose(side, item) {
      pair[side] = item;
      mark();
    },
    toggle() {
      if (!current) { if (list.length) play(list[0]); return; }
      if (audio.paused) audio.play().catch(() => {}); else audio.pause();
    },
    step(by) {
      if (!list.length) return;
      const at = list.findIndex((item) => item.href === current?.href);
      const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length;
      play(list[next]);
    },
    /** Play one of the pair from where the other one is, so that the same moment is heard. */
    side(side) {
      const item = pair[side];
      if (!item) return;
      const inPair = current && (current.href === pair.a?.href || current.href === pair.b?.href);
      const ended = audio.ended || !inPair;
      play(item, ended ? 0 : audio.currentTime);
    },
    swap() {
      probe.player.side(current && current.href === pair.a?.href ? "b" : "a");
    },
  };

  /** A button that plays or pauses a clip. */
  probe.playButton = (item, words = "") => {
    const element = h("button", { type: "button", class: "play", "data-plays": item.href, "aria-pressed": "false",
      "aria-label": `Play ${item.title}`,
      onclick: () => { if (current?.href === item.href && !audio.ended) probe.player.toggle(); else play(item); } },
    h("span", { class: "play-sign", "aria-hidden": "true" }), words);
    return element;
  };

  document.getElementById("player").append(
    h("div", { class: "player-row" },
      h("div", { class: "player-steps" }, before, after, sides.a, sides.b),
      h("div", { class: "player-what" }, title, note), audio));
  mark();
})();
