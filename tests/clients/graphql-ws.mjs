// graphql-ws: every operation over one WebSocket.
import { createClient } from "graphql-ws";
import { EVENTS, given, stubborn, told, tour } from "./tour.mjs";

const connect = (token) =>
  createClient({
    url: given.socket,
    connectionParams: { Authorization: `Bearer ${token}` },
    ...stubborn,
  });
const client = connect(given.token);

async function ask(query, variables, token) {
  const asked = token === given.token ? client : connect(token);
  const { value } = await asked.iterate({ query, variables }).next();
  return value.data;
}

// A list is an `error` message, an event is how the connection was closed.
const shown = (error) =>
  Array.isArray(error) ? told(error) : { closed: error.code, reason: error.reason };

function follow(after, hear, fail) {
  // What is begun again is sent as it then stands: on after the last position that was heard.
  const variables = { after };
  return client.subscribe(
    { query: EVENTS, variables },
    {
      next: ({ data }) => {
        variables.after = data.events.position;
        hear(data.events);
      },
      error: (error) => fail(shown(error)),
      complete: () => {},
    },
  );
}

await tour({ ask, shown, transports: { websocket: follow } });
