"""The page at the root: where to look, and a query to paste."""

import html
from enum import Enum
from typing import Final

from api.security import policy

QUERY: Final = "{ organisations(first: 5) { nodes { name kind territory { name } } } }"
"""A question that has an answer wherever there is an organisation."""


class Explored(Enum):
    """What there is to say of the explorer, as HTML."""

    THERE = '<p>A browser finds GraphiQL there: <a href="graphql"><code>/graphql</code></a>.</p>'
    NOT_BUILT = (
        "<p>GraphiQL is not built here. With npm's registry in reach, <code>make explorer</code>"
        " builds it, and a browser finds it at <code>/graphql</code> from the next start on.</p>"
    )
    NOT_OFFERED = "<p>This instance takes trusted documents only, each by its id.</p>"


STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto }
pre { overflow-x: auto; padding: 1rem; background: #f3f3f0 }
"""
POLICY: Final = policy(style=STYLE)
"""The header that lets the page have its style, and nothing else."""

_PAGE: Final = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>cordée</title>
<style>{STYLE}</style>
<h1>cordée</h1>
<p>Nobody climbs alone. The interface is GraphQL, at <code>/graphql</code>, over HTTP and, for
subscriptions, over WebSocket (<code>graphql-transport-ws</code>).</p>
@EXPLORED@
<p>A question to paste:</p>
<pre>curl -s @ORIGIN@/graphql -H 'content-type: application/json' \\
  -d '{{"query": "{QUERY}"}}'</pre>
<p>Whether it is ready: <a href="/health/ready"><code>/health/ready</code></a>.</p>
</html>
"""


def page(origin: str, explored: Explored) -> str:
    """Write the page for those who came by way of an address."""
    return _PAGE.replace("@EXPLORED@", explored.value).replace("@ORIGIN@", html.escape(origin))
