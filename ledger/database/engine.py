"""Connections to the books, whoever runs the server."""

import os
import pwd
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine, NullPool, QueuePool, create_engine
from sqlalchemy.exc import DBAPIError

from ledger.database.embedded import EmbeddedServer
from ledger.database.errors import DatabaseUnavailable, as_unavailable, sentence_of
from ledger.database.folder import APP_ROLE, OWNER_ROLE
from ledger.database.settings import DatabaseSettings

OLDEST_SERVER = 15
_CONNECT_SECONDS = 10

# What every session relies on, whatever a server of the user's own has as its defaults.
_SESSION = (
    "SET TimeZone = 'UTC'; SET jit = off; SET client_encoding = 'UTF8'; "
    "SET default_transaction_isolation = 'read committed'"
)


@dataclass(frozen=True)
class Login:
    """Who connects where. `acts_as` is a role taken on for the whole session, if not one's own."""

    parameters: dict[str, str] = field(repr=False)
    acts_as: str | None = None
    revive: Callable[[], None] | None = None

    @property
    def user(self) -> str:
        """The role that logs in."""
        return self.parameters["user"]

    @property
    def password(self) -> str | None:
        """The password it logs in with, if one is given."""
        return self.parameters.get("password")

    def at(self, database: str) -> "Login":
        """The same, to another database of the same server."""
        return replace(self, parameters={**self.parameters, "dbname": database})

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """A new connection, in UTC and READ COMMITTED.

        An embedded server that died is started again. Raises psycopg.OperationalError, or
        DatabaseUnavailable when the embedded server does not come back.
        """
        try:
            connection = self._connect()
        except psycopg.OperationalError:
            if self.revive is None:
                raise
            self.revive()
            connection = self._connect()
        try:
            connection.execute(self.session)
        except BaseException:
            connection.close()
            raise
        connection.autocommit = False
        return connection

    @property
    def conninfo(self) -> str:
        """How libpq is told to connect. It may hold the password."""
        defaults = {"application_name": "zhibo", "connect_timeout": str(_CONNECT_SECONDS)}
        return make_conninfo(**(defaults | self.parameters))

    @property
    def session(self) -> sql.Composed:
        """The statements every session of this login begins with, outside a transaction."""
        role = sql.Identifier(self.acts_as) if self.acts_as else sql.SQL("NONE")
        return sql.SQL(_SESSION + "; SET ROLE {}").format(role)

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.conninfo, autocommit=True)


@dataclass(frozen=True)
class Database:
    """One database of books, open.

    `owner` is for migrations only; everything else goes through `app`, as the role zhibo_app, which can
    only add to the journal. Both connect on first use.
    """

    owner_login: Login
    app_login: Login
    is_embedded: bool

    @property
    def name(self) -> str:
        """The database's name on its server."""
        return self.app_login.parameters.get("dbname", self.app_login.user)

    @cached_property
    def owner(self) -> Engine:
        """Connections of the role that owns the tables."""
        return create_engine("postgresql+psycopg://", creator=self.owner_login.connect, poolclass=NullPool)

    @cached_property
    def app(self) -> Engine:
        """Pooled connections as zhibo_app."""
        return create_engine(
            "postgresql+psycopg://",
            creator=self.app_login.connect,
            poolclass=QueuePool,
            pool_size=10,
            max_overflow=10,
            pool_timeout=_CONNECT_SECONDS,
        )

    def dispose(self) -> None:
        """Closes all pooled connections."""
        for engine in ("owner", "app"):
            if engine in self.__dict__:
                getattr(self, engine).dispose()

    @contextmanager
    def scratch(self, copy_of: str = "template1") -> Iterator["Database"]:
        """A new database beside this one on the same server, dropped at the end; for tests and trials.

        `copy_of` names a database that nobody is connected to. The owner must be allowed CREATEDB.
        """
        name = f"zhibo_scratch_{secrets.token_hex(8)}"
        with self.owner_login.connect() as connection:
            connection.autocommit = True
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(copy_of)
                )
            )
        database = Database(self.owner_login.at(name), self.app_login.at(name), self.is_embedded)
        try:
            yield database
        finally:
            database.dispose()
            with self.owner_login.connect() as connection:
                connection.autocommit = True
                # Without FORCE: it waits for those just leaving, whom only their own role may end.
                connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@contextmanager
def open_database(settings: DatabaseSettings | None = None) -> Iterator[Database]:
    """The books the environment asks for: on the server of DATABASE_URL, or embedded in ZHIBO_DATA.

    The embedded server is started if nobody has, and stopped at the end if nobody else uses it.
    On a server of the user's own, `owner` logs in by ZHIBO_OWNER_URL, and `app` by DATABASE_URL: when that
    names another role than zhibo_app itself, its sessions take on zhibo_app with SET ROLE.

    Raises DatabaseUnavailable, one clear line, when the server cannot be reached or is too old; what goes
    wrong inside the block for such a reason (a lost connection, a full disk) is raised as that, too.
    """
    settings = settings or DatabaseSettings.from_environment()
    with ExitStack() as stack:
        if settings.url is None:
            server = stack.enter_context(EmbeddedServer(settings.data))
            database = Database(
                Login(server.parameters(OWNER_ROLE), revive=server.ensure_running),
                Login(server.parameters(APP_ROLE), revive=server.ensure_running),
                is_embedded=True,
            )
        else:
            app_login = _app_login(_parameters("DATABASE_URL", settings.url))
            owner_login = Login(_parameters("ZHIBO_OWNER_URL", settings.owner_url or settings.url))
            database = Database(owner_login, app_login, is_embedded=False)
            _refuse_unreachable_or_old(database.app_login)
        stack.callback(database.dispose)
        try:
            yield database
        except (DBAPIError, psycopg.Error) as error:
            unavailable = as_unavailable(error)
            if unavailable is None:
                raise
            raise unavailable from error


def _app_login(parameters: dict[str, str]) -> Login:
    return Login(parameters, acts_as=None if parameters["user"] == APP_ROLE else APP_ROLE)


def _parameters(variable: str, url: str) -> dict[str, str]:
    """What a URL says, read by libpq itself. The URL may hold a password, so no message repeats it."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise DatabaseUnavailable(f"{variable} is not a PostgreSQL URL: it must begin with postgresql://")
    try:
        found = conninfo_to_dict(f"postgresql://{rest}")
    except (psycopg.Error, UnicodeError):
        raise DatabaseUnavailable(
            f"{variable} is not a valid PostgreSQL URL: postgresql://user:password@host:port/database"
        ) from None
    # As libpq would: the environment's user, else the operating system's.
    default = {"user": os.environ.get("PGUSER") or pwd.getpwuid(os.geteuid()).pw_name}
    return default | {name: str(value) for name, value in found.items() if value is not None}


def _refuse_unreachable_or_old(login: Login) -> None:
    try:
        with replace(login, acts_as=None).connect() as connection:
            version = connection.info.server_version
    except psycopg.Error as error:
        reason = sentence_of(error)
        raise DatabaseUnavailable(f"the database of DATABASE_URL cannot be opened: {reason}") from error
    if version < OLDEST_SERVER * 10_000:
        raise DatabaseUnavailable(
            f"DATABASE_URL is a PostgreSQL {version // 10_000}; {OLDEST_SERVER} or later is needed"
        )
