// A list that is paged, whose items say by fragments what they need.
import { graphql, useFragment } from "./generated";
import type { CohortsQuery } from "./generated/graphql";

export const Name = graphql(`
  fragment Name on Cohort {
    name
    edition
    launchedCohorts(first: 5) {
      nodes {
        name
      }
    }
  }
`);

export const Cohorts = graphql(`
  query Cohorts($first: Int = 20, $after: String) {
    cohorts(first: $first, after: $after, orderBy: { name: ASC }) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          id
          ...Name
        }
      }
    }
  }
`);

export function titles({ cohorts }: CohortsQuery): string[] {
  return cohorts.edges.map(({ node }) => {
    const { name, edition, launchedCohorts } = useFragment(Name, node);
    return [name, edition, ...launchedCohorts.nodes.map((each) => each.name)].join(", ");
  });
}
