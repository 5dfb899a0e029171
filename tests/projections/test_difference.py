"""What is another between two states of a thing, and of the parts that it has."""

from hypothesis import given
from hypothesis import strategies as st

from projections.column import External
from projections.difference import (
    FieldDifference,
    Listed,
    Part,
    PartChange,
    PartDifference,
    State,
    difference,
)

NOTHING = State({})


def state(*parts: str | Part, in_order: bool = True, **values: External) -> State:
    """Give a state with a list of levers, each by its id or as it is."""
    levers = [Part(each, {"title": each}) if isinstance(each, str) else each for each in parts]
    listed = Listed(levers, frozenset({"title"}), in_order)
    return State({"title": "Le cap", **values}, {"levers": listed})


def changes(before: State, after: State) -> list[tuple[str, tuple[PartChange, ...]]]:
    """Name the parts that are another, and how."""
    return [(part.id, part.changes) for part in difference(before, after).parts]


def test_only_fields_that_are_another_are_told() -> None:
    found = difference(state(horizon=2030, status="DRAFT"), state(horizon=2035, status="DRAFT"))
    assert found.fields == (FieldDifference("horizon", 2030, 2035),)


def test_a_part_that_was_not_there_is_added_with_what_it_says() -> None:
    (found,) = difference(state("a"), state("a", "b")).parts
    said = (FieldDifference("title", None, "b"),)
    assert found == PartDifference(
        "levers", "b", (PartChange.ADDED,), None, 2, said, {"title": "b"}
    )


def test_a_part_that_is_gone_is_dropped_and_none_of_those_behind_it_moved() -> None:
    assert changes(state("a", "b", "c"), state("b", "c")) == [("a", (PartChange.DROPPED,))]


def test_a_part_tells_all_that_it_says_and_said_last_where_it_is_gone() -> None:
    kept, gone = Part("a", {"title": "A", "due_year": 2031}), Part("b", {"title": "B"})
    before = state(Part("a", {"title": "A", "due_year": 2030}), gone)
    assert [part.values for part in difference(before, state(kept)).parts] == [
        kept.values,
        gone.values,
    ]


def test_one_part_that_was_put_to_the_end_is_all_that_moved() -> None:
    (found,) = difference(state("a", "b", "c"), state("b", "c", "a")).parts
    assert (found.id, found.changes, found.before, found.after) == ("a", (PartChange.MOVED,), 1, 3)


def test_where_nobody_chose_the_order_nothing_moves() -> None:
    assert changes(state("a", "b", in_order=False), state("b", "a", in_order=False)) == []


def test_a_part_may_be_moved_reworded_and_changed_at_once() -> None:
    was = Part("b", {"title": "Avant", "due_year": 2030})
    now = Part("b", {"title": "Après", "due_year": 2031})
    assert changes(state("a", "c", was), state(now, "a", "c")) == [
        ("b", (PartChange.MOVED, PartChange.REWORDED, PartChange.CHANGED))
    ]


def test_of_what_was_not_there_yet_everything_is_added() -> None:
    found = difference(NOTHING, state("a"))
    assert found.fields == (FieldDifference("title", None, "Le cap"),)
    assert [part.changes for part in found.parts] == [(PartChange.ADDED,)]


def test_of_what_is_there_no_more_everything_is_dropped() -> None:
    found = difference(state("a"), NOTHING)
    assert found.fields == (FieldDifference("title", "Le cap", None),)
    assert [part.changes for part in found.parts] == [(PartChange.DROPPED,)]


def test_what_only_one_side_can_tell_is_not_compared() -> None:
    assert difference(State({"title": "Le cap"}), state("a", status="DRAFT")) == difference(
        NOTHING, NOTHING
    )


orders = st.permutations(["a", "b", "c", "d", "e", "f"])


@given(orders, orders, st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("def")))
def test_with_what_is_told_the_later_list_can_be_made_from_the_earlier_one(
    old: list[str], new: list[str], gone: set[str], come: set[str]
) -> None:
    before = [id for id in old if id not in come]
    after = [id for id in new if id not in gone]
    parts = difference(state(*before), state(*after)).parts
    placed = {part.id: part.after for part in parts if part.after is not None}
    made = [id for id in before if id not in {part.id for part in parts}]
    for id, place in sorted(placed.items(), key=lambda each: each[1]):
        made.insert(place - 1, id)
    assert made == after


@given(orders)
def test_a_list_and_the_same_list_differ_in_nothing(order: list[str]) -> None:
    assert difference(state(*order), state(*order)) == difference(NOTHING, NOTHING)
