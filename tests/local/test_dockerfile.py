from __future__ import annotations

from pathlib import Path

import pytest

from sagemaker_local.dockerfile import Copy, ImageBuild, Install, Recipe, read_recipe
from sagemaker_local.errors import LocalError


def recipe_of(directory: Path, text: str, target: str | None = None, **build_args: str) -> Recipe:
    (directory / "Dockerfile").write_text(text)
    return read_recipe(ImageBuild(directory=directory, build_args=build_args, target=target))


def test_a_variable_has_the_value_of_the_build_argument_then_its_default(tmp_path: Path) -> None:
    text = "FROM base\nARG A=1\nARG B=2\nARG C\nENV X=$A-${B}-${C:-three}-${A:+set}"
    assert recipe_of(tmp_path, text, B="given").environment == {"X": "1-given-three-set"}


def test_an_argument_from_before_the_first_stage_counts_where_it_is_declared_again(tmp_path: Path) -> None:
    text = "ARG A=1\nFROM base:${A}\nENV BEFORE=$A\nARG A\nENV AFTER=$A"
    assert recipe_of(tmp_path, text).environment == {"BEFORE": "", "AFTER": "1"}


def test_a_variable_of_the_image_wins_over_an_argument(tmp_path: Path) -> None:
    assert recipe_of(tmp_path, "FROM base\nENV A=image\nARG A=argument\nENV B=$A").environment["B"] == "image"


def test_quotes_keep_words_together_and_single_quotes_keep_variables(tmp_path: Path) -> None:
    text = "FROM base\nENV A=1\nENV B=\"x $A\" C='$A' D=\\$A E=a\\ b\nENV F one two\nENV G=$B"
    expected = {"A": "1", "B": "x 1", "C": "$A", "D": "$A", "E": "a b", "F": "one two", "G": "x 1"}
    assert recipe_of(tmp_path, text).environment == expected


def test_the_path_of_the_base_image_is_extended(tmp_path: Path) -> None:
    path = recipe_of(tmp_path, "FROM base\nENV PATH=/opt/venv/bin:$PATH").environment["PATH"]
    assert path.startswith("/opt/venv/bin:/usr/local/sbin:")


def test_paths_are_relative_to_the_working_directory(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, "FROM base\nWORKDIR /opt\nWORKDIR program\nCOPY --chown=me:me a b ./\nCOPY c d")
    assert recipe.working_directory == "/opt/program"
    assert recipe.directories == ("/opt", "/opt/program")
    assert recipe.copies == (
        Copy(sources=("a", "b"), destination="/opt/program/", from_stage=False, line=4),
        Copy(sources=("c",), destination="/opt/program/d", from_stage=False, line=5),
    )


def test_a_copy_may_be_written_as_a_list(tmp_path: Path) -> None:
    (copy,) = recipe_of(tmp_path, 'FROM base\nCOPY ["a b", "/c d/"]').copies
    assert (copy.sources, copy.destination) == (("a b",), "/c d/")


@pytest.mark.parametrize(
    "command",
    [
        "pip install six",
        "pip3 install six",
        "/opt/venv/bin/pip install six",
        "python -m pip install six",
        "python3.11 -m pip install six",
        "--mount=type=cache,target=/root/.cache pip install six",
        "PIP_NO_CACHE_DIR=1 pip install six",
        '["pip", "install", "six"]',
    ],
)
def test_an_installation_is_found_however_pip_is_called(tmp_path: Path, command: str) -> None:
    recipe = recipe_of(tmp_path, f"FROM base\nRUN {command}")
    assert recipe.installs == (Install(arguments=("six",), working_directory="/"),)
    assert recipe.skipped == ()


def test_each_command_of_a_run_is_judged_by_itself(tmp_path: Path) -> None:
    text = """
FROM base
ARG PACKAGE=six
RUN apt-get update \\
    # a comment in between
    && python3 -m venv /opt/venv && cd /opt/program \\
    && pip install "numpy>=2" ${PACKAGE}; rm -rf /var/lib/apt
"""
    recipe = recipe_of(tmp_path, text)
    assert recipe.virtualenvs == ("/opt/venv",)
    assert recipe.installs == (Install(arguments=("numpy>=2", "six"), working_directory="/opt/program"),)
    assert recipe.skipped == ("apt-get update", "rm -rf /var/lib/apt")


def test_the_entrypoint_resets_the_arguments_of_the_base(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, 'FROM base\nCMD ["old"]\nENTRYPOINT ["python", "-m", "serving"]')
    assert (recipe.command, recipe.default_arguments) == (("python", "-m", "serving"), ())


def test_a_stage_inherits_from_the_stage_it_starts_with(tmp_path: Path) -> None:
    text = 'FROM base AS first\nENV A=1\nWORKDIR /program\nENTRYPOINT ["x"]\nFROM first\nENV B=2'
    recipe = recipe_of(tmp_path, text)
    assert recipe.environment == {"A": "1", "B": "2"}
    assert (recipe.command, recipe.working_directory) == (("x",), "/program")


def test_only_the_stages_that_the_target_needs_are_followed(tmp_path: Path) -> None:
    text = """
FROM base AS packages
RUN python -m venv /venv && pip install six
FROM base AS unneeded
COPY unneeded /
FROM base AS runtime
COPY --from=packages /venv /opt/venv
FROM runtime AS test
RUN pip install pytest
"""
    recipe = recipe_of(tmp_path, text, target="runtime")
    assert [install.arguments for install in recipe.installs] == [("six",)]
    assert recipe.virtualenvs == ("/venv", "/opt/venv")
    assert recipe.copies == ()


STAGES = """
ARG BASE=base
FROM ${BASE} AS build
ENV ONLY_HERE=1
RUN python -m venv /opt/venv && pip install six && useradd me
WORKDIR /opt/build
COPY serving /opt/program/serving/
FROM ${BASE}
"""


@pytest.mark.parametrize(
    ("line", "virtualenvs", "copied", "skipped"),
    [
        ("COPY --from=build /opt/venv /opt/venv", ["/opt/venv"], [], []),
        ("COPY --from=build /opt/venv /venv", ["/opt/venv", "/venv"], [], []),
        ("COPY --from=build /opt/program /opt/program", ["/opt/venv"], ["/opt/program"], []),
        ("COPY --from=build /opt/program/serving /srv/", ["/opt/venv"], ["/srv/"], []),
        ("COPY --from=0 --chown=me /opt /srv", ["/opt/venv", "/srv/venv"], ["/srv"], []),
        ("COPY --from=build /etc/passwd /etc/", ["/opt/venv"], [], ["COPY --from=build /etc/passwd"]),
    ],
)
def test_a_copy_of_another_stage_is_of_its_files_its_environments_or_of_what_was_not_run(
    tmp_path: Path, line: str, virtualenvs: list[str], copied: list[str], skipped: list[str]
) -> None:
    recipe = recipe_of(tmp_path, STAGES + line)
    assert list(dict.fromkeys(recipe.virtualenvs)) == virtualenvs
    assert [copy.destination for copy in recipe.copies if copy.from_stage] == copied
    assert recipe.skipped == ("useradd me", *skipped)
    assert recipe.environment == {}


def test_packages_of_another_stage_are_installed_wherever_it_puts_them(tmp_path: Path) -> None:
    text = "FROM base AS build\nRUN pip install --prefix=/install six\nFROM base\nCOPY --from=build /install /usr/local"
    recipe = recipe_of(tmp_path, text)
    assert recipe.installs == (Install(arguments=("--prefix=/install", "six"), working_directory="/"),)
    assert (recipe.copies, recipe.skipped) == ((), ())


def test_the_dockerfile_of_the_serving_container_is_followed() -> None:
    container = Path(__file__).parents[2] / "container"
    recipe = read_recipe(ImageBuild(directory=container, build_args={"FRAMEWORK": "sklearn"}))
    assert recipe.command == ("python", "-m", "serving")
    assert recipe.working_directory == "/opt/program"
    assert [install.arguments[-1] for install in recipe.installs] == [
        f"/opt/build/requirements/{name}.txt" for name in ("server", "sklearn", "none")
    ]
    assert recipe.virtualenvs == ("/opt/venv",)
    assert recipe.environment["PATH"].startswith("/opt/venv/bin:")
    assert "SOURCE_DATE_EPOCH" not in recipe.environment


def test_files_of_other_images_and_of_the_web_are_left_out(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, "FROM base\nCOPY --from=ghcr.io/tool /tool /bin/\nADD https://example.com/x /x")
    assert recipe.copies == ()
    assert recipe.skipped == ("COPY --from=ghcr.io/tool /tool /bin/", "ADD https://example.com/x /x")


def test_fails_without_a_dockerfile(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="Dockerfile cannot be read"):
        read_recipe(ImageBuild(directory=tmp_path))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ENTRYPOINT python serve.py", r"line 2: ENTRYPOINT must be a JSON list of strings, such as \[\"python\""),
        ("CMD serve", "line 2: CMD must be a JSON list"),
        ("COPY a", "line 2: COPY must have a source and a destination"),
        ("ENV A=1 B", "line 2: ENV must be NAME=VALUE, got 'B'"),
        ("RUN <<EOF\npip install six\nEOF", "line 2: here-documents are not read; join the commands with &&"),
        ("RUN echo 'open", "line 2: RUN No closing quotation"),
        ("ADD model.tar.gz /model/", "line 2: ADD of an archive"),
    ],
)
def test_fails_with_the_line_of_an_instruction_that_cannot_be_followed(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(LocalError, match=message):
        recipe_of(tmp_path, f"FROM base\n{line}")


def test_fails_for_a_target_that_is_no_stage(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="no stage 'other': target must be one of first, 1"):
        recipe_of(tmp_path, "FROM base AS first\nFROM first", target="other")


def test_fails_without_a_stage(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="has no FROM"):
        recipe_of(tmp_path, "ARG A=1")
