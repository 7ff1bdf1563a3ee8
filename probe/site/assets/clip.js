// What a clip looks like: waveform and log-mel picture, with where the player is in them.
"use strict";

(() => {
  const { h, s } = probe;
  const POINTS = 240;

  /** The outline of a clip; the part that was played is marked by `player.js`. */
  probe.waveform = (clip, { small = false } = {}) => {
    const height = small ? 34 : 120;
    const y = (v) => (height / 2) * (1 - (v / 100) * 0.94);
    const upper = [];
    const lower = [];
    for (let i = 0; i < POINTS; i += 1) {
      upper.push(`${i},${y(Math.max(clip.outline[2 * i + 1], 0.8)).toFixed(1)}`);
      lower.push(`${i},${y(Math.min(clip.outline[2 * i], -0.8)).toFixed(1)}`);
    }
    return s("svg", { class: small ? "wave small" : "wave", viewBox: `0 0 ${POINTS} ${height}`, preserveAspectRatio: "none",
      role: "img", "aria-label": probe.heard(clip), "data-clip": clip.key },
    s("polygon", { points: [...upper, ...lower.reverse()].join(" ") }),
    s("line", { class: "now", x1: 0, x2: 0, y1: 0, y2: height }));
  };

  /** A clip in words: the text equivalent of its pictures. */
  probe.heard = (clip) => (clip.peak_db === null ? `${probe.seconds(clip.seconds)} of digital silence`
    : `${probe.seconds(clip.seconds)} long, heard from ${clip.from_s} to ${clip.to_s} s, peak ${clip.peak_db} dBFS, `
      + `${clip.lufs === null ? "too soft to have a loudness" : `${clip.lufs} LUFS`}, spectrum centred on ${clip.centre_hz} Hz`);

  const mel = (hertz) => 2595 * Math.log10(1 + hertz / 700);

  /** The log-mel picture between its axes. */
  probe.spectrogram = (clip) => {
    const top = clip.rate / 2;
    const place = (hertz) => 100 * (1 - (mel(hertz) - mel(40)) / (mel(top) - mel(40)));
    const hertz = [100, 250, 500, 1000, 2000, 4000, 8000, 16000].filter((f) => f < top * 0.95);
    const times = probe.ticks(0, clip.seconds, 6);
    return h("figure", { class: "mel" },
      h("div", { class: "mel-hertz", "aria-hidden": "true" }, hertz.map((f) => (
        h("span", { vars: { at: `${place(f)}%` } }, f < 1000 ? `${f}` : `${f / 1000}k`)))),
      h("div", { class: "mel-picture" },
        h("img", { src: `clips/${clip.key}.png`, alt: `Log-mel picture: ${probe.heard(clip)}` })),
      h("div", { class: "mel-seconds", "aria-hidden": "true" }, times.map((t) => (
        h("span", { vars: { at: `${(100 * t) / clip.seconds}%` } }, `${t}`)))),
      h("figcaption", null, `Mel bands in Hz over seconds; colours span 80 dB. ${probe.heard(clip)}.`));
  };
})();
