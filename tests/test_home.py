"""Home directory, documents, peer book and retained state (contract §5)."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

import eebus_gw
from eebus_gw.documents import DocumentFile
from eebus_gw.errors import ConfigError, IdentityError, StoreError
from eebus_gw.home import Home, HomeInUse, resolve_home
from eebus_gw.peers import PeerBook, PeerConflict, PeersDocument, Trust, UnknownDevice, slug
from eebus_gw.retained import Retained, RetainedDocument

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
OTHER = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"


class TestResolution:
    def test_the_option_comes_first(self, tmp_path: Path) -> None:
        variables = {"EEBUS_GW_HOME": "/named", "STATE_DIRECTORY": "/state", "HOME": "/user"}
        assert resolve_home(tmp_path, variables) == tmp_path
        assert resolve_home(None, variables) == Path("/named")

    def test_the_service_manager_comes_before_the_checkout(self) -> None:
        variables = {"STATE_DIRECTORY": "/var/lib/eebus-gw:/var/lib/other", "HOME": "/user"}
        assert resolve_home(None, variables) == Path("/var/lib/eebus-gw")

    def test_a_checkout_keeps_its_own(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        root = Path(eebus_gw.__file__).resolve().parent.parent
        assert resolve_home(None, {"HOME": "/user"}) == root / "certs" / "gateway"

    def test_an_installed_package_uses_the_state_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(eebus_gw, "__file__", str(tmp_path / "site" / "eebus_gw" / "x.py"))
        monkeypatch.setattr(sys, "platform", "linux")
        assert resolve_home(None, {"HOME": "/u"}) == Path("/u/.local/state/eebus-gw")
        assert resolve_home(None, {"XDG_STATE_HOME": "/x", "HOME": "/u"}) == Path("/x/eebus-gw")
        with pytest.raises(ConfigError, match="HOME"):
            resolve_home(None, {})

    def test_only_the_option_may_be_relative(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert resolve_home("here", {}) == tmp_path / "here"
        with pytest.raises(ConfigError, match="absolute"):
            resolve_home(None, {"EEBUS_GW_HOME": "here"})


class TestDirectory:
    def test_it_is_created_for_the_owner_alone(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path / "deep" / "home")
        assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
        home.grid.create_identity(at=AT)
        assert stat.S_IMODE(home.grid.path.stat().st_mode) == 0o700

    def test_one_process_at_a_time(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        script = (
            "import sys; from eebus_gw.home import Home\n"
            "Home.open(sys.argv[1]).lock(); print('held', flush=True); sys.stdin.read()"
        )
        holder = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(HomeInUse, match=f"process {holder.pid}") as refused:
                home.lock()
            assert refused.value.pid == holder.pid
        finally:
            holder.kill()
            holder.communicate()
        with home.locked():
            assert (tmp_path / "node.lock").read_text() == f"{os.getpid()}\n"

    def test_a_lock_is_held_once_and_given_back(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        with home.locked(), home.locked(), pytest.raises(HomeInUse):
            Home.open(tmp_path).lock()
        Home.open(tmp_path).lock()


class TestKeyRule:
    def test_an_empty_home_gets_an_identity(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        created = home.ensure_identity(at=AT)
        assert home.ensure_identity(at=AT).ski == created.ski
        with pytest.raises(IdentityError, match="never replaced"):
            home.create_identity(at=AT)

    def test_a_home_that_knows_peers_and_lost_its_key_refuses(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        home.create_identity(at=AT)
        home.peers.add(SKI, alias="Carport", at=AT)
        (tmp_path / "node.key").unlink()
        (tmp_path / "node.crt").unlink()
        lost = Home.open(tmp_path)
        for attempt in (lost.identity, lost.ensure_identity, lost.create_identity):
            with pytest.raises(IdentityError, match="carport"):
                attempt()
        assert not (tmp_path / "node.key").exists()

    def test_so_does_one_whose_peers_were_damaged(self, tmp_path: Path) -> None:
        (tmp_path / "peers.json").write_text("{")
        home = Home.open(tmp_path)
        with pytest.raises(IdentityError, match="has been in use"):
            home.ensure_identity(at=AT)

    def test_the_certificate_alone_is_a_trace_of_a_key(self, tmp_path: Path) -> None:
        Home.open(tmp_path).create_identity(at=AT)
        (tmp_path / "node.key").unlink()
        with pytest.raises(IdentityError, match=r"node\.crt"):
            Home.open(tmp_path).ensure_identity(at=AT)

    def test_a_broken_certificate_names_the_peers_at_stake(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        home.create_identity(at=AT)
        home.peers.add(SKI, alias="Carport", at=AT)
        (tmp_path / "node.crt").write_bytes(b"")
        with pytest.raises(IdentityError) as failed:
            home.identity()
        assert "carport" in failed.value.hint


class Sample(BaseModel):
    text: str
    count: int = 0


class TestDocuments:
    def file(self, tmp_path: Path, version: int = 1) -> DocumentFile[Sample]:
        def to_two(tree: dict[str, object]) -> dict[str, object]:
            return {"text": tree["name"]}

        def to_three(tree: dict[str, object]) -> dict[str, object]:
            return {**tree, "count": 3}

        migrations = {1: to_two, 2: to_three}
        return DocumentFile(tmp_path / "x.json", Sample, version, migrations, wall=lambda: AT)

    def test_round_trip_leaves_nothing_but_the_file(self, tmp_path: Path) -> None:
        file = self.file(tmp_path)
        assert file.load(pytest.fail) is None
        file.save(Sample(text="ä", count=2))
        assert file.load(pytest.fail) == Sample(text="ä", count=2)
        assert json.loads(file.path.read_text())["version"] == 1
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["x.json"]

    def test_old_versions_are_migrated_step_by_step(self, tmp_path: Path) -> None:
        (tmp_path / "x.json").write_text('{"version": 1, "name": "old"}')
        assert self.file(tmp_path, 3).load(pytest.fail) == Sample(text="old", count=3)

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "{",
            "[]",
            "null",
            "[" * 5000,
            '{"text": "no version"}',
            '{"version": true, "text": "x"}',
            '{"version": 1, "text": 5, "count": "x"}',
            "\udcff",
        ],
    )
    def test_damage_is_set_aside_and_reported(self, tmp_path: Path, content: str) -> None:
        file = self.file(tmp_path)
        file.path.write_bytes(content.encode(errors="surrogateescape"))
        reports: list[str] = []
        assert file.load(reports.append) is None
        aside = tmp_path / "x.json.corrupt-20261125T120000Z"
        assert aside.read_bytes() == content.encode(errors="surrogateescape")
        assert len(reports) == 1
        assert aside.name in reports[0]
        assert file.set_aside_before() == [aside]

    def test_a_second_damage_keeps_the_first(self, tmp_path: Path) -> None:
        file = self.file(tmp_path)
        for content in ("one", "two"):
            file.path.write_text(content)
            file.load(lambda text: None)
        assert [path.read_text() for path in file.set_aside_before()] == ["one", "two"]

    def test_a_newer_document_is_left_alone(self, tmp_path: Path) -> None:
        file = self.file(tmp_path)
        file.path.write_text('{"version": 2, "text": "future"}')
        with pytest.raises(StoreError, match="newer"):
            file.load(pytest.fail)
        assert file.path.exists()

    def test_a_failed_migration_is_damage(self, tmp_path: Path) -> None:
        (tmp_path / "x.json").write_text('{"version": 1, "text": "without a name"}')
        reports: list[str] = []
        assert self.file(tmp_path, 2).load(reports.append) is None
        assert "migrated" in reports[0]


class TestPeerBook:
    def test_any_spelling_of_a_ski(self) -> None:
        book = PeerBook()
        book.add("7C1E 0B94 A2D3 5F68 017B E4C9 D2F0 6A81 B35E 7D40", at=AT)
        assert book.trusts(SKI)
        assert book.find("7c-1e-0b-94-a2-d3-5f-68-01-7b-e4-c9-d2-f0-6a-81-b3-5e-7d-40").ski == SKI
        with pytest.raises(ValueError, match="40"):
            book.add("7c1e", at=AT)

    @pytest.mark.parametrize(
        ("named", "expected"),
        [
            ({"device_id": "box", "alias": "Carport"}, "box"),
            ({"alias": "Garage Süd"}, "garage-sued"),
            ({"ship_id": "i:47859_u:Elli 0815"}, "i-47859-u-elli-0815"),
            ({}, "peer-7c1e0b94"),
            ({"alias": "grid"}, "grid-2"),
            ({"alias": "???"}, "peer-7c1e0b94"),
            ({"alias": "x" * 80}, "x" * 64),
        ],
    )
    def test_the_id_comes_from_the_best_name(self, named: dict[str, str], expected: str) -> None:
        assert PeerBook().add(SKI, at=AT, **named).id == expected

    def test_ids_are_unique_and_never_change(self) -> None:
        book = PeerBook()
        book.add(SKI, alias="Box", at=AT)
        assert book.add(OTHER, alias="Box", at=AT).id == "box-2"
        assert book.rename("box", "Carport").id == "box"
        assert book.add(SKI, alias="Garage", at=AT).id == "box"
        with pytest.raises(PeerConflict, match="never change"):
            book.add(SKI, device_id="garage", at=AT)

    @pytest.mark.parametrize("bad", ["Box", "a b", "", "x" * 65, "bridge", "grid", "a/b", "a+"])
    def test_unusable_ids_are_refused(self, bad: str) -> None:
        with pytest.raises(PeerConflict):
            PeerBook().add(SKI, device_id=bad, at=AT)

    def test_a_taken_id_is_refused(self) -> None:
        book = PeerBook()
        book.add(SKI, device_id="box", at=AT)
        with pytest.raises(PeerConflict, match="taken"):
            book.add(OTHER, device_id="box", at=AT)

    def test_the_own_ski_is_no_peer(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        for identity in (home.create_identity(at=AT), home.grid.create_identity(at=AT)):
            with pytest.raises(PeerConflict, match="own SKI"):
                home.peers.add(identity.ski, at=AT)
            with pytest.raises(PeerConflict, match="own SKI"):
                home.grid.peers.add(identity.ski, at=AT)

    def test_references(self) -> None:
        book = PeerBook()
        book.add(SKI, device_id="carport", alias="Left one", at=AT)
        book.add(OTHER, device_id="garage", alias="Right one", at=AT)
        assert book.find("carport").ski == SKI
        assert book.find("left ONE").ski == SKI
        assert book.find(OTHER.upper()).ski == OTHER

    @pytest.mark.parametrize(
        ("wrong", "hint"),
        [
            ("carprot", "did you mean carport?"),
            ("Lift one", "did you mean Left one?"),
            (SKI[:-1] + "1", "did you mean carport with the SKI"),
            ("zzz", "known are carport"),
        ],
    )
    def test_a_wrong_reference_names_the_nearest(self, wrong: str, hint: str) -> None:
        book = PeerBook()
        book.add(SKI, device_id="carport", alias="Left one", at=AT)
        with pytest.raises(UnknownDevice) as unknown:
            book.find(wrong)
        assert hint in unknown.value.hint

    def test_an_alias_given_twice_is_no_reference(self) -> None:
        book = PeerBook()
        book.add(SKI, device_id="one", alias="Box", at=AT)
        book.add(OTHER, device_id="two", alias="Box", at=AT)
        with pytest.raises(UnknownDevice) as unknown:
            book.find("Box")
        assert "one, two" in unknown.value.hint

    def test_what_was_learned_is_on_the_disk_after_a_flush(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        home.peers.add(SKI, alias="Box", at=AT)
        home.peers.learn(SKI, ship_id="box-1", last_addresses=("192.0.2.7:4711",))
        assert Home.open(tmp_path).peers.find("box").ship_id is None
        home.peers.flush()
        peer = Home.open(tmp_path).peers.find("box")
        assert (peer.ship_id, peer.last_addresses) == ("box-1", ("192.0.2.7:4711",))

    def test_decisions_are_on_the_disk_at_once(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        home.peers.add(SKI, alias="Box", at=AT, brand="Example", pin="1234 5678".replace(" ", ""))
        peer = Home.open(tmp_path).peers.find("box")
        assert (peer.brand, peer.trust) == ("Example", Trust.TRUSTED)
        assert peer.pin is not None
        assert peer.pin.get_secret_value() == "12345678"
        assert "12345678" not in repr(peer)

    def test_learning_nothing_new_writes_nothing(self) -> None:
        written: list[PeersDocument] = []
        book = PeerBook(save=written.append)
        book.add(SKI, at=AT, brand="Example")
        book.learn(SKI, brand="Example", model=None)
        book.learn(OTHER, brand="Stranger")
        book.flush()
        assert len(written) == 1
        book.learn(SKI, brand="Sample")
        book.flush()
        book.flush()
        assert [[peer.brand for peer in each.peers] for each in written] == [
            ["Example"],
            ["Sample"],
        ]

    def test_removal_and_reset(self) -> None:
        book = PeerBook()
        book.add(SKI, device_id="one", at=AT)
        book.add(OTHER, device_id="two", at=AT)
        assert book.remove("one").ski == SKI
        assert book.get(SKI) is None
        assert [peer.id for peer in book.clear()] == ["two"]
        assert len(book) == 0

    @pytest.mark.parametrize("text", ["Ä/ö#+", "  ", "a--b", "-x-", "日本"])
    def test_slugs_are_fit_for_topics(self, text: str) -> None:
        assert set(slug(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")

    def test_two_peers_with_one_id_are_damage(self, tmp_path: Path) -> None:
        peer = {"id": "box", "since": "2026-11-25T12:00:00Z"}
        peers = [{**peer, "ski": SKI}, {**peer, "ski": OTHER}]
        (tmp_path / "peers.json").write_text(json.dumps({"version": 1, "peers": peers}))
        home = Home.open(tmp_path)
        assert len(home.peers) == 0
        assert "damaged" in home.reports[0]


class TestRetained:
    def test_values_wait_at_most_a_second(self) -> None:
        written: list[RetainedDocument] = []
        retained = Retained(save=written.append)
        retained.put("limit", Sample(text="a"), 100.0)
        assert retained.next_deadline() == 100.0
        retained.handle_timer(100.0)
        retained.put("limit", Sample(text="b"), 100.2)
        retained.put("limit", Sample(text="c"), 100.4)
        assert retained.next_deadline() == 101.0
        retained.handle_timer(100.9)
        assert len(written) == 1
        retained.handle_timer(101.0)
        assert written[-1].sections == {"limit": {"text": "c", "count": 0}}
        assert retained.next_deadline() is None

    def test_what_is_urgent_does_not_wait(self) -> None:
        written: list[RetainedDocument] = []
        retained = Retained(save=written.append)
        retained.put("budget", Sample(text="a"), 100.0)
        retained.handle_timer(100.0)
        retained.put("budget", Sample(text="b"), 100.1)
        retained.put("wish", Sample(text="c"), 100.2, urgent=True)
        assert retained.next_deadline() == 100.2
        retained.handle_timer(100.2)
        assert written[-1].sections["wish"] == {"text": "c", "count": 0}

    def test_the_same_again_is_not_written(self) -> None:
        retained = Retained()
        retained.put("limit", Sample(text="a"), 1.0)
        retained.flush(1.0)
        retained.put("limit", Sample(text="a"), 5.0)
        assert retained.next_deadline() is None

    def test_a_failed_write_is_tried_again(self) -> None:
        def fail(document: RetainedDocument) -> None:
            raise StoreError("disk full")

        retained = Retained(save=fail)
        retained.put("limit", Sample(text="a"), 1.0)
        with pytest.raises(StoreError):
            retained.handle_timer(1.0)
        assert retained.next_deadline() == 2.0

    def test_a_section_that_does_not_fit_counts_as_absent(self, tmp_path: Path) -> None:
        home = Home.open(tmp_path)
        home.retained.put("limit", Sample(text="a"), 1.0)
        home.retained.put("device/box/driver", Sample(text="b", count=7), 1.0)
        home.retained.flush(1.0)
        again = Home.open(tmp_path)

        class Different(BaseModel):
            watts: float

        assert again.retained.get("limit", Different) is None
        assert "section limit" in again.reports[0]
        assert again.retained.get("device/box/driver", Sample) == Sample(text="b", count=7)
        assert again.retained.names("device/") == ["device/box/driver"]
        again.retained.drop("limit", 2.0)
        assert again.retained.names() == ["device/box/driver"]


def test_a_missing_key_of_the_grid_side_is_made_by_init_of_the_whole_home(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    with pytest.raises(IdentityError) as caught:
        home.grid.identity()
    assert caught.value.hint == f"create one: eebus-gw --home {home.path} init"
