from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from probe.errors import ProbeError
from probe.records import Limits
from probe.sandbox import pool as module
from probe.sandbox.pool import Pool, Shape
from tests.fakes.sandbox_pool import FakeContainer, Maker, eventually

USUAL = Limits()
LARGE = Limits(memory_bytes=1 << 30)
MANY = Limits(processes=200)


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
def pool(maker: Maker) -> Iterator[Pool[FakeContainer]]:
    opened = Pool(maker.start, 3, USUAL)
    yield opened
    maker.starting.set()
    maker.removal.set()
    opened.close()
    assert maker.living() == []


def shapes(maker: Maker) -> Counter[Shape]:
    return Counter(container.shape for container in maker.living())


def test_containers_are_there_before_anything_is_asked_for(
    maker: Maker, pool: Pool[FakeContainer]
) -> None:
    eventually(lambda: len(maker.made) == 3)
    maker.starting.clear()
    with pool.container(USUAL) as first, pool.container(USUAL) as second:
        assert first is not second


def test_each_is_used_once_and_replaced(maker: Maker, pool: Pool[FakeContainer]) -> None:
    def use(_: int) -> FakeContainer:
        with pool.container(USUAL) as container:
            assert container.waits()
            return container

    with ThreadPoolExecutor(4) as threads:
        used = list(threads.map(use, range(50)))
    assert len(set(used)) == 50
    eventually(lambda: all(container.removed.is_set() for container in used))
    eventually(lambda: len(maker.living()) == 3)


def test_more_than_there_are_slots_wait(maker: Maker, pool: Pool[FakeContainer]) -> None:
    most, running, lock = 0, 0, threading.Lock()

    def use(_: int) -> None:
        nonlocal most, running
        with pool.container(USUAL):
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(24)))
    assert most == 3


def test_nobody_waits_for_a_removal(maker: Maker, pool: Pool[FakeContainer]) -> None:
    eventually(lambda: len(maker.made) == 3)
    maker.removal.clear()
    for _ in range(3):
        with pool.container(USUAL):
            pass
    assert len(maker.living()) == 3
    maker.removal.set()
    eventually(lambda: len(maker.made) == 6)


def test_an_error_of_the_user_gives_the_container_up(
    maker: Maker, pool: Pool[FakeContainer]
) -> None:
    with pytest.raises(KeyboardInterrupt), pool.container(USUAL) as container:
        raise KeyboardInterrupt
    assert container.removed.wait(5)


def test_one_that_ended_is_not_handed_out(maker: Maker, pool: Pool[FakeContainer]) -> None:
    eventually(lambda: len(maker.made) == 3)
    for container in maker.living():
        container.die()
    with pool.container(USUAL) as container:
        assert container.waits()


def test_one_that_ended_is_replaced_unasked(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    pool = Pool(maker.start, 2, USUAL)
    eventually(lambda: len(maker.made) == 2)
    dead = maker.made[0]
    dead.die()
    assert dead.removed.wait(5)
    eventually(lambda: len(maker.living()) == 2)
    pool.close()


def test_another_shape_takes_the_place_of_one(maker: Maker, pool: Pool[FakeContainer]) -> None:
    eventually(lambda: len(maker.made) == 3)
    with pool.container(LARGE) as container:
        assert container.shape == Shape.of(LARGE)
        assert shapes(maker) == {Shape.of(USUAL): 2, Shape.of(LARGE): 1}


def test_shapes_that_take_turns_are_all_kept(maker: Maker, pool: Pool[FakeContainer]) -> None:
    asked = (USUAL, LARGE, MANY)
    for limits in asked:
        with pool.container(limits) as container:
            assert container.shape == Shape.of(limits)
        # What is started next is of the shape that was asked for last.
        assert container.removed.wait(5)
        eventually(lambda: len(maker.living()) == 3)
    assert set(shapes(maker)) <= {Shape.of(limits) for limits in asked}
    assert Shape.of(MANY) in shapes(maker)


def test_many_shapes_at_once_are_all_served(maker: Maker, pool: Pool[FakeContainer]) -> None:
    wanted = [Limits(processes=10 + n % 7) for n in range(60)]

    def use(limits: Limits) -> bool:
        with pool.container(limits) as container:
            time.sleep(0.001)
            return container.shape == Shape.of(limits)

    with ThreadPoolExecutor(9) as threads:
        assert all(threads.map(use, wanted))


def test_limits_of_time_do_not_make_a_shape(maker: Maker, pool: Pool[FakeContainer]) -> None:
    eventually(lambda: len(maker.made) == 3)
    maker.starting.clear()
    with pool.container(Limits(wall_s=1, cpu_s=1, audio_bytes=2000, text_bytes=2000)):
        pass


def test_whoever_asks_is_told_why_there_is_none(maker: Maker) -> None:
    maker.error = OSError("no engine")
    pool = Pool(maker.start, 3, USUAL)
    for _ in range(2):
        with pytest.raises(OSError, match="no engine"), pool.container(USUAL):
            pass
    maker.error = None
    with pool.container(USUAL):
        pass
    pool.close()


def test_what_fails_is_not_tried_unasked_forever(maker: Maker) -> None:
    maker.error = OSError("no engine")
    pool = Pool(maker.start, 3, USUAL)
    eventually(lambda: maker.tried >= 1)
    time.sleep(0.05)
    assert maker.tried <= 3
    pool.close()


def test_closing_removes_those_in_use_and_turns_away_who_waits(maker: Maker) -> None:
    pool = Pool(maker.start, 1, USUAL)
    with ThreadPoolExecutor(1) as threads:
        with pool.container(USUAL) as used:
            waiting = threads.submit(pool.container(USUAL).__enter__)
            eventually(lambda: bool(pool._requests))
            pool.close()
            assert used.removed.is_set()
        with pytest.raises(ProbeError, match="the sandbox is closed"):
            waiting.result(5)
    with pytest.raises(ProbeError, match="the sandbox is closed"), pool.container(USUAL):
        pass
    assert maker.living() == []


def test_closing_removes_what_is_just_being_started(maker: Maker) -> None:
    maker.starting.clear()
    pool = Pool(maker.start, 2, USUAL)
    with ThreadPoolExecutor(1) as threads:
        closed = threads.submit(pool.close)
        maker.starting.set()
        closed.result(5)
    assert maker.living() == []
