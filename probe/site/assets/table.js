// Tables: sorted by their headers, and long ones drawn only where they are seen.
"use strict";

(() => {
  const { h } = probe;
  const SPARE = 8;
  let count = 0;

  function compare(a, b) {
    const missing = (v) => v === null || v === undefined || v === "";
    if (missing(a) || missing(b)) return missing(a) - missing(b);
    return typeof a === "number" ? a - b : String(a).localeCompare(String(b));
  }

  /**
   * A table of `rows` that scrolls by itself.
   *
   * A column has `title`, `cell(row)`, and where it can be sorted `value(row)`; `best` says that
   * its first order is from high to low. `height` (px) is that of every row; with `tall` only the
   * rows in sight are drawn. Returns the element, with `show(rows)` for other rows.
   */
  probe.table = ({ label, columns, rows, sort = null, height = 41, tall = false }) => {
    const id = `table-${count += 1}`;
    let order = sort;
    let shown = rows;
    const body = h("tbody");
    const heads = columns.map((column, index) => {
      const cell = h("th", { scope: "col", class: column.class, title: column.about });
      if (!column.value) {
        cell.append(column.head ?? column.title);
        return cell;
      }
      cell.append(h("button", { type: "button", class: "sort", onclick: () => by(index) },
        column.title, h("span", { class: "arrow", "aria-hidden": "true" })));
      return cell;
    });
    const table = h("table", { id, "aria-rowcount": tall ? rows.length + 1 : null },
      h("caption", { class: "unseen" }, label),
      h("thead", null, h("tr", { "aria-rowindex": tall ? 1 : null }, heads)), body);
    const box = h("div", { class: `scroll${tall ? " tall" : ""}`, tabindex: "0", role: "region", "aria-label": label,
      vars: { row: `${height}px` } }, table);

    const draw = (row, index) => h("tr", { "aria-rowindex": tall ? index + 2 : null }, columns.map((column) => (
      h(column.row ? "th" : "td", { class: column.class, scope: column.row ? "row" : null }, column.cell(row)))));

    // Rows in sight by their place, between two gaps as high as all the others.
    const drawn = new Map();
    const gap = () => h("tr", { class: "gap", "aria-hidden": "true" }, h("td", { colspan: columns.length }));
    const [above, below] = [gap(), gap()];
    const stretch = (row, size) => row.firstChild.style.setProperty("--gap", `${size * height}px`);
    function inSight(force) {
      const top = Math.max(0, Math.floor(box.scrollTop / height) - SPARE);
      const end = Math.min(shown.length, Math.ceil((box.scrollTop + box.clientHeight) / height) + SPARE);
      if (force) {
        drawn.clear();
        body.replaceChildren(above, below);
      }
      for (const [index, row] of drawn) {
        if (index >= top && index < end) continue;
        row.remove();
        drawn.delete(index);
      }
      let next = below;
      for (let index = end - 1; index >= top; index -= 1) {
        if (!drawn.has(index)) {
          drawn.set(index, draw(shown[index], index));
          body.insertBefore(drawn.get(index), next);
        }
        next = drawn.get(index);
      }
      stretch(above, top);
      stretch(below, shown.length - end);
    }

    function redraw() {
      if (order) {
        const { index, down } = order;
        const value = columns[index].value;
        shown = [...rows].sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          const known = x !== null && x !== undefined && y !== null && y !== undefined;
          return compare(x, y) * (down && known ? -1 : 1);
        });
      } else shown = rows;
      heads.forEach((cell, index) => {
        if (!columns[index].value) return;
        const here = order?.index === index;
        if (here) cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
        else cell.removeAttribute("aria-sort");
      });
      if (tall) {
        table.setAttribute("aria-rowcount", String(shown.length + 1));
        inSight(true);
      } else body.replaceChildren(...shown.map(draw));
    }

    function by(index) {
      const down = order?.index === index ? !order.down : Boolean(columns[index].best);
      order = { index, down };
      redraw();
      probe.say(`sorted by ${columns[index].title}, ${down ? "descending" : "ascending"}`);
    }

    if (tall) {
      let asked = false;
      box.addEventListener("scroll", () => {
        if (asked) return;
        asked = true;
        requestAnimationFrame(() => { asked = false; inSight(false); });
      }, { passive: true });
      new ResizeObserver(() => inSight(false)).observe(box);
    }
    redraw();
    box.show = (others) => { rows = others; box.scrollTop = 0; redraw(); };
    return box;
  };

  /** A small table of text, for numbers behind a picture. */
  probe.numbers = (label, head, rows) => h("details", { class: "numbers" },
    h("summary", null, "Numbers"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${label}, as a table` },
      h("table", null, h("caption", { class: "unseen" }, label),
        h("thead", null, h("tr", null, head.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", null, rows.map((row) => h("tr", null, row.map((text, i) => (
          i ? h("td", null, text) : h("th", { scope: "row" }, text)))))))));
})();
