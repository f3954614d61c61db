"""Tests work in two processes: ordered results, the same errors, and no loss if the other process ends."""

from __future__ import annotations

import os
import sys
import time
from types import MappingProxyType, SimpleNamespace

import pytest

from taskrole import two_processes
from taskrole.two_processes import in_groups, in_two_processes

HERE = os.getpid()


@pytest.fixture(autouse=True)
def _only_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count no threads that earlier tests left, so that these tests fork."""
    monkeypatch.setattr(two_processes.threading, "active_count", lambda: 1)


def numbered(number: int) -> bytes:
    return f"{number}:{'x' * 200_000}".encode()


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_results_are_in_order_and_larger_than_a_pipe_holds(count: int) -> None:
    assert list(in_two_processes(numbered, count)) == [numbered(number) for number in range(count)]


needs_two_cores = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="no second core, or no fork"
)


@needs_two_cores
def test_the_second_part_is_made_by_another_process() -> None:
    makers = [int(maker) for maker in in_two_processes(lambda _: str(os.getpid()).encode(), 6)]

    assert makers[0] == HERE
    assert makers[1] != HERE
    assert len(set(makers)) == 2


@needs_two_cores
@pytest.mark.parametrize("is_slow_here", [True, False], ids=["this one is slow", "the other one is slow"])
def test_a_process_that_is_free_takes_the_next_part(is_slow_here: bool) -> None:
    def maker(_: int) -> int:
        if (os.getpid() == HERE) == is_slow_here:
            time.sleep(0.05)
        return os.getpid()

    makers = list(in_two_processes(maker, 8))

    by_fast = [made for made in makers if (made == HERE) != is_slow_here]
    assert len(by_fast) > 5


@needs_two_cores
def test_no_more_than_a_few_results_wait_for_an_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_processes, "_MOST_EARLY", 3)
    made: list[int] = []

    def part(number: int) -> int:
        if os.getpid() != HERE:
            time.sleep(0.1)
        made.append(number)
        return number

    parts = in_two_processes(part, 20)

    assert [next(parts), next(parts)] == [0, 1]
    assert len(made) <= 4
    assert list(parts) == list(range(2, 20))


def test_more_parts_than_the_pipe_of_numbers_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_processes, "_MOST_WAITING", 2)

    assert list(in_two_processes(lambda number: number, 50)) == list(range(50))


@needs_two_cores
def test_the_error_of_the_earlier_part_is_raised() -> None:
    def part(number: int) -> int:
        if os.getpid() != HERE:
            time.sleep(0.1)  # so that this process makes the others first
        if number > 0:
            raise ValueError(f"part {number}")
        return number

    parts = in_two_processes(part, 6)

    assert next(parts) == 0
    with pytest.raises(ValueError, match="part 1"):
        next(parts)


@pytest.mark.parametrize("wrong", [2, 3])
def test_an_error_in_a_part_is_raised_from_either_process(wrong: int) -> None:
    def part(number: int) -> bytes:
        if number == wrong:
            raise ValueError(f"part {number}")
        return b"fine"

    parts = in_two_processes(part, 6)

    assert [next(parts) for _ in range(wrong)] == [b"fine"] * wrong
    with pytest.raises(ValueError, match=f"part {wrong}"):
        next(parts)


def test_parts_that_the_other_process_does_not_deliver_are_made_here() -> None:
    def part(number: int) -> bytes:
        if os.getpid() != HERE and number > 2:
            os._exit(7)
        return bytes([number])

    assert list(in_two_processes(part, 6)) == [bytes([number]) for number in range(6)]


def test_a_stopped_reader_leaves_no_process() -> None:
    parts = in_two_processes(lambda _: str(os.getpid()).encode() + b" " * 200_000, 100)
    makers = {int(next(parts)) for _ in range(2)} - {HERE}
    parts.close()

    for maker in makers:
        with pytest.raises(ProcessLookupError):
            os.kill(maker, 0)


def test_shared_objects_are_the_same_in_results_of_both_processes() -> None:
    shared = [SimpleNamespace(number=number) for number in range(6)]

    results = list(in_two_processes(lambda number: (shared[number], [number]), 6, shared))

    assert all(result[0] is known for result, known in zip(results, shared, strict=True))
    assert [result[1] for result in results] == [[number] for number in range(6)]


def test_read_only_mappings_and_what_cannot_be_pickled_are_in_the_results() -> None:
    mappings = list(in_two_processes(lambda number: MappingProxyType({number: "x"}), 4))
    functions = list(in_two_processes(lambda number: lambda: number, 6))

    assert mappings == [{number: "x"} for number in range(4)]
    assert all(isinstance(mapping, MappingProxyType) for mapping in mappings)
    assert [function() for function in functions] == list(range(6))


@pytest.mark.parametrize("count", [0, 1, 299, 300, 626])
def test_groups_cover_all_items_in_order(count: int) -> None:
    groups = list(in_groups(range(count), list, "counting"))

    assert [number for group in groups for number in group] == list(range(count))


def test_few_items_are_handled_in_this_process() -> None:
    assert set(in_groups(range(299), lambda _: os.getpid(), "counting")) == {HERE}
