"""Long benchmarks in pieces: each piece is computed once, whoever computes it."""

from benchmarks.federated._kept import Kept


def test_parts_divide_the_work_and_the_last_run_computes_nothing(tmp_path):
    file, names, done = tmp_path / "kept", [f"fold {number}" for number in range(40)], []

    def run(part):
        kept = Kept(file, 1e9, part)
        return [kept.get(name, lambda n=name: done.append(n) or len(n)) for name in names]

    for number in (1, 2, 3):
        found = run((number, 3))
        assert (None in found) == (number < 3)  # the last one reads what the others kept
    assert sorted(done) == sorted(names)
    assert run((1, 1)) == [len(name) for name in names]
    assert len(done) == 40


def test_when_the_time_is_over_nothing_more_is_computed(tmp_path):
    kept = Kept(tmp_path / "kept", -1.0)
    assert kept.get("a", lambda: 1) is None
    assert Kept(tmp_path / "kept", 1e9).get("a", lambda: 1) == 1
    assert kept.get("a", lambda: 2) is None
