// What happens, from a position on.
import { graphql } from "./generated";
import type { HappeningsSubscription } from "./generated/graphql";

export const Happenings = graphql(`
  subscription Happenings($after: Position) {
    events(after: $after) {
      position
      type
      subject
      recordedAt
    }
  }
`);

export function last({ events }: HappeningsSubscription): bigint {
  return BigInt(events.position);
}
