"""The page at the root: where to look, and a query to paste."""

import html
from typing import Final

from api.security import policy

QUERY: Final = "{ organisations(first: 5) { nodes { name kind territory { name } } } }"
"""A question that has an answer wherever there is an organisation."""

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
<p>A question to paste:</p>
<pre>curl -s @ORIGIN@/graphql -H 'content-type: application/json' \\
  -d '{{"query": "{QUERY}"}}'</pre>
<p>Whether it is ready: <a href="/health/ready"><code>/health/ready</code></a>.</p>
</html>
"""


def page(origin: str) -> str:
    """Write the page for those who came by way of an address."""
    return _PAGE.replace("@ORIGIN@", html.escape(origin))
