/**
 * The checks for every runtime: Deno, Bun, Node, workerd and the Vercel edge runtime. They use only what all of these
 * have: no API of one runtime, and no file.
 *
 * @module
 */
import { awsChecks } from "./checks/aws.ts";
import { bindingChecks } from "./checks/bindings.ts";
import { bootstrapChecks } from "./checks/bootstrap.ts";
import { callerChecks } from "./checks/callers.ts";
import { chainChecks } from "./checks/chain.ts";
import { emulatedProcessChecks } from "./checks/emulated_process.ts";
import { heldChecks } from "./checks/held.ts";
import { machineIdentityChecks } from "./checks/machine_identity.ts";
import { oauth2GrantChecks } from "./checks/oauth2_grants.ts";
import { outcomeChecks } from "./checks/outcomes.ts";
import { redactionChecks } from "./checks/redaction.ts";
import { requestChecks } from "./checks/requests.ts";
import { routeChecks } from "./checks/route.ts";
import { schemaChecks } from "./checks/schemas.ts";
import { signingKeyChecks } from "./checks/signing_keys.ts";
import { telemetryChecks } from "./checks/telemetry.ts";
import { textChecks } from "./checks/texts.ts";
import { tokenChecks } from "./checks/tokens.ts";
import { vaultChecks } from "./checks/vault.ts";
import { withoutFilesChecks } from "./checks/without_files.ts";
import { withoutProgramsChecks } from "./checks/without_programs.ts";
import type { Checks } from "./table.ts";

/** The checks, by name: what a user would lose. */
export const checks: Checks = {
  ...chainChecks,
  ...outcomeChecks,
  ...textChecks,
  ...heldChecks,
  ...callerChecks,
  ...tokenChecks,
  ...signingKeyChecks,
  ...oauth2GrantChecks,
  ...vaultChecks,
  ...awsChecks,
  ...machineIdentityChecks,
  ...requestChecks,
  ...bindingChecks,
  ...schemaChecks,
  ...withoutFilesChecks,
  ...withoutProgramsChecks,
  ...emulatedProcessChecks,
  ...redactionChecks,
  ...routeChecks,
  ...bootstrapChecks,
  ...telemetryChecks,
};
