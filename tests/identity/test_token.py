"""A token is believed when its issuer's own key signed it, for us and for now; never otherwise."""

import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.identity import (
    MalformedToken,
    TokenExpired,
    TokenNotYetValid,
    Unauthenticated,
    WrongAudience,
    WrongSignature,
)
from infra.identity.token import LEEWAY, LONGEST, PublicKey, Token, Verified
from tests.identity.issuing import (
    AUDIENCE,
    NOW,
    URL,
    claims,
    key,
    keyed,
    public,
    published,
    raw,
    token,
)


def verified(text: str, by: PublicKey | None = None) -> Verified:
    return Token.read(text).verify(by or public(), AUDIENCE, NOW)


def test_a_token_of_the_issuer_says_who_it_is_and_until_when() -> None:
    assert verified(token()) == Verified(URL, "somebody", NOW + 3600 + LEEWAY)


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("RSA", "RS256"),
        ("RSA", "PS384"),
        ("P-256", "ES256"),
        ("P-384", "ES384"),
        ("P-521", "ES512"),
        ("Ed25519", "EdDSA"),
        ("Ed25519", "Ed25519"),
    ],
)
def test_each_asymmetric_algorithm_counts(kind: str, algorithm: str) -> None:
    text = token(key("any", kind), {"alg": algorithm})
    assert verified(text, public("any", kind)).subject == "somebody"


def test_one_of_several_audiences_is_enough() -> None:
    assert verified(token(aud=["other", AUDIENCE])).subject == "somebody"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_a_token_that_is_not_signed_proves_nothing(algorithm: str) -> None:
    with pytest.raises(WrongSignature):
        verified(raw({"alg": algorithm, "typ": "JWT"}, claims()))


@pytest.mark.parametrize("form", ["as_pem", "as_der"])
def test_the_public_key_is_no_shared_secret(form: str) -> None:
    """RFC 8725, 2.1: an RSA public key, taken for the secret of an HMAC."""
    secret = getattr(key("rsa", "RSA"), form)(private=False)
    text = keyed({"alg": "HS256", "kid": "rsa", "typ": "JWT"}, secret)
    with pytest.raises(WrongSignature):
        verified(text, public("rsa", "RSA"))


def test_a_key_signs_only_by_the_algorithm_that_it_is_for() -> None:
    text = token(key("rsa", "RSA"), {"alg": "RS512"})
    with pytest.raises(WrongSignature):
        verified(text, public("rsa", "RSA", alg="RS256"))


def test_a_token_that_another_key_signed_proves_nothing() -> None:
    with pytest.raises(WrongSignature):
        verified(token(key("two"), {"kid": "one"}))


def test_one_changed_bit_of_the_signature_is_noticed() -> None:
    header, payload, signature = token().split(".")
    sound = base64.urlsafe_b64decode(signature + "==")
    broken = bytes([sound[0] ^ 1, *sound[1:]])
    changed = base64.urlsafe_b64encode(broken).decode().rstrip("=")
    with pytest.raises(WrongSignature):
        verified(f"{header}.{payload}.{changed}")


def test_a_signature_is_written_in_one_way_only() -> None:
    with pytest.raises(WrongSignature):
        verified(token() + "=")


def test_claims_that_were_changed_are_noticed() -> None:
    header, _, signature = token().split(".")
    other = raw({}, claims(sub="somebody else")).split(".")[1]
    with pytest.raises(WrongSignature):
        verified(f"{header}.{other}.{signature}")


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"jwk": published("two")},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"b64": True},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"typ": "logout+jwt"},
        {"kid": 7},
        {"kid": ["one"]},
        {"alg": None},
    ],
)
def test_a_header_that_says_how_to_read_it_makes_it_no_token(header: dict[str, Any]) -> None:
    head = {"alg": "EdDSA", "kid": "one", "typ": "JWT"} | header
    with pytest.raises(MalformedToken):
        verified(raw(head, claims(), b"x" * 64))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"aud": "other"}, WrongAudience),
        ({"aud": []}, WrongAudience),
        ({"aud": ["cordee2", "cord"]}, WrongAudience),
        ({"aud": None}, MalformedToken),
        ({"aud": {"cordee": 1}}, MalformedToken),
        ({"aud": [7]}, MalformedToken),
        ({"exp": NOW - LEEWAY}, TokenExpired),
        ({"exp": None}, MalformedToken),
        ({"exp": "tomorrow"}, MalformedToken),
        ({"exp": True}, MalformedToken),
        ({"exp": math.nan}, MalformedToken),
        ({"exp": math.inf}, MalformedToken),
        ({"exp": 10**400}, MalformedToken),
        ({"exp": -1}, MalformedToken),
        ({"nbf": NOW + LEEWAY + 1}, TokenNotYetValid),
        ({"iat": NOW + LEEWAY + 1}, TokenNotYetValid),
        ({"nbf": "now"}, MalformedToken),
        ({"sub": None}, MalformedToken),
        ({"sub": ""}, MalformedToken),
        ({"sub": 7}, MalformedToken),
        ({"sub": "s" * 256}, MalformedToken),
    ],
)
def test_claims_are_for_us_and_for_now(
    changed: dict[str, Any], refusal: type[Unauthenticated]
) -> None:
    with pytest.raises(Unauthenticated) as refused:
        verified(token(**changed))
    assert type(refused.value) is refusal


def test_clocks_may_differ_a_little() -> None:
    differing = token(exp=NOW - LEEWAY + 1, nbf=NOW + LEEWAY, iat=NOW + LEEWAY)
    assert verified(differing).subject == "somebody"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "é.é.é",
        "e30.e30.",
        token() + ".x",
        " " + token(),
        raw([], {}),
        raw("alg", {}),
        raw(["alg"], {}),
        raw({"alg": "EdDSA"}, []),
        raw({"alg": "EdDSA"}, "x"),
        raw({"alg": ["EdDSA"]}, {}),
        raw({"alg": 7}, {}),
        "e30." + base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=") + ".e30",
        "x" * (LONGEST + 1),
    ],
)
def test_what_is_no_token_is_told_so(text: str) -> None:
    with pytest.raises(MalformedToken):
        Token.read(text)


def test_a_deeply_nested_payload_is_no_token() -> None:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "EdDSA"}).encode()).decode().rstrip("=")
    deep = base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")
    with pytest.raises(MalformedToken):
        Token.read(f"{header}.{deep}.e30")


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=200), st.integers(0, 300))
def test_nothing_but_the_token_itself_is_believed(noise: str, at: int) -> None:
    sound = token()
    text = sound[:at] + noise + sound[at + len(noise) :]
    if text != sound:
        with pytest.raises(Unauthenticated):
            verified(text)


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "one"},
        {**key().as_dict(private=True)},
        published("small", "small RSA"),
        published("x", "X25519"),
        published(use="enc"),
        published(alg="HS256"),
        published(alg="none"),
        {"kty": "XYZ"},
        {},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "RSA", "n": 7, "e": []},
        "text",
        None,
        [],
    ],
)
def test_a_key_of_no_use_is_left_out(jwk: object) -> None:
    assert PublicKey.read(jwk) is None
