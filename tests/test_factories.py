"""The factories' rows keep what models and database ask for; other tests build on it."""

import inspect

import pytest

from tests import factories

ALL = [
    factory
    for _, factory in inspect.getmembers(factories, inspect.isclass)
    if issubclass(factory, factories.Factory) and factory is not factories.Factory
]

#: Not cleaned: protected state fields refuse it, and the others may be empty although no form asks for them.
UNCLEANED = {"password", "state", "parameters", "content"}


@pytest.mark.django_db
@pytest.mark.parametrize("factory", ALL, ids=lambda factory: factory.__name__)
def test_a_factory_makes_valid_rows_again_and_again(factory: type[factories.Factory]) -> None:
    for row in factory.create_batch(3):
        row.full_clean(exclude=UNCLEANED)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("factory", "trait"),
    [
        (factory, trait)
        for factory in ALL
        for trait, declaration in factory._meta.parameters.items()
        if type(declaration).__name__ == "Trait"
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_trait_makes_valid_rows(factory: type[factories.Factory], trait: str) -> None:
    factory(**{trait: True}).full_clean(exclude=UNCLEANED)
