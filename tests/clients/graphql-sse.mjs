// graphql-sse: every operation as a stream of its own; and the EventSource of browsers.
import { createClient, NetworkError } from "graphql-sse";
import { EVENTS, given, patience, told, tour } from "./tour.mjs";

const connect = (token, seen = {}) =>
  createClient({
    url: given.url,
    headers: () => ({
      authorization: `Bearer ${token}`,
      ...(seen.last && { "last-event-id": seen.last }),
    }),
    retryAttempts: token === given.token ? 100 : 0,
    retry: patience,
  });

async function ask(query, variables, token) {
  const { value } = await connect(token).iterate({ query, variables }).next();
  if (value.errors) {
    throw value.errors;
  }
  return value.data;
}

const shown = (error) =>
  error instanceof NetworkError ? { status: error.response.status } : told(error);

function follow(after, hear, fail) {
  // The stream is asked for anew with the header that a browser's EventSource sends by itself.
  const seen = {};
  return connect(given.token, seen).subscribe(
    { query: EVENTS, variables: { after } },
    {
      next: ({ data, errors }) => {
        if (errors) {
          fail(told(errors));
          return;
        }
        seen.last = data.events.position;
        hear(data.events);
      },
      error: (error) => fail(shown(error)),
      complete: () => {},
    },
  );
}

// What browsers have: it comes back by itself, with the header, and goes on where it was.
function listen(after, hear, fail) {
  const asked = new URLSearchParams({ query: EVENTS, variables: JSON.stringify({ after }) });
  const source = new EventSource(`${given.url}?${asked}`);
  source.addEventListener("next", ({ data: line }) => {
    const { data, errors } = JSON.parse(line);
    if (errors) {
      fail(told(errors));
    } else {
      hear(data.events);
    }
  });
  source.addEventListener("complete", () => source.close());
  return () => source.close();
}

await tour({ ask, shown, transports: { events: follow, browser: listen } });
