"""The number of cores that a process may use."""

from pathlib import Path

import pytest

from core.process.cpu import cores, share, usable_cpus


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("100000 100000", 1),
        ("50000 100000", 1),
        ("max 100000", None),
        ("", None),
        ("1 0", None),
        ("9900000 100000", None),
    ],
)
def test_a_cgroup_quota_counts_as_fewer_cores(tmp_path: Path, quota: str, expected: int | None) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert cores(tmp_path / "cpu.max") == (expected or len(usable_cpus()))


def test_without_a_cgroup_the_affinity_counts(tmp_path: Path) -> None:
    assert cores(tmp_path / "missing") == len(usable_cpus())


def test_processes_get_disjoint_shares() -> None:
    assert [share(range(16), index, 4) for index in range(4)] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 10, 11],
        [12, 13, 14, 15],
    ]
    assert [share([5, 7, 9], index, 2) for index in range(2)] == [[5], [7, 9]]


def test_more_processes_than_cores_share_them() -> None:
    assert [share([3, 4], index, 4) for index in range(4)] == [[3], [3], [3], [4]]
