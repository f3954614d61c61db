"""Tests `make prove`: a small share of it, its report of failures, and its recorded figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import proof
from bench.report import page
from tests.proof import properties
from tools import prove


@pytest.mark.extra
def test_a_small_share_passes_and_is_not_recorded(capsys, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(proof, "FIGURES", tmp_path / "proof.json")
    # It measures time, so no other process may run; test_slow_inputs counts steps.
    monkeypatch.setattr(prove, "slow_violations", lambda name: [])

    assert prove.main(["--share", "0.0005", "--first-seed", "7"]) == 0

    lines = capsys.readouterr().out.splitlines()
    # and a part each of wrong documents, changes of policies, wrong roles.yaml, the three other evaluators, kills,
    # two writers of a folder and of a file, and slow inputs
    assert (
        len([line for line in lines if line.startswith("holds  ")]) == len(prove.PROPERTIES) + len(prove.MODULES) + 10
    )
    assert "another order gives the same bytes: 5 cases, seeds 7 to 11" in "\n".join(lines)
    assert not (tmp_path / "proof.json").exists()


def test_failures_are_reported_with_their_seeds(capsys, monkeypatch) -> None:
    monkeypatch.setattr(properties, "violations", lambda name, seeds: [f"seed {seed}: \ud800" for seed in seeds])
    monkeypatch.setattr(prove, "ProcessPoolExecutor", _InThisProcess)

    figures = next(prove.prove(0.003, 0))

    assert (figures.cases, figures.seeds, figures.broken) == (30, "0 to 29", 30)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("BROKEN  roles allow every call")
    assert lines[1] == "  seed 0: \\ud800"
    assert lines[-1] == "  … and 10 more".encode("ascii", "backslashreplace").decode()


class _InThisProcess:
    def __init__(self, _workers) -> None:
        self.map = map

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        pass


@pytest.mark.parametrize("titles", [[], ["Start-up"], ["Start-up", "Proof"], ["Proof", "Start-up"]])
def test_the_figures_become_a_section_of_the_page(monkeypatch, tmp_path: Path, titles: list[str]) -> None:
    results = tmp_path / "RESULTS.md"
    results.write_text(
        "# Measured\n\nWhen and where.\n" + "".join(f"\n## {title}\n\nOld.\n" for title in titles), "utf-8"
    )
    monkeypatch.setattr(prove, "RESULTS", results)
    monkeypatch.setattr(proof, "FIGURES", tmp_path / "proof.json")

    prove.record(prove.Figures("it holds", 12_000, "0 to 11999", 0, "make prove", "2026-11-25", 70))
    prove.record(prove.Figures("it is fast", 30, "0 to 29", 0, "make prove", "2026-11-26", 5))

    assert [row["name"] for row in json.loads((tmp_path / "proof.json").read_text("utf-8"))["rows"]] == [
        "it holds",
        "it is fast",
    ]
    text = results.read_text("utf-8")
    assert text.count("\n## Proof\n") == 1
    assert "| it holds | 12,000 | 0 to 11999 | 0 | 70 | `make prove` |\n" in text
    assert "from 2026-11-25 to 2026-11-26, in\n75 seconds" in text
    assert text.startswith("# Measured\n\nWhen and where.\n\n## ")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == titles + ["Proof"] * (
        "Proof" not in titles
    )
    assert text.count("Old.") == len([title for title in titles if title != "Proof"])
    assert "\n\n\n" not in text


def test_a_repeated_part_replaces_its_figures(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(prove, "RESULTS", tmp_path / "none.md")
    monkeypatch.setattr(proof, "FIGURES", tmp_path / "proof.json")
    last, first = prove.parts(1, 0)[-1][0], prove.parts(1, 0)[0][0]

    for name, cases in ((last, 1), (first, 2), (last, 3)):
        prove.record(prove.Figures(name, cases, "0 to 1", 0, "make prove", "2026-11-26", 1))

    rows = json.loads((tmp_path / "proof.json").read_text("utf-8"))["rows"]
    assert [(row["name"], row["cases"]) for row in rows] == [(first, 2), (last, 3)]


def test_only_the_named_parts_are_run(capsys, monkeypatch) -> None:
    monkeypatch.setattr(prove, "ProcessPoolExecutor", _InThisProcess)

    assert prove.main(["--share", "0.001", "--only", "another order"]) == 0

    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("holds")] == [
        "holds  another order gives the same bytes: 10 cases, seeds 0 to 9"
    ]


def test_the_recorded_figures_are_a_section_of_the_measured_page() -> None:
    section = proof.measure()

    assert page([section], 0.0).rstrip().splitlines()[-len(section.rows)].startswith(f"| {section.rows[0].name} |")
    assert {row.figures[2] for row in section.rows} == {"0"}
