// Runs the reference audits of GraphQL over HTTP against the address that is given, and prints
// what came of each as a line of JSON: {id, name, status, reason}.
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);

// One after the other: all at once would be a test of other limits than those of HTTP.
for (const audit of serverAudits({ url })) {
  const { id, name, status, reason } = await audit.fn();
  console.log(JSON.stringify({ id, name, status, reason }));
}
