"""The texts that people read are found wherever they are."""

import pytest

from config.translations.catalogue import Key
from config.translations.extraction import all_texts, in_policy, in_python, in_roles, in_template


def test_texts_in_code_are_found_under_whatever_name_the_function_has() -> None:
    source = """
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext
from elsewhere import gettext as other
a = _("One " "text")
b = later("Later"), ngettext("%d day", "%d days", n), pgettext("state", "Open")
c = other("Not ours"), _(variable)
"""
    assert set(in_python(source)) == {
        Key("One text"),
        Key("Later"),
        Key("%d day", plural="%d days"),
        Key("Open", context="state"),
    }


def test_a_text_that_is_put_together_first_is_refused() -> None:
    source = "from django.utils.translation import gettext as _\na = _(f'Hello {name}')"
    with pytest.raises(ValueError, match="Hello"):
        list(in_python(source))


def test_titles_of_problems_are_texts() -> None:
    source = "class Gone(ProblemError):\n    slug = 'gone'\n    title = 'It is gone'\n"
    assert list(in_python(source, titles=True)) == [Key("It is gone")]
    assert list(in_python(source)) == []


def test_an_entry_of_the_schedule_is_named_and_described() -> None:
    source = 'periodic("Sweep", "a.task", description=("Sweeps " "all."), every=day)'
    assert set(in_python(source)) == {Key("Sweep"), Key("Sweeps all.")}
    with pytest.raises(ValueError, match="Sweep"):
        list(in_python('periodic("Sweep", "a.task", description=f"Sweeps {all}.")'))


def test_what_the_shipped_roles_say_of_themselves_is_a_text() -> None:
    assert list(in_roles('[{"name": "user", "description": "Everybody."}]')) == [Key("Everybody.")]
    assert Key("Everybody who has an account.") in all_texts()


def test_what_the_policies_of_ours_say_of_themselves_is_a_text() -> None:
    assert in_policy('{"name": "owners", "description": "All."}') == Key("All.")
    texts = all_texts()
    assert Key("A member with the read permission sees the account.") in texts
    assert Key("Whoever asks from a network is refused.") in texts


def test_texts_in_templates_are_found_in_every_branch() -> None:
    source = """{% load i18n %}{% block content %}
{% if a %}{% translate "100% sure" %}{% else %}
{% for b in c %}{% translate "Open" context "state" %}{% endfor %}{% endif %}
{% blocktranslate with name=user.name trimmed %}
  Hello {{ name }},
  100% sure
{% endblocktranslate %}
{% blocktranslate count n=days %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}
{% endblock %}{% translate variable %}"""
    assert set(in_template(source)) == {
        Key("100%% sure"),
        Key("Open", context="state"),
        Key("Hello %(name)s, 100%% sure"),
        Key("%(n)s day", plural="%(n)s days"),
    }
