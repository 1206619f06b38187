"""The server that rows E and F measure: the real one, with the yardstick's plain route beside its own."""

from api.http.server import serve
from api.http.yardstick import add_yardstick

if __name__ == "__main__":
    serve(extend=add_yardstick)
