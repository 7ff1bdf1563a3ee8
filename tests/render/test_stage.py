"""From an answer's programs to one clip."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.records import Completion, Limits, Outcome, Part
from probe.records.languages import LANGUAGES
from probe.render.stage import NoProgram, Program, mix, perform, programs_of
from probe.sandbox import Execution
from tests.fakes.runs import completion
from tests.fakes.sandbox import FakeSandbox
from tests.fakes.talkers import CRASH, fenced, play, tone
from tests.fakes.tiers import loaded_tier, prompt

RATE = 44100
PYTHON = LANGUAGES["python"]
TIER = loaded_tier().tier
PROMPT = prompt("a")

times = st.floats(0, 5, allow_nan=False)


@given(
    st.lists(st.tuples(times, st.floats(0.05, 5), st.floats(-1, 1)), min_size=1, max_size=6),
    st.floats(0.1, 5),
)
@settings(max_examples=80)
def test_a_mix_is_as_long_as_asked_and_every_part_is_in_its_place(
    parts: list[tuple[float, float, float]], duration_s: float
) -> None:
    rate = 1000
    clips = [np.full(round(length * rate), level) for _, length, level in parts]
    programs = [Program("", onset, length) for onset, length, _ in parts]
    whole, gain = mix(clips, programs, duration_s, rate)
    assert len(whole) == round(duration_s * rate) or len(clips) == 1
    assert np.abs(whole).max(initial=0) <= 1 + 1e-12
    expected = np.zeros(len(whole))
    for onset, length, level in parts:
        begin = round(onset * rate)
        expected[begin : begin + round(length * rate)] += level
    assert whole == pytest.approx(expected * gain)
    assert gain == 1 or np.abs(expected).max() * gain == pytest.approx(1)


def test_one_program_for_the_whole_clip_is_left_as_it_is() -> None:
    clip = np.random.default_rng(0).uniform(-1, 1, 2 * RATE)
    whole, gain = mix([clip], [Program("", 0.0, 2.0)], 2.0, RATE)
    assert gain == 1
    assert whole is clip


def test_parts_are_run_in_order_and_mixed() -> None:
    sandbox = FakeSandbox(play)
    programs = [Program(tone(300, 1.0), 0.0, 1.0), Program(tone(500, 1.5), 0.5, 1.5)]
    done = perform(sandbox, TIER, PROMPT, 0, programs, PYTHON)
    assert sandbox.programs == [p.text for p in programs]
    assert done.row.outcome is Outcome.OK
    assert done.pcm is not None
    assert len(done.pcm) == 2 * RATE
    assert done.programs == tuple(p.text for p in programs)
    digests = [hashlib.sha256(p.text.encode()).hexdigest() for p in programs]
    joined = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    assert done.row.program_sha256 == joined


def test_a_mix_beyond_full_scale_is_brought_down_as_a_whole_and_said_so() -> None:
    programs = [Program(tone(300), 0.0, 2.0)] * 4
    done = perform(FakeSandbox(play), TIER, PROMPT, 0, programs, PYTHON)
    assert done.pcm is not None
    assert np.abs(done.pcm).max() >= 32766
    assert done.row.notes == ("brought down by 6.0 dB",)


def test_an_event_that_ends_with_the_clip_or_beyond_it_is_cut_there() -> None:
    programs = [Program(tone(300, 0.5), 1.5, 0.5), Program(tone(500, 1.0), 1.9999999, 1.0)]
    done = perform(FakeSandbox(play), TIER, PROMPT, 0, programs, PYTHON)
    assert done.pcm is not None
    assert len(done.pcm) == 2 * RATE
    assert done.pcm[-100:].any()


@pytest.mark.parametrize(
    ("second", "outcome", "detail"),
    [
        (Program(CRASH, 0.0, 1.0), Outcome.RUNTIME_ERROR, "part 2 of 3: NameError"),
        (Program(tone(300, 0.3), 0.0, 1.0), Outcome.INVALID_AUDIO, "part 2 of 3: 0.300 s long"),
    ],
)
def test_the_first_part_that_fails_ends_the_attempt(
    second: Program, outcome: Outcome, detail: str
) -> None:
    sandbox = FakeSandbox(play)
    one = Program(tone(300, 1.0), 0.0, 1.0)
    done = perform(sandbox, TIER, PROMPT, 0, [one, second, one], PYTHON)
    assert done.row.outcome is outcome
    assert done.row.detail is not None
    assert done.row.detail.startswith(detail)
    assert done.pcm is None
    assert len(sandbox.programs) == 2
    assert len(done.programs) == 3


def test_a_single_program_is_not_called_a_part() -> None:
    done = perform(FakeSandbox(play), TIER, PROMPT, 0, [Program(CRASH, 0.0, 2.0)], PYTHON)
    assert done.row.detail is not None
    assert done.row.detail.startswith("NameError")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (completion(text="no", outcome=Outcome.NO_CODE), (Outcome.NO_CODE, None)),
        (completion(text="", outcome=Outcome.REFUSED), (Outcome.REFUSED, None)),
        (
            completion(text="```python\nx", outcome=Outcome.NO_CODE, finish_reason="length"),
            (Outcome.NO_CODE, "the reply was cut off by the token limit"),
        ),
        (completion(text="[1]", outcome=Outcome.OK), (Outcome.NO_CODE, None)),
    ],
)
def test_a_reply_without_a_program_says_why(
    reply: Completion, why: tuple[Outcome, str | None]
) -> None:
    assert programs_of([Part(turn=0)], [reply], PROMPT, PYTHON) == NoProgram(*why)
    good = completion(text=fenced(tone()))
    both = programs_of([Part(turn=0), Part(turn=1)], [good, reply], PROMPT, PYTHON)
    assert isinstance(both, NoProgram)
    assert both.detail == f"part 2 of 2: {why[1] or why[0]}"


def test_what_runs_is_what_the_language_carries() -> None:
    sandbox = FakeSandbox(lambda *_: Execution(outcome=Outcome.NO_OUTPUT))
    csound = LANGUAGES["csound"]
    done = perform(sandbox, TIER, PROMPT, 0, [Program("<Csound>", 0.0, 2.0)], csound)
    assert sandbox.programs == [csound.carry("<Csound>")]
    assert done.programs == ("<Csound>",)
    assert Limits() == TIER.limits
