from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from probe.sandbox.owner import PREFIX, Owner


def test_this_process_lives() -> None:
    assert Owner.current().pid == os.getpid()
    assert not Owner.current().is_dead()


def test_labels_name_an_owner() -> None:
    owner = Owner.current()
    assert Owner.of(owner.labels() | {"other": "label"}) == owner


def test_labels_that_name_nobody() -> None:
    assert Owner.of({}) is None
    assert Owner.of(Owner.current().labels() | {PREFIX + "pid": "x"}) is None


def test_a_process_that_ended_is_dead() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        owner = replace(Owner.current(), pid=process.pid, started="")
        process.kill()
    assert owner.is_dead()


def test_a_later_process_with_the_same_number_is_not_the_owner() -> None:
    assert replace(Owner.current(), started="1").is_dead()


def test_nobody_judges_another_machines_processes() -> None:
    assert not replace(Owner.current(), machine="elsewhere", started="1").is_dead()


def test_one_whose_start_cannot_be_read_may_live(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError("too many open files")

    owner = Owner.current()
    monkeypatch.setattr(Path, "read_text", refuse)
    assert not owner.is_dead()
    assert not Owner.current().is_dead()
