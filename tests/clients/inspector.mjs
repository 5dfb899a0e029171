// Compares two schemas, the files that are given, and prints each change that would break
// somebody's operations as a line of JSON: {path, message}. What was deprecated may go once the day
// is past that its reason names ("Remove after 2027-06-30"); today is the third argument.
import { readFileSync } from "node:fs";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

const [old, young, today] = process.argv.slice(2);
const [before, after] = [old, young].map((file) => buildSchema(readFileSync(file, "utf8")));

function reason(path) {
  const [typeName, name, argument] = path.split(".");
  const type = before.getType(typeName);
  const part = type?.getFields?.()[name] ?? type?.getValue?.(name);
  const meant = argument === undefined ? part : part?.args?.find((each) => each.name === argument);
  return meant?.deprecationReason ?? "";
}

function isDue({ type, path }) {
  const day = /Remove after (\d{4}-\d{2}-\d{2})/.exec(reason(path))?.[1];
  return type.endsWith("_REMOVED") && day !== undefined && day < today;
}

for (const change of await diff(before, after)) {
  if (change.criticality.level === CriticalityLevel.Breaking && !isDue(change)) {
    console.log(JSON.stringify({ path: change.path, message: change.message }));
  }
}
