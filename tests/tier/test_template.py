from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from probe.errors import UsageError
from probe.records import Limits
from probe.tier.template import PLACEHOLDERS, check_template, extract_program, is_refusal, message
from tests.fakes.tiers import loaded_tier, prompt

SHARED = Path(__file__).parents[3] / "shared" / "completions" / "replies.jsonl"


# --- the words sent ------------------------------------------------------------------------------


def test_a_template_is_filled() -> None:
    template = " ".join(f"${name}" for name in PLACEHOLDERS)
    limits = Limits(cpu_s=7.5, wall_s=30, memory_bytes=256 << 20)
    loaded = loaded_tier(template=template, limits=limits)
    assert message(loaded, prompt(text="Play $5.", duration_s=2.50)) == (
        "Play $5. 2.5 44100 /out/output.wav"
        " numpy, scipy, soundfile and pyo (pyo with its offline server) 7.5 30 256"
    )


def test_numbers_have_no_trailing_zeros() -> None:
    loaded = loaded_tier(template="$text ${duration}s for $$1")
    assert message(loaded, prompt(text="A", duration_s=4.0)) == "A 4s for $1"


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("$text $duraton", "unknown placeholder 'duraton'; did you mean 'duration'"),
        ("$text costs $ 5", "a lone '\\$'"),
        ("$text ${duration", "a lone '\\$'"),
        ("nothing asked, $duration s long", "\\$text is missing"),
        ("", "\\$text is missing"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(template: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        check_template(template)
    with pytest.raises(UsageError, match=complaint):
        message(loaded_tier(template=template), prompt())


# --- the program taken back ----------------------------------------------------------------------


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
    assert extract_program(reply, truncated=False) == program


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
    assert extract_program(reply, truncated=True) == program


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
    assert extract_program(whole, truncated=False) == program
    assert extract_program(whole, truncated=True) == program
    assert extract_program(cut_off, truncated=False) == program
    assert extract_program(cut_off, truncated=True) is None


MARKUP = ["```", "~~~", "`", "python", ">", "- ", "1. ", "x", "#", "<pre>", "[a]: "]
MARKUP += ["\n", "\r", " ", "\t", "    ", "\0", "\ud800"]


@given(st.lists(st.sampled_from(MARKUP)))
def test_nothing_a_reply_holds_is_an_error(parts: list[str]) -> None:
    text = "".join(parts)
    whole = extract_program(text, truncated=False)
    assert whole is None or whole.strip()
    assert extract_program(text, truncated=True) in (None, whole)
    is_refusal(text)


def test_real_replies() -> None:
    if not SHARED.is_file():
        pytest.skip("the recorded replies are not beside the checkout")
    rows = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 36
    for row in rows:
        program = extract_program(row["reply"], truncated=False)
        assert program
        compile(program, row["id"], "exec")
        assert program in row["reply"]
        assert not is_refusal(row["reply"])


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
