"""Files outside the volume that a user chose to keep: which, how, and never one with credentials."""

import os
import sqlite3
import stat

import pytest

from jupyter_nb_updater.restore.dotfiles import DOTFILE_GROUPS, Dotfiles, reject_git_credentials, without_aws_credentials
from jupyter_nb_updater.restore.file_io import NotCopyable
from jupyter_nb_updater.restore.model import NotRestored, Restored


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Create a home folder that is new at every boot, and a volume that stays."""

    class Home:
        def __init__(self):
            self.boots, self.store = 0, tmp_path / "files"
            self.boot()

        def boot(self):
            self.boots += 1
            self.path = tmp_path / f"home-{self.boots}"
            self.path.mkdir()
            monkeypatch.setenv("HOME", str(self.path))
            self.files = Dotfiles(self.store)

        def write(self, name, text, mode=0o644):
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(mode)
            return path

    return Home()


def test_what_is_switched_on_comes_back_with_its_mode_and_the_rest_does_not(home):
    home.write(".gitconfig", "[user]\n\tname = Ana\n", 0o600)
    home.write(".config/git/ignore", "*.pyc\n")
    home.write(".bash_history", "ls\n", 0o600)
    assert home.files.save(["git"]) == []
    home.boot()
    assert home.files.restore(["git"]) == ([Restored("files", "git", "~/.config/git/ignore, ~/.gitconfig", 2)], [])
    assert (home.path / ".gitconfig").read_text() == "[user]\n\tname = Ana\n"
    assert stat.S_IMODE((home.path / ".gitconfig").stat().st_mode) == 0o600
    assert stat.S_IMODE((home.path / ".config/git/ignore").stat().st_mode) == 0o644
    assert (home.path / ".gitconfig").stat().st_uid == os.getuid()
    assert not (home.path / ".bash_history").exists()


def test_by_default_nothing_is_kept(home):
    home.write(".gitconfig", "[user]\n")
    home.files.save([])
    assert not home.store.exists()
    assert {choice["id"]: choice["exists"] for choice in home.files.to_json()} == {
        "git": True,
        "aws": False,
        "history": False,
        "ipython": False,
    }


def test_only_the_user_may_look_into_the_copies(home):
    home.write(".bash_history", "ls\n")
    home.files.save(["history"])
    assert stat.S_IMODE(home.store.stat().st_mode) == 0o700


def test_a_file_that_a_script_of_the_user_has_made_stays_and_that_is_told(home):
    home.write(".gitconfig", "[user]\n\tname = Ana\n")
    home.files.save(["git"])
    home.boot()
    home.write(".gitconfig", "[user]\n\tname = Team\n")
    assert home.files.restore(["git"]) == ([], [NotRestored("files", "git", "exists", "~/.gitconfig")])
    assert "Team" in (home.path / ".gitconfig").read_text()


def test_what_is_switched_off_is_taken_from_the_volume(home):
    home.write(".bash_history", "export TOKEN=secret\n")
    home.write(".gitconfig", "[user]\n")
    home.files.save(["git", "history"])
    home.files.delete(["history"])
    assert [path.name for path in home.store.iterdir()] == ["git"]


def test_what_an_administrator_no_longer_makes_available_is_taken_from_the_volume_and_not_restored(home):
    home.write(".bash_history", "ls\n")
    home.files.save(["history"])
    home.files.available = ["git"]
    assert [choice["id"] for choice in home.files.to_json()] == ["git"]
    home.boot()
    home.files.available = ["git"]
    assert home.files.restore(["history"]) == ([], [])
    home.files.save(["history"])
    assert list(home.store.iterdir()) == []


def test_nothing_that_holds_credentials_is_ever_offered():
    paths = [path for choice in DOTFILE_GROUPS.values() for path in choice.paths]
    assert not [path for path in paths if "credentials" in path or ".ssh" in path or "cache" in path or path.startswith("/")]


def test_a_link_is_not_followed_in_either_direction(home, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/config").write_text("[default]\nregion = eu-west-1\n")
    (home.path / ".aws").symlink_to(tmp_path / "elsewhere")
    (home.path / ".gitconfig").symlink_to("/etc/passwd")
    assert [(gone.name, gone.code) for gone in home.files.save(["git", "aws"])] == [("git", "not-plain"), ("aws", "not-plain")]
    home.boot()
    home.write(".aws/config", "[default]\n")
    home.files.save(["aws"])
    home.boot()
    (home.path / ".aws").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/config").unlink()
    assert [gone.code for gone in home.files.restore(["aws"])[1]] == ["not-plain"]
    assert not (tmp_path / "elsewhere/config").exists()


def test_nothing_but_the_files_of_the_list_is_restored(home):
    for name in (".bashrc", ".ssh/authorized_keys", "../evil", ".aws/credentials"):
        planted = home.store / "git" / name
        planted.parent.mkdir(parents=True, exist_ok=True)
        planted.write_text("evil")
    assert home.files.restore(["git", "../..", "no such id"]) == ([], [])
    assert list(home.path.iterdir()) == []


AWS = """\
# mine
[default]
region = eu-west-1
aws_access_key_id = AKIA
aws_secret_access_key=SECRET
AWS_SESSION_TOKEN : SECRET
s3 =
    max_concurrent_requests = 20
    addressing_style = path
[profile tool]
credential_process = /opt/tool --password SECRET
    --more SECRET
  role_arn = arn:aws:iam::123456789012:role/x
web_identity_token_file = /var/token
sso_session = corp
my_secret = SECRET
[sso-session corp]
sso_registration_scopes = sso:account:access
"""


def test_of_the_aws_configuration_everything_is_kept_but_credentials(home):
    home.write(".aws/config", AWS, 0o600)
    assert home.files.save(["aws"]) == [NotRestored("files", "aws", "secret", "~/.aws/config")]
    home.boot()
    home.files.restore(["aws"])
    kept = (home.path / ".aws/config").read_text()
    assert "SECRET" not in kept
    assert "AKIA" not in kept
    lines = [line for line in AWS.splitlines() if line in kept.splitlines()]
    assert kept.splitlines() == lines
    assert len(lines) == 11


def test_credentials_that_somebody_has_put_into_the_copy_are_not_restored_either(home):
    home.write(".aws/config", "[default]\n")
    home.files.save(["aws"])
    (home.store / "aws/.aws/config").write_text("[default]\ncredential_process = /tmp/evil\n")
    home.boot()
    home.files.restore(["aws"])
    assert (home.path / ".aws/config").read_text() == "[default]\n"


@pytest.mark.parametrize("text", ["", "[default]", "[default]\r\nregion = x\r\n", "  indented\n", "= no name\n"])
def test_an_aws_configuration_without_credentials_is_kept_byte_for_byte(text):
    assert without_aws_credentials("config", text.encode()) == text.encode()


@pytest.mark.parametrize(
    "text",
    [
        '[http "https://git.example"]\n\textraHeader = AUTHORIZATION: basic SECRET\n',
        '[url "https://oauth2:SECRET@git.example/"]\n\tinsteadOf = https://git.example/\n',
        "[sendemail]\n\tsmtpPass = SECRET\n\tsmtppassword = SECRET\n",
    ],
)
def test_a_git_configuration_with_a_token_is_not_kept_at_all(text, home):
    home.write(".gitconfig", text)
    home.write(".config/git/ignore", "*.pyc\n")
    assert home.files.save(["git"]) == [NotRestored("files", "git", "secret", "~/.gitconfig")]
    assert [path.name for path in (home.store / "git").iterdir()] == [".config"]


def test_an_ordinary_git_configuration_has_no_token():
    text = (
        b"[user]\n\temail = ana@example.com\n[credential]\n\thelper = !aws codecommit credential-helper $@\n"
        b'[url "git@github.com:"]\n\tinsteadOf = https://github.com/\n'
    )
    assert reject_git_credentials(".gitconfig", text) == text


HISTORY = ".ipython/profile_default/history.sqlite"


def add(path, *lines):
    connection = sqlite3.connect(path)
    connection.execute("create table if not exists history (source text)")
    connection.executemany("insert into history values (?)", [(line,) for line in lines])
    connection.commit()
    return connection


def lines(path):
    connection = sqlite3.connect(path)
    try:
        return [line for (line,) in connection.execute("select source from history")]
    finally:
        connection.close()


def test_the_history_of_ipython_is_copied_whole_while_a_kernel_is_writing_it(home):
    path = home.write(HISTORY, "")
    connection = add(path, "import numpy")
    connection.execute("pragma journal_mode = wal")
    connection.execute("insert into history values ('1 + 1')")
    connection.commit()  # in the write-ahead log only: the file itself does not have it
    connection.execute("insert into history values ('not yet')")
    try:
        assert home.files.save(["ipython"]) == []
    finally:
        connection.close()
    home.boot()
    home.files.restore(["ipython"])
    assert lines(home.path / HISTORY) == ["import numpy", "1 + 1"]


def test_a_change_that_is_in_the_log_alone_is_seen(home):
    path = home.write(HISTORY, "")
    connection = add(path, "a")
    connection.execute("pragma journal_mode = wal")
    home.files.save(["ipython"])
    connection.execute("insert into history values ('b')")
    connection.commit()
    home.files.save(["ipython"])
    connection.close()
    assert lines(home.store / "ipython" / HISTORY) == ["a", "b"]


def test_a_history_that_is_too_large_or_no_database_is_left_out(home):
    add(home.write(HISTORY, ""), *["x" * 1000] * 100).close()
    home.files.max_bytes = 50_000
    assert [gone.code for gone in home.files.save(["ipython"])] == ["too-large"]
    home.write(HISTORY, "no database, but long enough to be looked at" * 100)
    assert [gone.code for gone in home.files.save(["ipython"])] == ["broken"]
    planted = home.store / "ipython" / HISTORY
    planted.parent.mkdir(parents=True)
    planted.write_text("no database")
    home.boot()
    assert [gone.code for gone in home.files.restore(["ipython"])[1]] == ["broken"]


def test_start_up_files_of_ipython_are_kept_and_nothing_else_of_its_folder(home):
    for name in ("startup/10-mine.py", "startup/README", "ipython_config.py", "security/key.json", "db/x"):
        home.write(f".ipython/profile_default/{name}", "1")
    home.files.save(["ipython"])
    home.boot()
    (back,), _ = home.files.restore(["ipython"])
    assert back.count == 2
    assert sorted(path.name for path in (home.path / ".ipython").rglob("*.*")) == ["10-mine.py", "ipython_config.py"]


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x80"])
def test_an_aws_configuration_that_is_no_text_is_left_out(data):
    with pytest.raises(NotCopyable, match="broken"):
        without_aws_credentials("config", data)
