from dialog.models import Person, User


def welcome(user: User, *, name: str) -> Person:
    """The person behind a new account."""
    return Person.objects.create(user=user, name=" ".join(name.split()))


def of(user: User) -> Person:
    """The person behind an account; the operator's may not have one yet."""
    person, _created = Person.objects.get_or_create(user=user, defaults={"name": user.email})
    return person
