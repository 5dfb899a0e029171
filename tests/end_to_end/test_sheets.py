"""Real plans go out as spreadsheets and come back in without a change."""

from pathlib import Path

from tests.end_to_end.running import environment, run, running

ALLIANCES = "{ alliances(first: 10) { nodes { id actions { totalCount } } } }"


def test_the_plans_of_the_demo_go_out_and_come_back_in(database: str, tmp_path: Path) -> None:
    env = environment(tmp_path / "data", DATABASE_URL=database)
    with running("demo", env=env) as demo:
        alliances = demo.ask(ALLIANCES)["alliances"]["nodes"]
    planned = {each["id"]: each["actions"]["totalCount"] for each in alliances}
    assert any(planned.values())
    for alliance, actions in planned.items():
        if not actions:
            continue
        plan = tmp_path / f"{alliance}.xlsx"
        out = run("export", "plan", str(plan), "--alliance", alliance, env=env)
        assert out.returncode == 0, out.stderr
        assert f": {actions} rows." in out.stdout
        back = run("import", str(plan), "--alliance", alliance, env=env)
        assert back.returncode == 0, back.stderr
        assert f"0 actions new, 0 changed, {actions} " in back.stdout
