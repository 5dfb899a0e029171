// urql: HTTP for questions and commands; subscriptions over WebSocket by graphql-ws, and over
// server-sent events by its own fetch.
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { EVENTS, given, patience, stubborn, told, tour } from "./tour.mjs";

const headers = (token) => ({ headers: { authorization: `Bearer ${token}` } });
const http = new Client({
  url: given.url,
  fetchSubscriptions: true,
  fetchOptions: headers(given.token),
  exchanges: [fetchExchange],
});

const sockets = createClient({
  url: given.socket,
  connectionParams: { Authorization: `Bearer ${given.token}` },
  ...stubborn,
});
const socket = new Client({
  url: given.url,
  exchanges: [
    subscriptionExchange({
      forwardSubscription: (operation) => ({
        subscribe: (sink) => ({ unsubscribe: sockets.subscribe(operation, sink) }),
      }),
    }),
  ],
});

async function ask(query, variables, token) {
  const send = query.trimStart().startsWith("mutation") ? http.mutation : http.query;
  const asked = send.call(http, query, variables, { fetchOptions: headers(token) });
  const { data, error } = await asked.toPromise();
  if (error) {
    throw error;
  }
  return data;
}

const shown = ({ graphQLErrors, networkError, response }) => ({
  ...told(graphQLErrors),
  ...(networkError && { network: networkError.message }),
  status: response?.status,
});

// A subscription that ends because the server went away is begun again by whoever wants it, on
// after the last position that was heard.
function over(client) {
  return (after, hear, fail) => {
    let last = BigInt(after);
    let subscription;
    const begin = () => {
      const asked = client.subscription(EVENTS, { after: String(last) });
      subscription = asked.subscribe(({ data, error }) => {
        if (error?.graphQLErrors.length) {
          fail(shown(error));
        } else if (error) {
          patience().then(begin);
        } else if (BigInt(data.events.position) > last) {
          last = BigInt(data.events.position);
          hear(data.events);
        }
      });
    };
    begin();
    // Not while it is telling: urql's fetch then leaves a rejection behind that nobody handles.
    return () => setTimeout(() => subscription.unsubscribe());
  };
}

await tour({ ask, shown, transports: { websocket: over(socket), events: over(http) } });
