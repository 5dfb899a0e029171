// A list that is paged, whose items say by fragments what they need.
import { graphql, readInlineData } from "relay-runtime";
import type { cohortsPageQuery } from "./__generated__/cohortsPageQuery.graphql";
import type { cohorts_name$key } from "./__generated__/cohorts_name.graphql";

export const page = graphql`
  query cohortsPageQuery($first: Int = 20, $after: String) {
    ...cohorts_list @arguments(count: $first, cursor: $after)
  }
`;

export const list = graphql`
  fragment cohorts_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "cohortsNextQuery") {
    cohorts(first: $count, after: $cursor, orderBy: { name: ASC })
      @connection(key: "cohorts_list_cohorts") {
      edges {
        node {
          id
          ...cohorts_name
          ...cohorts_sessions
        }
      }
    }
  }
`;

const name = graphql`
  fragment cohorts_name on Cohort @inline {
    name
    edition
    launchedCohorts(first: 5) {
      nodes {
        name
      }
    }
  }
`;

export const sessions = graphql`
  fragment cohorts_sessions on Cohort @refetchable(queryName: "cohortsSessionsQuery") {
    sessions {
      number
      town
      startsOn
    }
  }
`;

export const first: cohortsPageQuery["variables"] = { first: 10 };

export function titled(cohort: cohorts_name$key): string {
  const { name: called, edition, launchedCohorts } = readInlineData(name, cohort);
  const launched = launchedCohorts.nodes.map((each) => each.name);
  return [called, edition, ...launched].join(", ");
}
