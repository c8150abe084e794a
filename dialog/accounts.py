"""How accounts behave: mail goes out with the transaction, and every account is a person."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Allauth's behaviour, with addresses in lower case and a `Person` for each new account."""

    def clean_email(self, email: str) -> str:
        return super().clean_email(email).lower()

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        if commit:
            user.save()
        return user
