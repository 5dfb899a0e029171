// A command, and what becomes of it.
import { graphql } from "relay-runtime";
import type {
  registrationMutation$data,
  registrationMutation$variables,
} from "./__generated__/registrationMutation.graphql";

export const register = graphql`
  mutation registrationMutation($input: RegisterOrganisationInput!) {
    registerOrganisation(input: $input) {
      __typename
      ... on RegisterOrganisationSuccess {
        position
        organisation {
          id
          name
        }
      }
      ... on Refusal {
        code
        message
        path
      }
    }
  }
`;

export const union: registrationMutation$variables = {
  input: { name: "Une union", kind: "UNION", commandId: "0190c3a8-4c2b-7f6e-8a49-3f1d0b6c2e11" },
};

export function told({ registerOrganisation: answer }: registrationMutation$data): string {
  return answer.organisation
    ? `${answer.organisation.id} at ${answer.position}`
    : `${answer.code}: ${answer.message}`;
}
