import html
import os

# BASE_PATH is what visitors see before the app's own paths; requests come without it.
BASE_PATH = os.environ.get("BASE_PATH", "")
BRANCH = html.escape(os.environ.get("BOUGH_BRANCH", "no branch"))


def app(environ, start_response):
    if environ["PATH_INFO"] == "/health":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok\n"]
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    page = f'<!doctype html><title>Hello</title><p>This is {BRANCH}. <a href="{BASE_PATH}/health">Health</a>'
    return [page.encode()]
