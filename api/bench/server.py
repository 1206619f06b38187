"""The server that rows E and F measure: the real one, and one plain route beside its own.

Run as ``python -m api.bench.server`` in the environment of the books; it prints the port it listens on.
"""

import uvicorn

from api.http.app import create_app
from api.http.yardstick import add_yardstick
from api.settings import Settings
from api.wiring import open_house


def main() -> None:
    """Serve on a free port until told to stop."""
    settings = Settings.from_environment()
    with open_house() as house:
        app = create_app(house, settings)
        add_yardstick(app)
        config = uvicorn.Config(
            app, port=0, loop="uvloop", http="httptools", access_log=False, log_config=None
        )
        server = uvicorn.Server(config)
        listener = config.bind_socket()
        print(listener.getsockname()[1], flush=True)
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
