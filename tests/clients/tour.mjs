// What each client is asked to do, and what it tells of it: lines of JSON, {what, told}.
//
// A client is `ask(query, variables, token)`, which gives data or raises what the client raises;
// `shown(error)`, which says in plain words what was raised; and transports, each of them
// `follow(after, hear, fail)`: it calls `hear` with each event beyond a position, goes on by itself
// where the connection is lost, calls `fail` with what is shown of any other end, and gives a
// function that ends it.
import { once } from "node:events";
import { createInterface } from "node:readline";

export const given = JSON.parse(process.argv[2]);

export const EVENTS =
  "subscription Happened($after: Position) { events(after: $after) { position type } }";

export const patience = () => new Promise((resolve) => setTimeout(resolve, 200));

/** How graphql-ws comes back whatever happened: where nobody listens, it would give up at once. */
export const stubborn = { retryAttempts: 100, retryWait: patience, shouldRetry: () => true };

/** What was wrong, of errors as GraphQL has them. */
export const told = (errors) => ({
  messages: errors.map(({ message }) => message),
  codes: errors.map(({ extensions }) => extensions?.code),
});

const NOWHERE = "-1";
const COHORTS = "query Cohorts { cohorts(first: 2) { totalCount nodes { id name } } }";
const REGISTER = `
  mutation Register($input: RegisterOrganisationInput!) {
    registerOrganisation(input: $input) {
      __typename
      ... on RegisterOrganisationSuccess { position organisation { id name } }
      ... on Refusal { code message path }
    }
  }`;
const NAMES = Array.from({ length: 31 }, (_, number) => `name${number}: name`).join(" ");
const ALIASES = `query Names { cohorts(first: 1) { nodes { id ${NAMES} } } }`;

const tell = (what, told) => console.log(JSON.stringify({ what, told }));

export async function tour({ ask, shown, transports }) {
  const register = (name, commandId) =>
    ask(REGISTER, { input: { name, kind: "UNION", siren: given.siren, commandId } }, given.token);
  const raised = (...asked) => ask(...asked).then(JSON.stringify, shown);

  tell("query", await ask(COHORTS, {}, given.token));
  const commandId = crypto.randomUUID();
  tell("done", await register("Une union", commandId));
  tell("repeated", await register("Une union", commandId));
  tell("refused", await register("Une autre union", crypto.randomUUID()));
  tell("invalid", await raised("{ nothing }", {}, given.token));
  tell("limited", await raised(ALIASES, {}, given.token));
  tell("unproven", await raised(COHORTS, {}, "nonsense"));

  const following = Object.entries(transports).map(async ([name, follow]) => {
    tell(`${name} astray`, await new Promise((fail) => follow(NOWHERE, () => {}, fail)));
    tell(`${name} heard`, await first(3, follow, "0"));
    tell(`${name} resumed`, await first(3, follow, "3"));
    const { until } = listening(follow, given.near);
    await until(({ length }) => length > 0);
    return { name, until };
  });
  const listeners = await Promise.all(following);

  tell("listening", null);
  // By then the server has gone, come back, and recorded something more, up to this position.
  const [last] = await once(createInterface({ input: process.stdin }), "line");
  for (const { name, until } of listeners) {
    tell(`${name} heard on`, await until((heard) => heard.includes(last)));
  }
  process.exit(0);
}

function listening(follow, after) {
  const heard = [];
  let noticed = () => {};
  const hear = ({ position }) => {
    heard.push(position);
    noticed();
  };
  const stop = follow(after, hear, console.error);
  const until = (enough) =>
    new Promise((resolve) => {
      noticed = () => enough(heard) && resolve(heard);
      noticed();
    });
  return { until, stop };
}

async function first(count, follow, after) {
  const { until, stop } = listening(follow, after);
  const heard = await until(({ length }) => length >= count);
  stop();
  return heard.slice(0, count);
}
