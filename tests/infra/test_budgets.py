"""Budgets last for so many requests and so much cost, then for nothing until they are renewed."""

from uuid import UUID

import pytest

from api.identity import RateLimited
from infra.budgets import MOST_KEPT, Budgets, Tally
from infra.settings import Settings

HERE, THERE = "203.0.113.7", "198.51.100.9"
ONE, OTHER = UUID(int=1), UUID(int=2)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def budgets(clock: Clock, **quotas: str) -> Budgets:
    """Make budgets without any bound but the given ones."""
    off = ("CALLER_REQUESTS", "CALLER_COST", "ADDRESS_REQUESTS", "ADDRESS_COST")
    given = dict.fromkeys(off, "off") | {name.upper(): text for name, text in quotas.items()}
    environment = {f"CORDEE_{name}": text for name, text in given.items()}
    return Budgets(Settings.from_environment(environment), clock)


def test_a_caller_asks_so_often_and_then_waits(clock: Clock) -> None:
    purse = budgets(clock, caller_requests="3/minute")
    for left in (2, 1, 0):
        purse.admit(ONE, HERE)
        assert purse.left(ONE, HERE)[0].remaining == left
    clock.now += 20
    with pytest.raises(RateLimited) as spent:
        purse.admit(ONE, HERE)
    assert spent.value.facts == {
        "policy": "caller",
        "quota": 3,
        "window": 60,
        "remaining": 0,
        "seconds": 40,
    }
    purse.admit(OTHER, HERE)
    purse.admit(None, HERE)
    assert purse.left(None, HERE) == []
    clock.now += 40
    purse.admit(ONE, HERE)
    assert purse.left(ONE, HERE)[0].remaining == 2


def test_an_address_has_a_budget_for_all_who_are_there(clock: Clock) -> None:
    purse = budgets(clock, address_requests="2/minute")
    purse.admit(ONE, HERE)
    purse.admit(None, HERE)
    with pytest.raises(RateLimited):
        purse.admit(OTHER, HERE)
    purse.admit(ONE, THERE)


def test_what_costs_more_than_is_left_is_refused_and_takes_nothing(clock: Clock) -> None:
    purse = budgets(clock, caller_cost="1000/minute", address_cost="5000/minute")
    assert purse.spend(ONE, HERE, 600) == 400
    with pytest.raises(RateLimited) as spent:
        purse.spend(ONE, HERE, 401)
    assert (spent.value.facts["policy"], spent.value.facts["remaining"]) == ("caller-cost", 400)
    assert [each.remaining for each in purse.left(ONE, HERE)] == [4400, 400]
    assert purse.spend(ONE, HERE, 400) == 0
    clock.now += 60
    assert purse.spend(ONE, HERE, 1) == 999


def test_what_costs_more_than_a_whole_budget_takes_all_of_it(clock: Clock) -> None:
    purse = budgets(clock, caller_cost="1000/minute")
    assert purse.spend(ONE, HERE, 5_000) == 0
    with pytest.raises(RateLimited):
        purse.spend(ONE, HERE, 1)
    clock.now += 60
    assert purse.spend(ONE, HERE, 5_000) == 0


def test_somebody_spends_what_their_address_has_left(clock: Clock) -> None:
    purse = budgets(clock, caller_cost="1000/minute", address_cost="1500/minute")
    assert purse.spend(OTHER, HERE, 900) == 100
    assert purse.spend(ONE, HERE, 100) == 500
    assert purse.spend(None, HERE, 100) == 400


def test_requests_cost_nothing_by_themselves(clock: Clock) -> None:
    purse = budgets(clock, caller_requests="1/minute", caller_cost="1/minute")
    purse.admit(ONE, HERE)
    assert [each.remaining for each in purse.left(ONE, HERE)] == [0, 1]


def test_each_budget_is_told_by_its_name(clock: Clock) -> None:
    purse = budgets(
        clock,
        caller_requests="3/second",
        caller_cost="3/second",
        address_requests="3/second",
        address_cost="3/second",
    )
    names = [each.policy for each in purse.left(ONE, HERE)]
    assert names == ["address", "caller", "address-cost", "caller-cost"]


def test_the_neighbours_in_a_v6_network_share_one(clock: Clock) -> None:
    purse = budgets(clock, address_requests="1/minute")
    purse.admit(None, "2001:db8::1")
    with pytest.raises(RateLimited):
        purse.admit(None, "2001:db8::ffff:1")
    purse.admit(None, "2001:db8:0:1::1")
    purse.admit(None, "::ffff:203.0.113.7")
    with pytest.raises(RateLimited):
        purse.admit(None, HERE)


def test_without_quotas_nothing_is_counted(clock: Clock) -> None:
    purse = budgets(clock)
    purse.admit(ONE, HERE)
    assert purse.spend(ONE, HERE, 10**9) is None
    assert purse.left(ONE, HERE) == []


def test_what_one_machine_can_serve_in_a_minute_may_come_from_one_address(clock: Clock) -> None:
    purse = Budgets(Settings.from_environment({}), clock)
    for _ in range(40_000):
        purse.admit(None, HERE)
        purse.spend(None, HERE, 51)


def test_a_tally_forgets_the_oldest_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.budgets.MOST_KEPT", 3)
    tally = Tally()
    for key in "abcd":
        tally.add(key, 1, 60, now=1_000.0)
    assert [tally.state(key, 1_000.0)[0] for key in "abcd"] == [0, 1, 1, 1]
    assert MOST_KEPT >= 100_000
