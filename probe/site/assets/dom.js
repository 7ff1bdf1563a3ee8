// The namespace of the page; elements from text alone; data that arrives as scripts.
"use strict";

window.probe = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const waiting = new Map();
  const loaded = new Map();

  // Nothing but a chunk of ours ever becomes the address of a script.
  const chunkUrl = (name) => {
    if (!/^[A-Za-z0-9][\w.-]*(\/(_index|[A-Za-z0-9][\w.-]*))?$/.test(name) || name.includes("..")) {
      throw new Error(`no chunk is called ${name}`);
    }
    return `data/${name}.js`;
  };
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("probe-chunks", { createScriptURL: chunkUrl })
    : { createScriptURL: chunkUrl };

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name === "vars") {
        for (const [key, one] of Object.entries(value)) element.style.setProperty(`--${key}`, one);
      } else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
    return element;
  }

  /** Load a chunk once; resolves to its data, or to null where there is none. */
  function load(name) {
    if (loaded.has(name)) return Promise.resolve(loaded.get(name));
    if (!waiting.has(name)) {
      const script = document.createElement("script");
      waiting.set(name, new Promise((resolve) => {
        script.onload = () => resolve(loaded.get(name) ?? null);
        script.onerror = () => { waiting.delete(name); resolve(null); };
      }));
      script.src = policy.createScriptURL(name);
      document.head.append(script);
    }
    return waiting.get(name);
  }

  return {
    h: (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children),
    s: (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children),
    add: (name, json) => loaded.set(name, JSON.parse(json)),
    load,
    link: (...keys) => `#/${keys.map(encodeURIComponent).join("/")}`,
    say: (text) => { document.getElementById("said").textContent = text; },
    // Settings of the reader's; a browser may keep none for files.
    keep: (key, value) => { try { localStorage.setItem(`probe-${key}`, value); } catch { /* not kept */ } },
    kept: (key) => { try { return localStorage.getItem(`probe-${key}`); } catch { return null; } },
  };
})();
