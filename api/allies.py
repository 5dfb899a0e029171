"""Allies: who belongs to an alliance, what each gives to its themes, and who helps."""

from api.entity import entity, many, one
from api.node import Node
from projections.allies import AllianceMemberRow, CommitmentRow, ExpertRow, MemberCountRow


@entity(
    kind="How it belongs to the alliance.",
    joined_at="When it joined, the last time.",
    changed_because="Why it belongs to it in another way than before, where that was told.",
    left_at="When it left, where it did.",
    left_because="Why it left.",
)
class AllianceMember(AllianceMemberRow):
    """An organisation's way into an alliance, and out of it where it left."""

    alliance = one("The alliance.")
    organisation = one("The organisation.")
    commitments = many("What it gives to the themes of the alliance, theme by theme; a few.")


@entity(
    kind="Of which kind they are; null where all kinds are counted together.",
    count="How many they are.",
    approximate="Whether that is a round number.",
    note="Who they are, or where the number comes from.",
    counted_at="When that was recorded.",
)
class MemberCount(MemberCountRow):
    """How many members of a kind an alliance has beside those known by name."""


@entity(
    theme="The theme.",
    contribution="What is given.",
    made_at="When the commitment was made.",
)
class Commitment(CommitmentRow):
    """One of the things that a member of an alliance gives to a theme."""

    alliance = one("The alliance.")
    organisation = one("The member.")


@entity(
    id="Its id.",
    role="The person who helps, by role, where no organisation does.",
    theme="The theme; null for all of the work.",
    associated_at="Since when.",
    released_at="Until when, where the help has ended.",
    released_because="Why it has ended.",
)
class Expert(ExpertRow, Node):
    """One who helps an alliance with a theme, or with all of its work."""

    alliance = one("The alliance.")
    organisation = one("The organisation that helps; it need not be a member.")
