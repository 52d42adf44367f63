"""How people are named."""

from django.contrib.auth.base_user import AbstractBaseUser


def name_of(user: AbstractBaseUser) -> str:
    """Return a person's full name, else the name they log in with."""
    full: str = getattr(user, "get_full_name", str)()
    return full.strip() or user.get_username()


def initials_of(name: str) -> str:
    """Return one or two capital letters for a name's mark: `Jonas Okafor` is JO."""
    words = [word for word in name.replace(".", " ").replace("_", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"
