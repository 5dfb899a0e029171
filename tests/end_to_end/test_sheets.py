"""Real plans go out as spreadsheets and come back in without a change."""

from pathlib import Path

from tests.end_to_end.running import environment, run, running

ALLIANCES = "{ alliances(first: 10) { nodes { id name } } }"


def test_the_plans_of_the_demo_go_out_and_come_back_in(data: Path, tmp_path: Path) -> None:
    env = environment(data)
    with running("demo", env=env) as demo:
        alliances = demo.ask(ALLIANCES)["alliances"]["nodes"]
    given_out = 0
    for alliance in alliances:
        plan = tmp_path / f"{alliance['id']}.xlsx"
        out = run("export", "plan", str(plan), "--alliance", alliance["id"], env=env)
        assert out.returncode == 0, out.stderr
        if ": 0 rows." in out.stdout:
            continue
        given_out += 1
        back = run("import", str(plan), "--alliance", alliance["id"], env=env)
        assert back.returncode == 0, back.stderr
        assert "0 actions new, 0 changed" in back.stdout
    assert given_out > 0
