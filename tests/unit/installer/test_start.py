"""The set-up: which Python, is the environment whole, what pip and apt are asked, what people are told."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import environment
import launch
import packages
import programs
import pytest
import pythons
import start
import system_libraries
from environment import Place
from one_at_a_time import one_at_a_time
from setup_error import SetupError

ROOT = Path(__file__).resolve().parents[3]
RIGHT = {**pythons.facts(), "version": [3, 12, 4], "bits": 64, "implementation": "CPython", "free_threaded": False}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A checkout with a lock file."""
    (tmp_path / "installer").mkdir()
    (tmp_path / "installer" / "requirements.lock").write_text("numpy==2.4.6 \\\n    --hash=sha256:00\n")
    return Place(tmp_path)


@pytest.fixture
def whole(place: Place) -> Place:
    """A checkout whose set-up is finished."""
    place.scripts.mkdir(parents=True)
    executable(place.python, "echo 3.12")
    environment.write_stamp(place, libraries=True)
    return place


def executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("version", [[3, 11, 0], [3, 12, 1], [3, 13, 9]])
def test_that_a_supported_python_is_right(version: list[int]) -> None:
    assert pythons.is_right({**RIGHT, "version": version})


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("version", [3, 10, 13]), ("version", [3, 14, 0]), ("version", [4, 0, 0]), ("bits", 32),
        ("implementation", "PyPy"), ("free_threaded", True),
    ],
)  # fmt: skip
def test_that_a_python_without_our_libraries_is_wrong_and_named(fact: str, value: object) -> None:
    known = {**RIGHT, fact: value}
    assert not pythons.is_right(known)
    sentence = pythons.wrong_python(known)
    assert "needs Python 3.11, 3.12 or 3.13 (64-bit); this is" in sentence
    assert pythons.describe(known) in sentence


@pytest.mark.parametrize(("system", "word"), [("Linux", "apt-get"), ("Windows", "64-bit installer"), ("Darwin", "org")])
def test_that_the_advice_fits_the_system(system: str, word: str) -> None:
    assert word in pythons.wrong_python({**RIGHT, "version": [3, 8, 0], "system": system})


@pytest.mark.parametrize(
    ("system", "machine", "glibc", "word"),
    [
        ("Linux", "x86_64", "2.36", ""), ("Linux", "x86_64", "2.31", "2.31"), ("Linux", "x86_64", "", "Alpine"),
        ("Darwin", "arm64", "", ""), ("Darwin", "x86_64", "", "Intel"), ("Windows", "AMD64", "", ""),
        ("Windows", "ARM64", "", "ARM"),
    ],
)  # fmt: skip
def test_that_a_machine_without_wheels_gets_a_sentence(system: str, machine: str, glibc: str, word: str) -> None:
    sentence = pythons.wrong_machine({**RIGHT, "system": system, "machine": machine, "glibc": glibc})
    assert word in sentence
    assert bool(sentence) == bool(word)


def test_that_another_python_is_found_past_broken_and_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "python3.12", "exit 127")
    executable(tmp_path / "python3.13", f"echo '{json.dumps({**RIGHT, 'version': [3, 14, 0]})}'")
    executable(tmp_path / "python3.11", f"echo '{json.dumps({**RIGHT, 'executable': '/the/right/one'})}'")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert pythons.find_right() == "/the/right/one"


def test_that_the_launcher_of_windows_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = json.dumps({**RIGHT, "executable": "by launcher"})
    executable(tmp_path / "py", f"[ $1 = -3.13 ] && echo '{answer}'")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pythons.find_right() == "by launcher"


def test_that_a_python_tells_of_itself() -> None:
    assert pythons.ask([sys.executable]) == pythons.facts()


def test_that_a_wrong_python_hands_over_with_all_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []
    monkeypatch.setattr(start, "facts", lambda: {**RIGHT, "version": [3, 8, 18]})
    monkeypatch.setattr(start, "find_right", lambda: "/right/python")
    monkeypatch.setattr(start, "hand_over", lambda command: handed.append(command) or 7)
    assert start.main(["demo", "--quick"]) == 7
    assert handed == [["/right/python", str(ROOT / "installer" / "start.py"), "demo", "--quick"]]


def test_that_a_wrong_python_alone_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "facts", lambda: {**RIGHT, "version": [3, 14, 1]})
    monkeypatch.setattr(start, "find_right", lambda: "")
    assert start.main([]) == 2
    assert "this is Python 3.14.1" in capsys.readouterr().err


def test_that_what_old_pythons_read_has_no_newer_syntax() -> None:
    for name in ("start.py", "pythons.py", "programs.py"):
        text = (ROOT / "installer" / name).read_text(encoding="utf-8")
        compile(text, name, "exec", dont_inherit=True, flags=0x400)  # PyCF_ONLY_AST
        assert ":=" not in text
        assert "match " not in text


def test_that_a_finished_set_up_is_whole(whole: Place) -> None:
    assert environment.is_whole(whole, environment.read_stamp(whole))


def test_that_line_ends_of_the_lock_file_do_not_matter(whole: Place) -> None:
    whole.lock.write_bytes(whole.lock.read_bytes().replace(b"\n", b"\r\n"))
    assert environment.is_whole(whole, environment.read_stamp(whole))


def change_lock(whole: Place) -> None:
    whole.lock.write_text("numpy==2.5.0\n")


def change_python(whole: Place) -> None:
    executable(whole.python, "echo 3.13")


def break_python(whole: Place) -> None:
    whole.python.unlink()
    whole.python.symlink_to("/nowhere/python")


def truncate_stamp(whole: Place) -> None:
    (whole.folder / environment.STAMP).write_text('{"lock": "')


def leave_unfinished(whole: Place) -> None:
    (whole.folder / environment.STAMP).write_text("{}")


@pytest.mark.parametrize("harm", [change_lock, change_python, break_python, truncate_stamp, leave_unfinished])
def test_that_a_harmed_set_up_is_not_whole_and_is_made_anew(
    harm, whole: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    harm(whole)
    made: list[Place] = []
    monkeypatch.setattr(environment, "make", made.append)
    environment.ensure(whole)
    assert made == [whole]


def test_that_a_moved_folder_is_made_anew(whole: Place, tmp_path: Path) -> None:
    moved = Place(tmp_path / "moved")
    shutil.copytree(whole.root / ".venv", moved.folder)
    shutil.copytree(whole.root / "installer", moved.root / "installer")
    assert not environment.is_whole(moved, environment.read_stamp(moved))


def test_that_a_second_start_only_looks(whole: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "make", lambda _: pytest.fail("made again"))
    monkeypatch.setattr(environment, "complete_system_libraries", lambda: pytest.fail("asked the system again"))
    environment.ensure(whole)
    assert not (whole.root / ".venv.lock").exists()


def test_that_system_libraries_missing_before_are_looked_for_again(
    whole: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.write_stamp(whole, libraries=False)
    monkeypatch.setattr(environment, "complete_system_libraries", lambda: True)
    environment.ensure(whole)
    assert environment.read_stamp(whole)["libraries"] is True


def test_that_an_environment_of_somebody_else_is_left_alone(place: Place) -> None:
    place.folder.mkdir()
    (place.folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    with pytest.raises(SetupError, match="left alone"):
        environment.ensure(place)
    assert (place.folder / "pyvenv.cfg").exists()


def test_that_an_own_half_made_environment_is_removed_and_so_are_earlier_leftovers(place: Place) -> None:
    for folder in (place.folder, place.root / ".venv.old-1"):
        folder.mkdir()
        (folder / environment.STAMP).write_text("{}")
    environment.check_room(place)
    environment.remove_old(place)
    assert [path.name for path in place.root.iterdir()] == ["installer"]


def test_that_a_full_disk_is_told_before_anything_is_made(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**10, 10**10, 10**9))
    with pytest.raises(SetupError, match=r"0\.9 GB free; the set-up needs 5 GB"):
        environment.ensure(place)
    assert not place.folder.exists()


def test_that_a_python_without_ensurepip_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(environment, "can_install", lambda: False)
    with pytest.raises(SetupError, match=rf"sudo apt-get install python3\.{sys.version_info[1]}-venv"):
        environment.require_ensurepip()


def test_that_root_on_debian_gets_ensurepip(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[list[str]] = []
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda _: installed or None)
    monkeypatch.setattr(environment, "can_install", lambda: True)
    monkeypatch.setattr(environment, "apt_install", lambda names: installed.append(names) or True)
    environment.require_ensurepip()
    assert installed == [[f"python3.{sys.version_info[1]}-venv"]]


def test_that_the_program_runs_from_any_folder(place: Place, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place.folder)], check=True)
    (place.root / "mabdesk").mkdir()
    (place.root / "mabdesk" / "__main__.py").write_text("import sys; print('ran', *sys.argv[1:])")
    environment.link_program(place)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for command in ([str(place.scripts / "mabdesk"), "show"], [str(place.python), "-m", "mabdesk", "show"]):
        assert subprocess.check_output(command, cwd=elsewhere, text=True) == "ran show\n"


def test_that_two_starts_take_turns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []
    second = threading.Thread(target=lambda: take(tmp_path / "lock", "second", order))
    with one_at_a_time(tmp_path / "lock"):
        second.start()
        second.join(0.2)
        order.append("first")
    second.join()
    assert order == ["first", "second"]
    assert "waiting for it" in capsys.readouterr().err


def take(path: Path, name: str, order: list[str]) -> None:
    with one_at_a_time(path):
        order.append(name)


def test_that_a_killed_start_leaves_no_lock(tmp_path: Path) -> None:
    code = "import os, signal; from pathlib import Path; from one_at_a_time import one_at_a_time\n"
    code += f"with one_at_a_time(Path({str(tmp_path / 'lock')!r})): os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT / "installer", check=False)
    order: list[str] = []
    take(tmp_path / "lock", "next", order)
    assert order == ["next"]


def fake_pip(place: Place, script: str) -> Path:
    place.scripts.mkdir(parents=True)
    return executable(place.python, script)


def test_that_pip_is_asked_for_hashes_and_wheels_only(place: Place, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    packages.install_packages(fake_pip(place, f'echo "$@" > {asked}; env > {asked}.env'), place.lock)
    words = asked.read_text()
    assert "--require-hashes --only-binary :all:" in words
    assert f"-r {place.lock}" in words
    assert "index" not in words
    assert "PIP_DISABLE_PIP_VERSION_CHECK=1" in Path(f"{asked}.env").read_text()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", "package index cannot be reached"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one that the lock"),
        ("ERROR: something new", "ERROR: something new"),
    ],
)
def test_that_a_failing_pip_becomes_a_sentence(said: str, told: str, place: Place) -> None:
    with pytest.raises(SetupError) as caught:
        packages.install_packages(fake_pip(place, f'echo "{said}"; exit 1'), place.lock)
    assert told in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_that_progress_counts_what_this_platform_needs(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["Ignoring pywin32: markers", "Collecting numpy==2.4.6", "Processing /w/scipy.whl", "Installing collected"]
    packages.follow(lines, 3, packages.Line())
    said = capsys.readouterr().err
    assert "library 1 of 2: numpy==2.4.6" in said
    assert "Unpacking 2 libraries" in said


def test_that_only_missing_system_libraries_are_named() -> None:
    known = [name for name in system_libraries.PACKAGE_OF if name not in ("libEGL.so.1", "libxcb-icccm.so.4")]
    listing = "2 libs found\n" + "\n".join(f"\t{name} (libc6,x86-64) => /lib/{name}" for name in known)
    assert system_libraries.missing_packages(listing, fonts=True) == ["libegl1", "libxcb-icccm4"]
    assert "fonts-dejavu-core" in system_libraries.missing_packages(listing, fonts=False)
    assert system_libraries.missing_packages("", fonts=False) == []


def test_that_fresh_package_lists_are_fetched_when_apt_knows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    executable(tmp_path / "apt-get", f'echo "$1" >> {log}; [ "$(grep -c . {log})" -gt 1 ] || exit 100')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert system_libraries.apt_install(["libegl1"])
    assert log.read_text().split() == ["install", "update", "install"]


def test_that_without_root_the_exact_command_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    executable(tmp_path / "apt-get", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(system_libraries, "known_libraries", lambda: "\tlibGL.so.1 (libc6) => /lib/libGL.so.1")
    monkeypatch.setattr(system_libraries, "can_install", lambda: False)
    assert not system_libraries.complete()
    assert "sudo apt-get install" in (said := capsys.readouterr().err)
    assert "libegl1" in said
    assert "libgl1 " not in said


def test_that_every_word_but_test_goes_to_mabdesk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "ensure", lambda _: None)
    monkeypatch.setattr(launch, "hand_over", lambda command: 0 if command[1:] == ["-P", "-m", "mabdesk", "demo"] else 9)
    monkeypatch.setattr(launch, "run_tests", lambda arguments: 5 if arguments == ["-x"] else 9)
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    assert launch.main(["demo"]) == 0
    assert "PYTHONPATH" not in os.environ
    assert launch.main(["test", "-x"]) == 5


def test_that_a_set_up_fault_is_one_sentence_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: Place) -> None:
        raise SetupError("no room")

    monkeypatch.setattr(launch, "ensure", fail)
    assert launch.main([]) == 2
    assert capsys.readouterr().err == "no room\n"


@pytest.mark.parametrize(("linters", "tests", "code"), [(True, 0, 0), (False, 0, 1), (True, 3, 3), (False, 3, 3)])
def test_that_tests_fail_when_any_part_fails(
    linters: bool, tests: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(launch, "passes", lambda name, command: linters or name != "mypy")
    monkeypatch.setattr(launch, "wait_for", lambda command: tests)
    monkeypatch.setattr(launch, "provide_screen", lambda: True)
    assert launch.run_tests([]) == code


def test_that_exit_codes_are_passed_on() -> None:
    assert programs.wait_for([sys.executable, "-c", "raise SystemExit(42)"]) == 42


def test_that_the_ci_runs_the_tests_by_the_same_command() -> None:
    assert "\npython3 installer/start.py test\n" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize(
    ("there", "root", "asked"), [("/usr/bin/Xvfb", True, []), (None, True, ["xvfb"]), (None, False, [])]
)
def test_that_a_screen_for_the_tests_is_installed_only_where_it_is_missing_and_can_be(
    there: str | None, root: bool, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[str] = []
    monkeypatch.setattr(system_libraries.shutil, "which", lambda _: there)
    monkeypatch.setattr(system_libraries.sys, "platform", "linux")
    monkeypatch.setattr(system_libraries, "can_install", lambda: root)
    monkeypatch.setattr(system_libraries, "apt_install", lambda packages: got.extend(packages) or True)
    assert system_libraries.provide_screen() == (bool(there) or root)
    assert got == asked
