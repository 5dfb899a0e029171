"""The tree: the vectors of Certificate Transparency, and the laws of RFC 9162 for any tree."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.proving.tree import (
    EMPTY,
    Frontier,
    Span,
    consistency,
    folded,
    inclusion,
    nodes_of,
    perfect,
)
from infra.proving.verifier import (
    HASH,
    Unproven,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
)

ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_96 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_5F = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_6B = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_BC = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_CA = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_0E = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def root_over(leaves: Sequence[bytes]) -> bytes:
    """Give the root as the RFC defines it (2.1.1), by recursion."""
    if len(leaves) == 0:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(root_over(leaves[:split]), root_over(leaves[split:]))


def over(leaves: Sequence[bytes], spans: Sequence[Span]) -> list[bytes]:
    return [root_over(leaves[start:stop]) for start, stop in spans]


def numbered(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def test_an_empty_tree_has_the_root_of_nothing() -> None:
    assert Frontier().root() == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_roots_are_those_of_certificate_transparency() -> None:
    frontier = Frontier()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        frontier.extend(leaf)
        assert frontier.root().hex() == root


@pytest.mark.parametrize(
    ("leaf", "size", "path"),
    [
        (1, 1, []),
        (1, 8, [_96, _5F, _6B]),
        (6, 8, [_BC, _CA, ROOTS[3]]),
        (3, 3, [ROOTS[1]]),
        (2, 5, [ROOTS[0], _5F, _BC]),
    ],
)
def test_the_paths_are_those_of_certificate_transparency(
    leaf: int, size: int, path: list[str]
) -> None:
    found = over(LEAVES, inclusion(leaf - 1, size))

    assert [each.hex() for each in found] == path
    check_inclusion(leaf - 1, size, LEAVES[leaf - 1], found, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (1, 1, []),
        (1, 8, [_96, _5F, _6B]),
        (6, 8, [_0E, _CA, ROOTS[3]]),
        (2, 5, [_5F, _BC]),
    ],
)
def test_trees_go_on_as_those_of_certificate_transparency(
    first: int, second: int, path: list[str]
) -> None:
    found = over(LEAVES, consistency(first, second))

    assert [each.hex() for each in found] == path
    roots = [bytes.fromhex(ROOTS[size - 1]) for size in (first, second)]
    check_consistency(first, second, roots[0], roots[1], found)


sizes = st.integers(1, 1_200)


@given(sizes, st.data())
def test_any_leaf_of_any_tree_is_proved_and_no_other_in_its_place(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = numbered(size)
    path, root = over(leaves, inclusion(index, size)), root_over(leaves)

    check_inclusion(index, size, leaves[index], path, root)
    assert len(path) <= size.bit_length()

    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index) | st.none())
    if other is not None:
        with pytest.raises(Unproven):
            check_inclusion(other, size, leaves[index], path, root)
        with pytest.raises(Unproven):
            check_inclusion(index, size, leaves[other], path, root)
    if path:
        broken = data.draw(st.integers(0, len(path) - 1))
        with pytest.raises(Unproven):
            check_inclusion(
                index, size, leaves[index], [*path[:broken], bytes(HASH), *path[broken + 1 :]], root
            )
        with pytest.raises(Unproven):
            check_inclusion(index, size, leaves[index], path[:-1], root)
    with pytest.raises(Unproven):
        check_inclusion(index, size, leaves[index], [*path, bytes(HASH)], root)
    with pytest.raises(Unproven):
        check_inclusion(size, size, leaves[index], path, root)


@given(sizes, st.data())
def test_any_tree_is_proved_to_go_on_from_any_before_it_and_from_no_other(
    second: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, second))
    leaves = numbered(second)
    path = over(leaves, consistency(first, second))
    old, new = root_over(leaves[:first]), root_over(leaves)

    check_consistency(first, second, old, new, path)

    changed = data.draw(st.integers(0, first - 1))
    others = [*leaves[:changed], bytes(HASH), *leaves[changed + 1 :]]
    with pytest.raises(Unproven):
        check_consistency(first, second, root_over(others[:first]), new, path)
    with pytest.raises(Unproven):
        check_consistency(
            first, second, old, root_over(others), over(others, consistency(first, second))
        )
    with pytest.raises(Unproven):
        check_consistency(first, second, old, new, [*path, bytes(HASH)])
    with pytest.raises(Unproven):
        check_consistency(second + 1, second, old, new, path)


@given(st.lists(st.integers(0, 700), max_size=4), st.integers(1, 1_200))
def test_a_tree_that_grows_in_steps_is_the_one_that_is_made_at_once(
    steps: list[int], more: int
) -> None:
    frontier, count, blocks = Frontier(), 0, []
    for step in (*steps, more):
        leaves = numbered(count + step)[count:]
        blocks += frontier.extend(b"".join(leaves))
        count += step

    assert frontier.size == count
    assert frontier.root() == root_over(numbered(count))
    assert [number for number, _ in blocks] == list(range(count // 256))
    for number, hashes in blocks:
        assert hashes[:HASH] == root_over(numbered((number + 1) * 256)[-256:])


@given(sizes, st.data())
def test_the_root_over_a_span_of_a_proof_follows_from_its_perfect_subtrees(
    size: int, data: st.DataObject
) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    for start, stop in ((0, size), *inclusion(index, size)):
        peaks = [
            perfect(b"".join(leaves[at << height : (at + 1) << height]))
            for height, at in nodes_of((start, stop))
        ]
        assert folded(peaks) == root_over(leaves[start:stop])
