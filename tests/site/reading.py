"""What the pages read of their data, held against the schema of the records it is written from.

A script that runs before the page's own puts itself between the data and the pages: a field that
no record has is an error on the console, and what is read is kept in ``window.fieldsRead``.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from probe.site.schema import BoardPage, Page, PromptPage, TierIndex

SCHEMA: dict[str, Any] = TypeAdapter(Page).json_schema(mode="serialization")
RECORDS = [record.__name__ for record in (BoardPage, TierIndex, PromptPage)]
"""Of the board, of what is called ``_index``, and of every other chunk."""

_GUARD = """
(({ $defs }, [BOARD, INDEX, PROMPT]) => {
    const read = new Set();
    window.fieldsRead = read;
    const solid = (node) => (node?.$ref ? $defs[node.$ref.split("/").at(-1)] : node ?? {});
    const shape = (node, value) => {
        const type = Array.isArray(value) ? "array" : "object";
        const all = solid(node).anyOf ?? [node];
        return all.map(solid).find((one) => one.type === type) ?? {};
    };
    function guarded(value, node) {
        if (value === null || typeof value !== "object") return value;
        const form = shape(node, value);
        if (Array.isArray(value)) {
            return value.map((one, i) => guarded(one, form.prefixItems?.[i] ?? form.items));
        }
        const fields = form.properties;
        const inner = (name) => fields?.[name] ?? form.additionalProperties;
        const inside = Object.fromEntries(
            Object.entries(value).map(([name, one]) => [name, guarded(one, inner(name))]));
        if (!fields) return inside;
        return new Proxy(inside, { get(target, name) {
            if (typeof name !== "string" || name === "then") return target[name];
            if (Object.hasOwn(fields, name)) read.add(`${form.title}.${name}`);
            else console.error(`${form.title} has no field ${name}`);
            return target[name];
        } });
    }
    const known = new Map();
    const record = (name) => (
        name === "board" ? BOARD : name.endsWith("/_index") ? INDEX : PROMPT);
    let probe;
    Object.defineProperty(window, "probe", { get: () => probe, set(made) {
        const load = made.load;
        made.load = (name) => load(name).then((found) => {
            if (!known.has(name)) known.set(name, guarded(found, $defs[record(name)]));
            return known.get(name);
        });
        probe = made;
    } });
})
"""

GUARD = f"{_GUARD.strip()}({json.dumps(SCHEMA)}, {json.dumps(RECORDS)});"


def fields() -> set[str]:
    """Every field there is, as ``Record.field``."""
    return {
        f"{name}.{field}"
        for name, record in SCHEMA["$defs"].items()
        for field in record.get("properties", {})
    }
