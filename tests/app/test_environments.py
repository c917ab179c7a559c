from __future__ import annotations

from typing import Any

import pytest

from sagemaker_hosting import ValidationError
from stacks.environments import ENVIRONMENTS, IRIS, LOCAL, HostingEnvironment


def environment(**settings: Any) -> HostingEnvironment:
    return HostingEnvironment(**{"name": "dev", "model": IRIS, "instance_type": "ml.m5.large", **settings})


def test_there_are_three_environments_and_one_here_for_each_example() -> None:
    assert [entry.name for entry in ENVIRONMENTS] == ["dev", "staging", "prod"]
    assert [(entry.name, entry.model.name) for entry in LOCAL] == [("local", "iris"), ("local-recycling", "recycling")]


def test_production_survives_the_loss_of_an_instance_and_is_not_deleted_by_mistake() -> None:
    (production,) = [entry for entry in ENVIRONMENTS if entry.name == "prod"]

    assert production.instance_count >= 2
    assert production.termination_protection
    assert production.keep_registry


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"name": "Dev 1"}, "name must be 1 to 31 lower-case letters, digits and hyphens, got 'Dev 1'"),
        ({"account": "1234", "region": "eu-central-1"}, "account must be 12 digits, in quotes, got '1234'"),
        ({"account": 12345678901, "region": "eu-central-1"}, "account must be 12 digits, in quotes, got 12345678901"),
        ({"account": "111122223333", "region": "Frankfurt"}, "region must be an AWS region .*, got 'Frankfurt'"),
        (
            {"account": "111122223333"},
            "account and region must be given both or not at all, got '111122223333' and None",
        ),
        ({"instance_type": "ml.m5.lrge"}, r"got 'ml\.m5\.lrge' \(did you mean ml\.m5\.large"),
        ({"instance_count": 0}, "instance_count must be at least 1 instance, got 0"),
    ],
)
def test_fails_for_a_wrong_setting_and_names_the_environment(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem) as caught:
        environment(**settings)

    assert str(caught.value).startswith(f"Environment '{settings.get('name', 'dev')}' in stacks/environments.py")


def test_fails_with_all_wrong_settings_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        environment(account="1", instance_count=0, instance_type="m5")

    assert len(caught.value.problems) == 4
