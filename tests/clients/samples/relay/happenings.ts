// What happens, from a position on.
import { graphql } from "relay-runtime";
import type { happeningsSubscription } from "./__generated__/happeningsSubscription.graphql";

export const happenings = graphql`
  subscription happeningsSubscription($after: Position) {
    events(after: $after) {
      position
      type
      subject
      recordedAt
    }
  }
`;

export function last(heard: happeningsSubscription["response"]): bigint {
  return BigInt(heard.events.position);
}
