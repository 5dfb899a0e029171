"""The proof, as a report shows it, with the files by which anybody can check it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from api.report.content import Proof, Report
from infra.proving import verifier
from infra.report import dates
from infra.report.words import Speech

PROOF = "preuve.json"
VERIFIER = "verifier.py"


class Fact(msgspec.Struct, frozen=True):
    """Something that is told, and whether it is a hash."""

    label: str
    value: str
    hash: bool


class Step(msgspec.Struct, frozen=True):
    """What to do, and what to type where there is something to type."""

    text: str
    code: str


class Attached(msgspec.Struct, frozen=True):
    """A file that goes along."""

    name: str
    media: str
    about: str
    content: str


class Evidence(msgspec.Struct, frozen=True):
    """All that is said of the proof."""

    about: Sequence[str]
    facts: Sequence[Fact]
    steps: Sequence[Step]
    path: Sequence[str]
    files: Sequence[Attached]


def evidence(report: Report, speech: Speech) -> Evidence:
    """Say what is proved, and how to check it."""
    about = [speech.say("about_proof")]
    if report.proof is None:
        unsaid = "no_proof" if report.entries else "nothing_to_prove"
        return Evidence([*about, speech.say(unsaid)], (), (), (), ())
    return Evidence(
        about,
        list(_facts(report.proof, speech)),
        list(_steps(report.proof, speech)),
        report.proof.inclusion.path,
        [
            Attached(
                PROOF, "application/json", speech.say("proof_file"), report.proof.document.decode()
            ),
            Attached(
                VERIFIER,
                "text/x-python",
                speech.say("verifier_file"),
                Path(verifier.__file__).read_text(encoding="utf-8"),
            ),
        ],
    )


def _facts(proof: Proof, speech: Speech) -> Iterator[Fact]:
    inclusion, head = proof.inclusion, proof.inclusion.head
    language = speech.language
    yield Fact(speech.say("log"), str(head.log), hash=True)
    yield Fact(speech.say("tree_size"), dates.figure(head.size, language), hash=False)
    yield Fact(speech.say("sealed_at"), dates.instant(head.sealed_at, language), hash=False)
    yield Fact(speech.say("root"), head.root, hash=True)
    for signer in head.signers:
        if signer.number == head.signer:
            label = speech.say("public_key", number=signer.number)
            yield Fact(label, signer.public_key, hash=True)
    yield Fact(speech.say("signature"), head.signature, hash=True)
    place = speech.say("position", position=inclusion.position)
    yield Fact(speech.say("proven_position"), place, hash=False)
    yield Fact(speech.say("leaf"), inclusion.leaf_hash, hash=True)


def _steps(proof: Proof, speech: Speech) -> Iterator[Step]:
    head = proof.inclusion.head
    key = next(each.public_key for each in head.signers if each.number == head.signer)
    yield Step(speech.say("take_files"), "")
    yield Step(speech.say("need_python"), "pip install cryptography")
    yield Step(speech.say("run_verifier"), f"python {VERIFIER} {PROOF} --key {key}")
    yield Step(speech.say("compare_key"), "")
    yield Step(speech.say("keep_head"), "")
