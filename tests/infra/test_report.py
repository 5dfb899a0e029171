"""The audit report as it is printed: the same words as a page and as a PDF, whatever they are."""

import re
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from api.ports import PressBusy
from api.report.happened import OfPart, Touched
from api.report.media import Medium
from domain.identity import Id
from domain.refusal import Language
from infra.keeping.damage import KeepingError
from infra.report import command_line, dates, typography
from infra.report import press as presses
from infra.report.editing import edition
from infra.report.edition import Edition
from infra.report.html import html
from infra.report.pdf import pdf as typeset
from infra.report.press import Press, Unprintable
from infra.report.typography import set_in_type, unit_of
from infra.report.words import words
from infra.settings import Settings
from tests.api.hostile import TEXTS
from tests.infra.reports import AT, report

MARKUP = (
    '#panic() #sys.inputs #read("/etc/passwd") $x$ *b* _i_ `c` <l> @l = h\n- i // c /* c */ \\ ~'
)
"""What would be markup of the PDF's, if it were taken for any."""


def pdf(edited: Edition) -> bytes:
    """Print an edition."""
    return typeset(msgspec.json.encode(edited))


class Page(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def count(self, tag: str) -> int:
        return sum(each == tag for each, _ in self.tags)


@pytest.mark.parametrize("text", [*filter(None, TEXTS), MARKUP])
def test_a_text_is_never_markup_and_never_keeps_a_report_from_being_printed(text: str) -> None:
    plain, hostile = (edition(report(each)) for each in ("Réduire", text))
    page, usual = Page(html(hostile)), Page(html(plain))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in usual.tags}
    assert page.count("script") == 0
    assert set_in_type(text).strip() in "".join(page.said)
    assert pdf(hostile).startswith(b"%PDF-")


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=60))
def test_any_text_can_be_printed(text: str) -> None:
    assert pdf(edition(report(text))).startswith(b"%PDF-")
    Page(html(edition(report(text))))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_same_report_is_printed_in_the_same_bytes_by_another_process(
    language: Language,
) -> None:
    program = (
        "import sys, hashlib; from tests.infra.reports import report;"
        "from infra.report.editing import edition; from infra.report.html import html;"
        "from infra.report.pdf import pdf; import msgspec;"
        "said = edition(report(language=sys.argv[1]));"
        "printed = html(said), pdf(msgspec.json.encode(said));"
        "sys.stdout.buffer.write(b'\\0'.join(printed))"
    )
    command = [sys.executable, "-c", program, language]
    told = subprocess.run(command, capture_output=True, check=True)
    said = edition(report(language=language))
    assert told.stdout == b"\0".join((html(said), pdf(said)))


def test_a_page_needs_nothing_from_anywhere_else() -> None:
    page = Page(html(edition(report())))
    linked = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in {"href", "src", "srcset", "action", "data", "poster"}
    ]
    assert linked
    assert all(each and re.match(r"#|data:", each) for each in linked)
    assert "url(" not in html(edition(report())).decode()


def test_a_page_can_be_found_one_s_way_in_without_seeing_it() -> None:
    page = Page(html(edition(report())))
    assert dict(page.tags)["html"] == {"lang": "fr"}
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_what_came_and_what_went_is_told_by_more_than_a_colour() -> None:
    page = Page(html(edition(report("Réduire"))))
    assert page.count("ins") > 0
    assert page.count("del") > 0


def test_a_pdf_is_tagged_keeps_to_its_standards_and_brings_its_proof() -> None:
    printed = pdf(edition(report()))
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", printed, re.DOTALL)
    inflated = b"".join(_inflated(each) for each in streams) + printed
    assert b"/MarkInfo" in inflated
    assert b"<pdfuaid:part>1</pdfuaid:part>" in inflated
    assert b"<pdfaid:part>3</pdfaid:part>" in inflated
    assert b'{"format": "cordee proof 1"}' in inflated
    assert b"Checks an exported proof anywhere" in inflated


def test_every_sign_that_counts_as_printable_can_be_printed() -> None:
    shown = re.compile(f"[{typography._SHOWN}]")
    signs = "".join(sign for sign in map(chr, range(0x3000)) if shown.match(sign))
    template = b'#set document(title: "x")\n#set text(font: "Libertinus Serif")\n#sys.inputs.signs'
    compiler = typst.Compiler(template, font_paths=typst.Fonts(include_system_fonts=False))
    printed = compiler.compile(
        format="pdf",
        sys_inputs={"signs": " ".join(f"a{sign}" for sign in signs)},
        pdf_standards=["ua-1"],
    )
    assert isinstance(printed, bytes)
    assert len(signs) > 500


def test_a_sign_without_a_type_is_told_by_its_number() -> None:
    assert set_in_type("cordée 🏔 ici") == "cordée [U+1F3D4] ici"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Où ? Ici ; là !", "Où\u202f? Ici\u202f; là\u202f!"),
        ("« oui » : 12 %", "«\u202foui\u202f»\u00a0: 12\u202f%"),
        ("un cap – à tenir", "un cap\u00a0– à tenir"),
        ("1 452 000 €", "1\u202f452\u202f000\u202f€"),
        ("https://cec-impact.org", "https://cec-impact.org"),
        ("sans espace?", "sans espace?"),
    ],
)
def test_french_spaces_stay_with_their_signs(written: str, printed: str) -> None:
    assert set_in_type(written) == printed


def test_units_days_and_figures_are_written_as_people_do() -> None:
    assert unit_of("t CO2e") == "t\u00a0CO₂e"
    assert unit_of("m2") == "m2"
    assert dates.day(datetime(2024, 1, 1, tzinfo=UTC).date(), "fr") == "1er\u00a0janvier\u00a02024"
    assert dates.instant(AT, "fr") == "24\u00a0mars\u00a02026 à\u00a010\u00a0h\u00a030"
    assert dates.instant(AT, "en") == "24\u00a0March\u00a02026 at\u00a010:30"


def test_both_languages_say_the_same_things() -> None:
    french, english = words("fr"), words("en")
    assert list(french) == list(english)
    for name, phrase in french.items():
        other = english[name]
        assert isinstance(phrase, list) == isinstance(other, list)
        assert (
            len(phrase) == len(other)
            if isinstance(phrase, list)
            else _slots(phrase) == _slots(str(other))
        )


def test_a_report_of_nothing_but_a_draft_is_printed() -> None:
    bare = report(
        recorded_at=None, versions=[], entries=[], measurements=[], comments=[], dropped=[]
    )
    said = edition(report(proof=None) if bare.entries else bare)
    assert "avant le premier fait" in said.moment
    assert pdf(said).startswith(b"%PDF-")
    assert Page(html(said)).count("h2") == 6


def test_reasons_stand_with_what_was_done_for_them() -> None:
    (_, second) = edition(report("Réduire")).versions
    itself, lever = second.changes
    assert (itself.what, lever.what) == ("Nouveau cap", "Levier «\u202fRéduire\u202f»")
    assert lever.became == "déplacé, reformulé"
    assert [why.text for why in lever.why] == ["Un an après.", "Réduire"]
    assert [(field.label, field.short) for field in lever.fields] == [
        ("titre", True),
        ("portée", True),
    ]
    assert lever.fields[1].pieces == [("ADDED", "local")]


@pytest.mark.parametrize("medium", list(Medium))
async def test_the_press_prints_what_the_edition_says(medium: Medium) -> None:
    printed = await Press().print(report(), medium)
    said = edition(report())
    assert printed.body == (html(said) if medium is Medium.HTML else pdf(said))
    assert (printed.style is None) is (medium is Medium.PDF)


async def test_a_pdf_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presses, "LONGEST", 0.01)
    with pytest.raises(Unprintable, match="longer than"):
        await Press().print(report(), Medium.PDF)


def test_a_measurement_that_takes_another_s_place_counts_as_a_correction() -> None:
    told = report()
    replaced = Touched(part=OfPart(noun="objective_measurement", id=None), field="supersededAt")
    measured = msgspec.structs.replace(told.entries[1], changes=[replaced])
    said = edition(msgspec.structs.replace(told, entries=[measured, told.entries[2]]))
    assert [each.kind for each in said.corrections] == ["correction", "saisie tardive"]


async def test_who_comes_when_too_many_wait_is_sent_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presses, "WAITING", 0)
    with pytest.raises(PressBusy):
        await Press().print(report(), Medium.HTML)


@pytest.mark.parametrize(
    ("name", "refusal"), [("report.pdf", "--force"), ("report.doc", ".html or .pdf")]
)
async def test_a_file_that_cannot_be_written_to_is_refused_before_anything_is_done(
    tmp_path: Path, name: str, refusal: str
) -> None:
    (tmp_path / "report.pdf").touch()
    settings = Settings.from_environment({"CORDEE_DATA_DIR": str(tmp_path / "data")})
    file = tmp_path / name
    with pytest.raises(KeepingError, match=refusal):
        await command_line._report(settings, Id("map_1"), file, None, "fr", force=False)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("accept", "medium"),
    [
        ("", Medium.HTML),
        ("*/*", Medium.HTML),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Medium.HTML),
        ("application/pdf", Medium.PDF),
        ("text/html, application/pdf", Medium.HTML),
        ("application/pdf;q=1, text/html", Medium.PDF),
    ],
)
def test_a_report_comes_in_the_form_that_is_wanted(accept: str, medium: Medium) -> None:
    assert Medium.accepted(accept) is medium


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def _slots(phrase: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", phrase))
