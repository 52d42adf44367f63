"""Every operation of the OpenAPI document, asked with what it allows and with what it does not.

No 500, no status or answer that is not described, nothing taken that is not allowed; a refusal names the field.
`make fuzz` tries hundreds of cases of each.
"""

import os
from typing import Any

import pytest
from schemathesis import GenerationMode

from debugging.simulations import api as simulations_api
from tests.fuzzing.asking import Asked, Fuzzer
from tests.fuzzing.document import areas, known_names, operations
from tests.fuzzing.store import filled_side
from tests.projects.builders import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow, pytest.mark.usefixtures("inbox")]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))


@pytest.fixture
def fuzzer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Fuzzer:
    monkeypatch.setattr(simulations_api, "PATIENCE_SECONDS", 0.0)  # nobody digests meanwhile
    settings.API_TOKEN_RATE_PER_MINUTE = settings.API_ADDRESS_RATE_PER_MINUTE = 1_000_000
    side = filled_side()
    return Fuzzer(bearer("*"), known_names(side), side.number, EXAMPLES)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("area", areas())
def test_it_answers_as_the_document_says(fuzzer: Fuzzer, area: str, mode: GenerationMode) -> None:
    found = {f"{method} {path}": fuzzer.ask(method, path, mode) for method, path in operations(area)}
    print(f"{area}, {mode.value}: {len(found)} operations, {sum(each.cases for each in found.values())} cases")
    faults = faults_of(found)
    print("\n\n".join(f"{name}\n{text}" for name, text in faults.items()))
    assert sorted(faults) == []
    # What speaks others' protocols takes bodies that the document leaves open.
    is_met = len([each for each in found.values() if each.met]) > len(found) / 2
    assert mode.is_negative or area in ("api", "v2") or is_met


def faults_of(found: dict[str, Asked]) -> dict[str, str]:
    return {f"{name}: {kind}": text for name, asked in found.items() for kind, text in asked.faults.items()}
