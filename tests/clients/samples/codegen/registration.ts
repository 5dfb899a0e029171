// A command, with a refusal that has a case of its own.
import { graphql } from "./generated";
import type { RegisterMutation, RegisterMutationVariables } from "./generated/graphql";

export const Register = graphql(`
  mutation Register($input: RegisterOrganisationInput!) {
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
`);

export const union: RegisterMutationVariables = {
  input: { name: "Une union", kind: "UNION", commandId: "0190c3a8-4c2b-7f6e-8a49-3f1d0b6c2e11" },
};

export function told({ registerOrganisation: answer }: RegisterMutation): string {
  switch (answer.__typename) {
    case "RegisterOrganisationSuccess":
      return `${answer.organisation?.id} at ${answer.position}`;
    case "SirenTaken":
      return answer.message;
    default:
      return `${answer.code}: ${answer.message}`;
  }
}
