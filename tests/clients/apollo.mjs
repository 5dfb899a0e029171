// Apollo Client: HTTP for questions and commands; subscriptions over WebSocket by its own link, and
// over server-sent events by the one that the documentation of graphql-sse gives.
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache, Observable } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { print } from "graphql";
import { createClient as createEventsClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import { EVENTS, given, patience, stubborn, told, tour } from "./tour.mjs";

const authorized = { Authorization: `Bearer ${given.token}` };

class EventsLink extends ApolloLink {
  constructor(options) {
    super();
    this.client = createEventsClient(options);
  }
  request(operation) {
    return new Observable((sink) =>
      this.client.subscribe({ ...operation, query: print(operation.query) }, sink),
    );
  }
}

// Without it, Apollo does not know that a refusal of any kind is a Refusal, and hides its fields.
async function possibleTypes() {
  const query = "{ __schema { types { name possibleTypes { name } } } }";
  const { data } = await (
    await fetch(given.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
    })
  ).json();
  const several = data.__schema.types.filter((type) => type.possibleTypes);
  return Object.fromEntries(
    several.map((type) => [type.name, type.possibleTypes.map(({ name }) => name)]),
  );
}

const cached = { possibleTypes: await possibleTypes() };
const over = (link) => new ApolloClient({ link, cache: new InMemoryCache(cached) });
const http = over(new HttpLink({ uri: given.url }));
const sockets = createSocketClient({
  url: given.socket,
  connectionParams: authorized,
  ...stubborn,
});
const socket = over(new GraphQLWsLink(sockets));

async function ask(query, variables, token) {
  const context = { headers: { authorization: `Bearer ${token}` } };
  const document = gql(query);
  const asked =
    document.definitions[0].operation === "mutation"
      ? http.mutate({ mutation: document, variables, context })
      : http.query({ query: document, variables, context, fetchPolicy: "network-only" });
  return (await asked).data;
}

function shown(error) {
  if (!CombinedGraphQLErrors.is(error)) {
    throw error;
  }
  return told(error.errors);
}

function listen(client, after, hear, fail) {
  const subscription = client
    .subscribe({ query: gql(EVENTS), variables: { after } })
    .subscribe(({ data, error }) => (error ? fail(shown(error)) : hear(data.events)));
  return () => subscription.unsubscribe();
}

// What begins again by itself begins where it began: what was heard before is left out.
function once(after, hear) {
  let last = BigInt(after);
  return (event) => {
    if (BigInt(event.position) > last) {
      last = BigInt(event.position);
      hear(event);
    }
  };
}

await tour({
  ask,
  shown,
  transports: {
    websocket: (after, hear, fail) => listen(socket, after, once(after, hear), fail),
    events: (after, hear, fail) => {
      const seen = {};
      const headers = () => ({ ...authorized, ...(seen.last && { "last-event-id": seen.last }) });
      const link = new EventsLink({ url: given.url, headers, retryAttempts: 100, retry: patience });
      const heard = (event) => {
        seen.last = event.position;
        hear(event);
      };
      return listen(over(link), after, heard, fail);
    },
  },
});
