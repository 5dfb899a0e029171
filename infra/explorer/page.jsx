// GraphiQL on the interface at whose address this page was asked for, and on nothing else.
import { useMonaco } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { Kind, parse } from "graphql";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";
import "./page.css";

const HEADERS = `{
  // To be somebody, take the slashes away and put a token in.
  // "Authorization": "Bearer …"
}
`;

/** A history would keep the headers of each request, with the token that is among them. */
const NO_HISTORY = [];

/** The samples, in the order of their names. */
const samples = Object.entries(
  import.meta.glob("./samples/*.graphql", { query: "?raw", import: "default", eager: true }),
)
  .toSorted(([one], [other]) => one.localeCompare(other))
  .map(([, query]) => query);

const url = new URL(location.pathname, location.href);
const socket = new URL(url);
socket.protocol = url.protocol.replace("http", "ws");

const fetcher = createGraphiQLFetcher({
  url: url.href,
  // What stands among the headers goes with connection_init: a browser's WebSocket has none.
  subscriptionUrl: socket.href,
  enableIncrementalDelivery: false,
});

/** Ask what the editor shows: GraphiQL learns a moment late which operation a new tab has. */
function ask(params, options) {
  let documentAST;
  try {
    documentAST = parse(params.query);
  } catch {
    return fetcher(params, options); // the server says what is wrong with it
  }
  const names = documentAST.definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .map(({ name }) => name?.value);
  const known = names.includes(params.operationName);
  const operationName = known || names.length > 1 ? params.operationName : names[0];
  return fetcher({ ...params, operationName }, { ...options, documentAST });
}

/** French is full of what an editor of code takes for letters in disguise, such as ’. */
function spareApostrophes(editor) {
  editor.updateOptions({ unicodeHighlight: { ambiguousCharacters: false } });
}

function Heading({ personas }) {
  const monaco = useMonaco((state) => state.monaco);
  useEffect(() => {
    monaco?.editor.getEditors().forEach(spareApostrophes);
    const created = monaco?.editor.onDidCreateEditor(spareApostrophes);
    return () => created?.dispose();
  }, [monaco]);
  return (
    <span className="cordee">
      <a href="./">cordée</a>
      {personas && (
        <a href={personas} target="_blank" rel="noreferrer">
          Personas
        </a>
      )}
    </span>
  );
}

const place = document.getElementById("explorer");
createRoot(place).render(
  <GraphiQL
    fetcher={ask}
    defaultQuery=""
    defaultHeaders={HEADERS}
    defaultTabs={samples.map((query) => ({ query, headers: HEADERS }))}
    defaultEditorToolsVisibility="headers"
    plugins={NO_HISTORY}
    shouldPersistHeaders={false}
  >
    <GraphiQL.Logo>
      {/* The demo tells where it has somebody for each role. */}
      <Heading personas={place.dataset.personas} />
    </GraphiQL.Logo>
  </GraphiQL>,
);
