from __future__ import annotations

import hashlib
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from probe.records import Completion, Extraction, Outcome
from probe.records.languages import LANGUAGES
from probe.records.replies import Extracted, extract, extracted_from, is_refusal, last_block

SHARED = Path(__file__).parents[3] / "shared" / "completions" / "replies.jsonl"
RESULTS = Path(__file__).parents[2] / "results"

WRITE = "sf.write('/out/output.wav', x, 44100)\n"
WHOLE = f"import soundfile as sf\nx = [0.0]\n{WRITE}"
READ = "import soundfile as sf\nx, rate = sf.read('/out/output.wav')\n"
CSD = "<CsoundSynthesizer>\n<CsInstruments>\n</CsInstruments>\n</CsoundSynthesizer>\n"


def program_of(text: str, *, truncated: bool = False) -> str | None:
    found = extract(text, truncated=truncated)
    return found.program if found else None


def fenced(program: str, info: str = "python") -> str:
    return f"```{info}\n{program}```\n"


def block(n: int, of: int, how: str = "fenced") -> Extraction:
    return Extraction.model_validate({"how": how, "block": n, "blocks": of})


# --- blocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "program"),
    [
        ("```python\nx\n```", "x\n"),
        ("Sure!\n\n```python\nx\n```\nEnjoy.", "x\n"),
        ("text right before\n```python\nx\n```", "x\n"),
        ("~~~python\nx\n~~~", "x\n"),
        ("````python\n```\nx\n````", "```\nx\n"),
        ("```python\nx\n`````", "x\n"),
        ("   ```python\n   x\n     y\n   ```", "x\n  y\n"),
        ("```Python3 title=main.py\nx\n```", "x\n"),
        ("``` py\nx\n```", "x\n"),
        ("```python:main.py\nx\n```", "x\n"),
        ("```python3.11\nx\n```", "x\n"),
        ("```python\nold\n```\nBetter:\n```py\nnew\n```", "new\n"),
        ("```python\nx\n```\nRun it:\n```bash\npython x.py\n```", "x\n"),
        ("```python\nx\n```\nIt prints:\n```\n42\n```", "x\n"),
        ("```\nold\n```\n```\nnew\n```\n```sh\nls\n```", "new\n"),
        ("1. Here:\n\n   ```python\n   if x:\n       y\n   ```\n2. Done.", "if x:\n    y\n"),
        ("> ```python\n> x\n> ```", "x\n"),
        ("<details>\n<summary>Code</summary>\n```python\nx\n```\n</details>", "x\n"),
        ("<think>\n```python\nold\n```\n</think>\n```python\nnew\n```", "new\n"),
        ("```python\r\nx\r\ny\r\n```\r\n", "x\ny\n"),
        ("```python\rx\r```", "x\n"),
        ("```python\nx = '\x0b\u2028'\n```", "x = '\x0b\u2028'\n"),
        ("```python\n\n\tx\n\n```", "\n\tx\n\n"),
        ("```python\nx\n```\n```python\n\n```", "x\n"),
        ("```python\nx", "x\n"),
        ("```python\nx\n``", "x\n``\n"),
        ("```python\nx\n``` and so on", "x\n``` and so on\n"),
        ("", None),
        ("No code at all, `x` aside.", None),
        ("    ```python\n    x\n    ```", None),
        ("```python\n```", None),
        ("```bash\nls\n```", None),
        ("```pycon\n>>> x\n```", None),
        ("```python-repl\n>>> x\n```", None),
        ("``python\nx\n``", None),
    ],
)
def test_the_program_in_a_reply(reply: str, program: str | None) -> None:
    assert program_of(reply) == program


@pytest.mark.parametrize(
    ("reply", "program"),
    [
        ("```python\nx\n", None),
        ("```python\nx\n``", None),
        ("```python\n", None),
        ("```\nx", None),
        ("> ```python\n> x", None),
        ("- ```python\n  x\n  ", None),
        ("```python\nold\n```\nBetter:\n```python\nne", None),
        ("```python\nx\n```", "x\n"),
        ("```python\nx\n```\nThis program wor", "x\n"),
        ("```python\nx\n```\nIt prints:\n```\n4", "x\n"),
        ("- ```python\n  x\nwhich is cut off he", "x\n"),
    ],
)
def test_a_reply_that_was_cut_off(reply: str, program: str | None) -> None:
    assert program_of(reply, truncated=True) == program


# Any text without the characters that Markdown replaces; lines are compared as they are.
lines = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")))


@given(lines=lines, fence=st.sampled_from("`~"), length=st.integers(3, 9))
def test_any_program_in_any_fence_comes_back_exactly(
    lines: list[str], fence: str, length: int
) -> None:
    program = "".join(f"{line}\n" for line in lines)
    assume(program.strip())
    longest = max((len(run) for run in re.findall(f"{fence}+", program)), default=0)
    fences = fence * max(length, longest + 1)
    cut_off = f"Here it is:\n{fences}python\n{program}"
    whole = f"{cut_off}{fences}\n"
    assert program_of(whole) == program
    assert program_of(whole, truncated=True) == program
    assert program_of(cut_off) == program
    assert program_of(cut_off, truncated=True) is None


MARKUP = ["```", "~~~", "`", "python", ">", "- ", "1. ", "x", "#", "<pre>", "[a]: "]
MARKUP += ['"""', "<think>", "</think>", "import x", "open('output.wav', 'w')", "\ufeff"]
MARKUP += ["\n", "\r", " ", "\t", "    ", "\0", "\ud800"]


@given(st.lists(st.sampled_from(MARKUP)))
def test_nothing_a_reply_holds_is_an_error(parts: list[str]) -> None:
    text = "".join(parts)
    whole = program_of(text)
    assert whole is None or whole.strip()
    assert program_of(text, truncated=True) in (None, whole)
    is_refusal(text)


# --- which block ---------------------------------------------------------------------------------


def test_an_install_line_and_a_snippet_that_reads_the_file_are_not_the_program() -> None:
    install, listen = fenced("pip install soundfile\n"), fenced(READ)
    found = extract(f"{fenced(WHOLE)}Install:\n{install}Then listen:\n{listen}", truncated=False)
    assert found == Extracted(WHOLE, block(1, 3))


def test_of_two_programs_the_last_is_taken() -> None:
    better = WHOLE.replace("0.0", "0.5")
    found = extract(fenced(WHOLE) + fenced(better) + fenced("print('done')\n"), truncated=False)
    assert found == Extracted(better, block(2, 3))


def test_without_one_that_writes_the_last_that_parses_is_taken() -> None:
    found = extract(fenced("x = 1\n") + fenced("y = 2\n") + fenced("z = \n"), truncated=False)
    assert found == Extracted("y = 2\n", block(2, 3))


def test_a_slip_of_the_pen_is_a_program() -> None:
    found = extract(fenced("x = (\n"), truncated=False)
    assert found == Extracted("x = (\n", block(1, 1))


@pytest.mark.parametrize(
    "info",
    [
        *("{python}", "{.python}", "{ .python .numberLines }", ".python", "{python, echo=FALSE}"),
        *("Python main.py", "{python3}", "python {.line-numbers}", "py3"),
    ],
)
def test_labels(info: str) -> None:
    assert program_of(fenced("x\n", info) + fenced("ls\n", "sh") + fenced("text\n", "")) == "x\n"


@pytest.mark.parametrize("info", ["{r}", "{.bash}", "{#python .r}", "pythonic", "{}"])
def test_labels_of_something_else(info: str) -> None:
    assert program_of(fenced("x\n", info)) is None


@pytest.mark.parametrize("before", ["\ufeff", "Here:\n\ufeff", "\ufeff\n", "\ufeff  "])
def test_a_byte_order_mark_hides_no_fence(before: str) -> None:
    assert program_of(before + fenced("x\n")) == "x\n"


# --- extended ------------------------------------------------------------------------------------

USAGE = f'"""A tone.\n\n```\npython tone.py\n```\n"""\n{WHOLE}'


@pytest.mark.parametrize("inside", ["```\npython x\n```", "```python\nx\n```", "```", "~~~\n```"])
@pytest.mark.parametrize("after", ["", "Enjoy.\n", fenced(READ), fenced("pip install x\n", "sh")])
def test_a_fence_in_a_docstring_does_not_end_the_program(inside: str, after: str) -> None:
    program = f'"""A tone.\n\n{inside}\n"""\n{WHOLE}'
    found = extract(f"Here:\n{fenced(program)}{after}", truncated=False)
    assert found == Extracted(program, block(1, 2 if "read" in after else 1, "extended"))


def test_an_extended_block_in_a_list() -> None:
    lines = fenced(USAGE).splitlines()
    text = "1. Here:\n\n" + "".join(f"   {line}\n" for line in lines) + "2. Done.\n"
    assert extract(text, truncated=False) == Extracted(USAGE, block(1, 1, "extended"))


def test_what_does_not_parse_either_way_stays_as_it_is() -> None:
    text = fenced("x = (\n") + "Then:\n" + fenced("y = 1\n", "text")
    assert extract(text, truncated=False) == Extracted("x = (\n", block(1, 1))


# --- joined --------------------------------------------------------------------------------------

HELPERS = "import soundfile as sf\ndef tone():\n    return [0.0]\n"
SAVE = "def save(x):\n    sf.write('/out/output.wav', x, 44100)\n"


@pytest.mark.parametrize(
    ("parts", "used"),
    [
        ([HELPERS, f"x = tone()\n{WRITE}"], [0, 1]),
        ([HELPERS, SAVE, "save(tone())\n"], [0, 1, 2]),
        ([HELPERS, "unused = 1\n", f"x = tone()\n{WRITE}", READ], [0, 2]),
        (["RATE = 8000\n", HELPERS, HELPERS.replace("0.0", "RATE"), SAVE, "save(tone())"], None),
        (["from pyo import *\n", "s = Server()\ns.recordOptions(filename='output.wav')\n"], [0, 1]),
    ],
)
def test_helpers_are_put_before_what_needs_them(parts: list[str], used: list[int] | None) -> None:
    used = [0, 2, 3, 4] if used is None else used
    parts = [part if part.endswith("\n") else f"{part}\n" for part in parts]
    found = extract("Then:\n".join(map(fenced, parts)), truncated=False)
    expected = "\n".join(parts[n] for n in used)
    assert found == Extracted(expected, block(used[-1] + 1, len(parts), "joined"))


def test_a_draft_is_not_put_before_a_whole_program() -> None:
    pyo = "from pyo import *\ns = Server()\ns.recordOptions(filename='output.wav')\nSine().out()\n"
    draft = pyo.replace("*", "Server, Sine")
    assert extract(fenced(draft) + fenced(pyo), truncated=False) == Extracted(pyo, block(2, 2))
    assert extract(fenced(WHOLE) + fenced(WHOLE), truncated=False) == Extracted(WHOLE, block(2, 2))


def test_a_joined_program_compiles_with_what_must_come_first() -> None:
    future = "from __future__ import annotations\n"
    text = fenced(future + HELPERS) + fenced(f"{future}x = tone()\n{WRITE}")
    program = program_of(text)
    assert program
    assert program.startswith(future)
    compile(program, "joined", "exec")


# --- bare ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", ["", "Here is the program.\n\n", "From me:\n\nfrom now on\n\n"])
@pytest.mark.parametrize("program", [WHOLE, f"#!/usr/bin/env python3\n{WHOLE}", USAGE])
def test_a_reply_that_is_nothing_but_a_program(head: str, program: str) -> None:
    found = extract(head + program, truncated=False)
    assert found == Extracted(program, Extraction(how="bare"))
    assert extract(head + program, truncated=True) is None or program == USAGE


@pytest.mark.parametrize("text", ["DONE", "x = 1", READ, "Use sf.write('/out/output.wav', x)."])
def test_what_is_no_bare_program(text: str) -> None:
    assert extract(text, truncated=False) is None


def test_a_bare_csound_program() -> None:
    spoken = LANGUAGES["csound"]
    found = extract(f"Here:\n{CSD}", truncated=False, spoken=spoken)
    assert found == Extracted(CSD, Extraction(how="bare"))
    two = fenced(CSD, "csound") + fenced("instr 1\nendin\n", "csound")
    assert extract(two, truncated=False, spoken=spoken) == Extracted(CSD, block(1, 2))


# --- thoughts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["think", "thinking", "THINK"])
def test_thoughts_never_count(tag: str) -> None:
    better = WHOLE.replace("0.0", "0.5")
    thought, said = f"Hm.\n```python\n{WHOLE}", fenced(better)
    assert program_of(f"<{tag}>{thought}</{tag}>{said}") == better
    assert program_of(f"{thought}\n</{tag}>\n\n{said}") == better
    assert program_of(f"<{tag}>\n{fenced(WHOLE)}</{tag}>\nI have thought.") is None
    assert program_of(f"<{tag}>\n{fenced(WHOLE)}") is None
    assert program_of(f"{said}<{tag}>\n{fenced(WHOLE)}") == better
    assert is_refusal(f"<{tag}>\n{fenced(WHOLE)}</{tag}>\nI'm sorry, but I can't help with that.")


# --- what it takes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "`" * (1 << 20),
        "```\n" * (1 << 18),
        "```python\nx\n```\n" * (1 << 16),
        '```python\n"""\n```\n' * (1 << 16),
        "<think>\n" * (1 << 17),
        "> " * (1 << 19),
        "import x\n" * (1 << 17) + "?",
        "x\n" * (1 << 19),
        f"```python\n{'(' * (1 << 20)}\n```",
        "".join(f"```python\na{n} = a{n - 1}\n```\n" for n in range(5000)),
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.parametrize("name", ["python", "csound"])
def test_a_hostile_reply_is_read_in_bounded_time(text: str, name: str) -> None:
    began = time.process_time()
    extract(text, truncated=False, spoken=LANGUAGES[name])
    assert time.process_time() - began < 15


def test_a_reply_too_long_to_read_is_taken_by_its_labels() -> None:
    text = fenced("x = 1\n") + fenced("y = 1\n") * 600
    assert extract(text, truncated=False) == Extracted("y = 1\n", Extraction(how="fenced"))
    assert extract(text + "```python\nz", truncated=True) is None


# --- recorded replies ----------------------------------------------------------------------------


def test_published_runs_hold_the_programs_that_were_rendered() -> None:
    logs = sorted(RESULTS.glob("*/*/completions.jsonl"))
    assert logs
    for log in logs:
        renderings = log.with_name("renderings.jsonl").read_text(encoding="utf-8").splitlines()
        wanted = {(row["prompt"], row.get("sample")): row for row in map(json.loads, renderings)}
        for line in log.read_text(encoding="utf-8").splitlines():
            reply = Completion.model_validate_json(line)
            found = extracted_from(reply, LANGUAGES["python"])
            assert found
            digest = hashlib.sha256(found.program.encode()).hexdigest()
            assert digest == wanted[reply.prompt, reply.sample]["program_sha256"]
            assert found.extraction == block(1, 1)


def test_a_reply_that_was_no_program_is_none() -> None:
    reply = Completion(
        prompt="a", sample=0, outcome=Outcome.REFUSED, text=fenced(WHOLE), latency_s=0
    )
    assert extracted_from(reply, LANGUAGES["python"]) is None


def test_other_blocks_are_taken_by_their_labels() -> None:
    text = fenced("[1]\n", "json") + fenced("[2]\n", "") + "bye"
    assert last_block(text, truncated=False, labels=("json",)) == "[1]\n"
    assert last_block("bye", truncated=False, labels=("json",)) is None
    assert last_block("```json\n[", truncated=True, labels=("json",)) is None


def test_real_replies() -> None:
    if not SHARED.is_file():
        pytest.skip("the recorded replies are not beside the checkout")
    rows = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 36
    digests = []
    for row in rows:
        program = program_of(row["reply"])
        assert program
        compile(program, row["id"], "exec")
        assert program in row["reply"]
        assert not is_refusal(row["reply"])
        digests.append(hashlib.sha256(program.encode()).hexdigest())
    # What the rule gave that asked for labels alone.
    found = hashlib.sha256("".join(digests).encode()).hexdigest()
    assert found == "9511701a27ac79cdc99ea78cf3b1cadb11ad67cdbe2bf27eedf537d98fed0c38"


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot assist with that request.",
        "Sorry, I can't do that.",
        "I cannot fulfill this request.",
        "As a text-based AI, I cannot generate audio.",
        "I apologize, but as an AI language model, I don't have the ability to create sound.",
        "Unfortunately, I am not able to produce audio.",
        "**I won't provide this.**",
        "\n I'm unable to\nhelp with this.",
        "I must respectfully decline.",
    ],
)
def test_plain_refusals(reply: str) -> None:
    assert is_refusal(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Here is how it would go: first ...",
        "I can't wait to write this!",
        "I can't hear the result, but this should work.",
        "I'm sorry, but I can't play sound. Here is a program:\n```python\nx\n```",
        "I'm sorry, but I can't produce sound. Run this:\n\nimport numpy as np\n",
        "The tone is A4. I can't help adding vibrato.",
        "I'm sorry for the delay.",
    ],
)
def test_what_is_no_refusal(reply: str) -> None:
    assert not is_refusal(reply)
