"""The site in a real Chromium, opened from files."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probe.records import Verification
from probe.records.folder_names import slug
from probe.records.run_folder import RunFolder
from probe.site import Options, build
from probe.site.chunks import key
from probe.text import printable
from probe.tier.folder import load
from tests.fakes.boards import add
from tests.fakes.hostile import INJECTIONS
from tests.site.conftest import HOSTILE, PROMPTS, RESULTS
from tests.site.looking import Tab, looked_at
from tests.site.reading import fields

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "site-pictures"
"""Kept for people to look at."""

BEST = "lab--model-00"
FIRST = "101-a4-sine"
UNEVEN = 90
"""Prompts, of more groups than two."""
PAGES = ((), ("notes",), ("notes", FIRST), ("notes", FIRST, BEST, "0"))


@pytest.fixture
def tab(chromium: Any, built: Path) -> Iterator[Tab]:
    tab = Tab(chromium, built.as_uri())
    yield tab
    tab.close()


def picture(what: Any, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    what.screenshot(path=PICTURES / f"{name}.png")


def names(tab: Tab) -> list[str]:
    found = tab.page.locator("main .scroll").first.locator("tbody th.name").all_inner_texts()
    return [name.split("\n")[0] for name in found]


def test_it_drills_down_from_the_board_to_a_sample(tab: Tab) -> None:
    page = tab.open()
    assert "lab/model-00" in page.locator("main").inner_text()
    page.locator("main a.plain").first.click()
    tab.drawn("notes")
    page.locator("td a, th a").filter(has_text=FIRST).first.click()
    tab.drawn("notes", FIRST)
    assert load("notes").prompts[0].text in page.locator("h1").inner_text()
    page.get_by_role("link", name="lab/model-00", exact=True).click()
    tab.drawn("notes", FIRST, BEST, "0")
    text = page.locator("main").inner_text()
    for shown in (
        load("notes").prompts[0].text,
        "wave = 0.4 * np.sin(2 * np.pi * 200 * t)",
        "note_score",
        "tokens written",
        f"probe verify results/notes/{BEST} --prompt {FIRST}",
        "probe run --tier notes --model lab/model-00",
        "memory",
    ):
        assert shown in text
    assert page.locator(".t-keyword").first.inner_text() == "import"
    page.go_back()
    tab.drawn("notes", FIRST)


def marks_of(entry: dict[str, Any], whole: int) -> list[str]:
    """What must stand beside the name of a run, by the board."""
    found = []
    if entry["prompts"] < whole:
        found.append(f"{entry['prompts']} of {whole} prompts")
    if entry["missing"]:
        found.append(f"{entry['missing']} missing")
    return found


def test_every_badge_of_the_published_runs_is_what_the_board_says(
    chromium: Any, published: Path
) -> None:
    """With the places beside them, on the page of each tier and on the first one."""
    board = json.loads((RESULTS / "leaderboard.json").read_text())["tiers"]
    verdicts: Counter[str] = Counter()

    def look(tab: Tab) -> None:
        first: defaultdict[str, list[str]] = defaultdict(list)
        for tier in board:
            page = tab.open(tier["tier"])
            rows = {
                row.locator("th.name").inner_text().split("\n")[0]: row
                for row in page.locator("main .scroll").first.locator("tbody tr").all()
            }
            runs = [*tier["runs"], *tier["incomplete"]]
            assert {run["model"] for run in runs} == set(rows)
            whole = max(run["prompts"] for run in runs)
            for run in runs:
                marks = marks_of(run, whole)
                first[run["model"]] += marks
                verified, ranks = run["verification"], run.get("ranks")
                if verified:
                    bad = verified["differ"] or verified["scores_differ"]
                    marks.append("does not reproduce" if bad else "reproduces")
                    verdicts[marks[-1]] += 1
                row = rows[run["model"]]
                assert row.locator(".badge").all_inner_texts() == marks, run["model"]
                place = row.locator("td").first.inner_text()
                if ranks:
                    assert place == "–".join(map(str, sorted({*ranks.values()})))
        page = tab.open()
        for row in page.locator("main .scroll").first.locator("tbody tr").all():
            name = row.locator("th.name").inner_text()
            assert row.locator(".badge").all_inner_texts() == first[name], name

    looked_at(chromium, published, look)
    assert verdicts["reproduces"] >= 4


def test_a_verified_attempt_says_so_too(chromium: Any, published: Path) -> None:
    def look(tab: Tab) -> None:
        page = tab.open("notes", FIRST, "builtin--programs", "0")
        said = page.locator("dl > div", has=page.get_by_text("verified", exact=True))
        assert said.locator("dd").inner_text() == "reproduces"

    looked_at(chromium, published, look)


def test_a_run_that_does_not_reproduce_says_so(chromium: Any, tmp_path: Path) -> None:
    notes, rng = load("notes"), np.random.default_rng(3)
    results, out = tmp_path / "results", tmp_path / "out"
    folder = add(results, notes, "lab/odd", "language model", 0.5, 4, rng)
    found = Verification(
        date="2026-01-01",
        probe="0.1.0",
        image=None,
        other_source=None,
        audio_digest=RunFolder(folder).audio_digest,
        clips=4,
        close=0,
        differ={},
        scores=4,
        scores_differ={f"{FIRST}.0 note_score": "0.5, now 0.4"},
    )
    (folder / "verification.json").write_text(found.model_dump_json())
    build(Options(results, out, audio=False))

    def look(tab: Tab) -> None:
        page = tab.open("notes")
        assert page.locator("th.name .badge").all_inner_texts() == ["does not reproduce"]

    looked_at(chromium, out, look)


@pytest.fixture
def uneven(tmp_path: Path) -> Path:
    """A site of a whole run, a better one of three prompts, and the best, which is incomplete."""
    notes, rng = load("notes"), np.random.default_rng(5)
    results, out = tmp_path / "results", tmp_path / "out"
    for name, skill, prompts in (
        ("whole", 0.3, UNEVEN),
        ("few", 1.0, 3),
        ("unfinished", 1.0, UNEVEN),
    ):
        folder = add(results, notes, f"lab/{name}", "language model", skill, prompts, rng)
    scores = folder / "scores.jsonl"
    rows = scores.read_text().splitlines(keepends=True)
    last = notes.prompts[UNEVEN - 1].id
    scores.write_text("".join(row for row in rows if last not in row))
    build(Options(results, out, audio=False))
    return out


def test_runs_of_fewer_prompts_and_unfinished_ones_are_marked_and_come_last(
    chromium: Any, uneven: Path
) -> None:
    wanted = {
        "lab/whole": [],
        "lab/few": [f"3 of {UNEVEN} prompts"],
        "lab/unfinished": ["1 missing"],
    }

    def look(tab: Tab) -> None:
        page = tab.open()
        assert names(tab)[0] == "lab/whole"
        assert page.get_by_role("button", name=f"Musical notes, n {UNEVEN}").is_visible()
        for row in page.locator("main .scroll").first.locator("tbody tr").all():
            name = row.locator("th.name").inner_text()
            assert row.locator(".badge").all_inner_texts() == wanted[name]
        assert page.locator("g.mark.hollow").count() == 2
        picture(page, "uneven-first")
        page = tab.open("notes")
        assert names(tab)[0] == "lab/whole"
        assert page.locator("g.mark.hollow").count() == 2
        picture(page, "uneven-tier")

    looked_at(chromium, uneven, look)


def test_the_radar_leaves_out_what_was_not_measured(chromium: Any, uneven: Path) -> None:
    """Three prompts of one group are one point, not a shape with its corners at 0."""

    def look(tab: Tab) -> None:
        page = tab.open("notes")
        chart = page.locator("figure.chart", has_text="Score by group")
        shapes = chart.locator("svg .series")
        tab.until("[...document.querySelectorAll('.frame svg')].every(s => s.childElementCount)")
        said = chart.locator("svg").get_attribute("aria-label") or ""
        assert "not measured" in said
        groups = len({prompt.group for prompt in load("notes").prompts[:UNEVEN]})
        titles = [t.text_content() or "" for t in shapes.locator("title").all()]
        assert len([t for t in titles if t.startswith("lab/few,")]) == 1
        assert len([t for t in titles if t.startswith("lab/whole,")]) == groups
        picture(chart, "radar")

    looked_at(chromium, uneven, look)


def test_every_field_is_read_by_some_page(chromium: Any, built: Path, published: Path) -> None:
    """And each page reads nothing but fields, which every tab of these tests looks after."""
    read: set[str] = set()

    def look(tab: Tab) -> None:
        for keys in (*PAGES, ("notes", FIRST, key(slug(HOSTILE)), "0")):
            page = tab.open(*keys)
            if page.locator("button.play").count():
                page.locator("button.play").first.click()
            tab.until(
                "[...document.querySelectorAll('.frame svg')].every(s => s.childElementCount)"
            )
            read.update(page.evaluate("[...window.fieldsRead]"))

    def look_at_published(tab: Tab) -> None:
        read.update(tab.open().evaluate("[...window.fieldsRead]"))

    looked_at(chromium, built, look)
    looked_at(chromium, published, look_at_published)
    assert fields() - read == set()


def test_a_failed_attempt_says_why(tab: Tab, built: Path) -> None:
    page = tab.open("notes")
    page.locator("a.heat.lost").first.click()
    page.get_by_role("heading", name="Outcome").wait_for()
    assert "Traceback (most recent call last):" in page.locator("main").inner_text()


def test_it_sorts(tab: Tab) -> None:
    page = tab.open()
    page.get_by_role("button", name="Musical notes").click()
    assert names(tab)[:2] == ["builtin/programs", "lab/model-00"]
    header = page.locator("th[aria-sort]")
    assert header.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Musical notes").click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert names(tab)[0] == "builtin/noise"
    page.get_by_role("button", name="Model").click()
    assert names(tab)[-1] == "lab/model-04"


def test_it_filters_by_kind(tab: Tab) -> None:
    page = tab.open()
    assert "builtin/noise" in names(tab)
    page.get_by_label("controls").uncheck()
    page.get_by_label("generators").uncheck()
    page.get_by_label("engines").uncheck()
    shown = names(tab)
    assert "builtin/noise" not in shown
    assert "lab/model-03" not in shown
    assert "lab/model-00" in shown
    page.goto(f"{tab.root}/index.html#/notes")
    tab.drawn("notes")
    assert "builtin/noise" not in names(tab)


def test_prompts_are_found_by_group_level_and_words(tab: Tab) -> None:
    page = tab.open("notes")
    count = page.locator(".count")
    page.get_by_label("Words").fill("triangle")
    assert page.locator(".tall tbody tr:not(.gap)").count() < PROMPTS
    assert f"of {PROMPTS} prompts" in count.inner_text()
    page.get_by_label("Words").fill("")
    page.locator("label", has_text="all levels").locator("select").select_option("5")
    assert count.inner_text() != f"{PROMPTS} of {PROMPTS} prompts"


def test_only_rows_in_sight_are_drawn(tab: Tab) -> None:
    page = tab.open("notes")
    rows = page.locator(".tall tbody tr:not(.gap)")
    box = page.locator(".tall")
    assert rows.count() < PROMPTS
    assert page.locator(".tall table").get_attribute("aria-rowcount") == str(PROMPTS + 1)
    last = load("notes").prompts[PROMPTS - 1].id
    assert last not in box.inner_text()
    box.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    rows.filter(has_text=last).wait_for()
    assert rows.count() < PROMPTS


def test_it_plays(tab: Tab) -> None:
    page = tab.open("notes", FIRST)
    page.locator("button.play").first.click()
    tab.until("probe.player.audio.currentTime > 0.1")
    assert page.locator("audio").count() == 1
    assert page.locator("button.play").first.get_attribute("aria-pressed") in ("true", "false")
    assert page.locator(".player-title").inner_text() == "builtin/programs"


def test_a_against_b_by_keyboard(tab: Tab) -> None:
    page = tab.open("notes", FIRST)
    playing = "probe.player.current?.title"
    page.keyboard.press("a")
    first = tab.until(playing)
    tab.until("probe.player.audio.currentTime > 0.2")
    page.keyboard.press("b")
    second = tab.until(playing)
    assert first != second
    tab.until("probe.player.audio.currentTime > 0.2")
    # From the same moment on, not from the beginning.
    page.evaluate("probe.player.audio.pause(); probe.player.audio.currentTime = 0.5;")
    page.keyboard.press("a")
    assert tab.until("probe.player.audio.currentTime") >= 0.5
    page.keyboard.press("x")
    assert tab.until(playing) == second
    page.keyboard.press("x")
    assert tab.until(playing) == first
    page.keyboard.press("n")
    assert tab.until(playing) != first
    page.keyboard.press("p")
    assert tab.until(playing) == first
    page.keyboard.press("]")
    tab.drawn("notes", load("notes").prompts[1].id)


def test_clips_are_brought_to_one_loudness(tab: Tab) -> None:
    page = tab.open("notes", FIRST)
    heard = []
    for button in page.locator("button.play").all():
        button.click()
        heard.append(
            page.evaluate(
                """(() => {
                    const { clip } = probe.player.current;
                    const volume = 20 * Math.log10(probe.player.audio.volume);
                    return clip.lufs + clip.gain_db + volume;
                })()"""
            )
        )
    assert len(heard) >= 3
    assert max(heard) - min(heard) < 0.2


def test_keys_walk_through_attempts_and_can_be_turned_off(tab: Tab) -> None:
    page = tab.open("notes", FIRST, "builtin--programs", "0")
    page.keyboard.press("n")
    tab.until("document.querySelector('h1').innerText !== 'builtin/programs'")
    page.keyboard.press("p")
    tab.drawn("notes", FIRST, "builtin--programs", "0")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    page.keyboard.press("?")
    assert page.get_by_role("dialog").count() == 0
    assert page.locator("h1").inner_text() == "builtin/programs"


def test_everything_is_reached_with_the_keyboard_alone(tab: Tab) -> None:
    page = tab.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.plain')"):
            break
    page.keyboard.press("Enter")
    tab.drawn("notes")
    assert page.evaluate("document.activeElement.tagName") == "H1"


@pytest.mark.parametrize("keys", PAGES, ids=lambda keys: "-".join(keys[1:]) or "-".join(keys))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Any, built: Path, keys: tuple[str, ...], scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

    def look(tab: Tab) -> None:
        page = tab.open(*keys)
        if page.locator("button.play").count():
            page.locator("button.play").first.click()
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found = axe.Axe().run(page, options={"runOnly": rules, "preload": False})
        assert found.response["passes"]
        problems = [
            (one["id"], [node["html"][:200] for node in one["nodes"][:3]])
            for one in found.response["violations"]
        ]
        assert problems == []

    looked_at(chromium, built, look, scheme=scheme)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("keys", PAGES, ids=lambda keys: "-".join(keys[1:]) or "-".join(keys))
def test_nothing_is_wider_than_the_window(
    chromium: Any, built: Path, width: int, keys: tuple[str, ...]
) -> None:
    def look(tab: Tab) -> None:
        page = tab.open(*keys)
        if len(keys) > 1:
            page.locator("button.play").first.click()
        tab.until("[...document.querySelectorAll('.frame svg')].every(s => s.childElementCount)")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{width}-{len(keys)}.png", full_page=len(keys) != 1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    looked_at(chromium, built, look, width=width)


def test_charts_say_in_words_what_they_show(tab: Tab) -> None:
    page = tab.open("notes")
    titles = page.locator("figure.chart h3").all_inner_texts()
    assert titles == [
        "Score with its interval",
        "How far attempts come",
        "Score by level of difficulty",
        "Score by group",
    ]
    for picture in page.locator("svg[role=img]").all():
        assert "lab/model-00" in (picture.get_attribute("aria-label") or "")
    assert page.locator("figure.chart details.numbers table").count() == len(titles)


PRICE = """
[[price]]
models = ["openai/{name}"]
input = {each}
output = {each}
date = 2025-01-01
source = "a test"
"""


def test_quality_stands_against_cost(
    chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = {"cheap": 1, "worse": 5, "dear": 50}
    prices = tmp_path / "prices.toml"
    prices.write_text("".join(PRICE.format(name=name, each=each) for name, each in costs.items()))
    monkeypatch.setenv("PROBE_PRICES", str(prices))
    notes, rng = load("notes"), np.random.default_rng(4)
    results, out = tmp_path / "results", tmp_path / "out"
    for name, skill in {"cheap": 0.5, "worse": 0.1, "dear": 0.95}.items():
        add(results, notes, f"openai/{name}", "language model", skill, 12, rng)
    build(Options(results, out, audio=False))

    def look(tab: Tab) -> None:
        chart = tab.open("notes").locator("figure.chart", has_text="Quality against cost")
        said = chart.locator("svg[role=img]").get_attribute("aria-label") or ""
        assert "openai/cheap" in said
        assert "openai/dear" in said
        assert "openai/worse" not in said
        chart.locator("details.numbers summary").click()
        rows = chart.locator("details.numbers tbody tr").all_inner_texts()
        assert [row.split()[-1] for row in rows] == ["yes", "no", "yes"]
        chart.scroll_into_view_if_needed()
        PICTURES.mkdir(parents=True, exist_ok=True)
        chart.screenshot(path=PICTURES / "cost.png")

    looked_at(chromium, out.as_uri(), look)


def test_samples_are_counted_from_0_as_everywhere(chromium: Any, tmp_path: Path) -> None:
    notes, rng = load("notes"), np.random.default_rng(4)
    add(tmp_path / "results", notes, "lab/two", "language model", 1.0, 2, rng, samples=2)
    build(Options(tmp_path / "results", tmp_path / "out", audio=False))

    def look(tab: Tab) -> None:
        said = tab.open("notes", FIRST).locator("main").inner_text()
        assert "lab/two, sample 0" in said
        assert "lab/two, sample 1" in said
        title = tab.open("notes", FIRST, "lab--two", "1").locator("h1").inner_text()
        assert title == "lab/two, sample 1"

    looked_at(chromium, tmp_path / "out", look)


def test_hostile_text_is_text(tab: Tab) -> None:
    name = key(slug(HOSTILE))
    prompts = load("notes").prompts[: len(INJECTIONS)]
    page = tab.open("notes")
    assert HOSTILE in names(tab)
    for prompt, text in zip(prompts, INJECTIONS, strict=True):
        page = tab.open("notes", prompt.id, name, "0")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        reply = page.get_by_role("region", name="reply").evaluate("pre => pre.textContent")
        assert reply == printable(text)
        assert page.locator("h1").evaluate("h1 => h1.textContent") == HOSTILE
    assert page.evaluate("window.pwned === undefined && ({}).pwned === undefined")
    ours = "main script, main iframe, main style, main base, main meta, main form, main [onerror]"
    assert page.locator(ours).count() == 0


def test_no_script_but_ours_runs(chromium: Any, built: Path) -> None:
    tab = Tab(chromium, built.as_uri())
    page = tab.open()
    refused = page.evaluate(
        """() => {
            const inline = document.createElement("div");
            try { inline.innerHTML = "<b>x</b>"; return "markup"; } catch { /* as it must be */ }
            try { probe.load("../../etc/passwd"); return "elsewhere"; } catch { /* too */ }
            const script = document.createElement("script");
            try { script.src = "https://evil.example/a.js"; return "src"; } catch { return "all"; }
        }"""
    )
    assert refused == "all"
    assert tab.faults  # the policy says so on the console
    tab.context.close()


def test_an_address_nobody_linked_to_says_so(tab: Tab) -> None:
    for keys in (("nothing",), ("notes", "nothing.."), ("notes", FIRST, "nobody", "0")):
        assert "Nothing here" in tab.open(*keys).locator("h1").inner_text()


def test_it_works_from_a_web_server(chromium: Any, built: Path) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(built))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def look(tab: Tab) -> None:
        page = tab.open("notes", FIRST)
        page.locator("button.play").first.click()
        tab.until("probe.player.audio.currentTime > 0.1")

    try:
        looked_at(chromium, f"http://127.0.0.1:{server.server_port}", look)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
