import { invalid, type Refusal } from "../../core/chain/outcome.ts";
import type { ServiceName } from "./server.ts";

/** Returns the refusal for names of which one cannot be that of a thing in a region; nothing where all can. */
export function misnamed(names: readonly string[], service: ServiceName, region: string): Refusal | undefined {
  for (const name of names) {
    const [, itsService, itsRegion] = /^arn:[\w-]+:(\w+):([\w-]+):/.exec(name) ?? [];
    if (itsService === service && itsRegion !== region) {
      return invalid(`${name} is of another region than the store: set region to its own`);
    }
    const refusal = service === "ssm" ? noParameter(name) : noSecret(name);
    if (refusal) return refusal;
  }
}

function noParameter(name: string): Refusal | undefined {
  // Hint: AWS refuses a whole request for one of them, without saying which.
  if (/^(arn:[\w-]+:ssm:[\w-]+:\d+:parameter)?[\w./-]+(:[\w.-]+)?$/.test(name)) return;
  return invalid(`${name} is not the name of a parameter: expected letters, digits and any of . - _ /`);
}

function noSecret(name: string): Refusal | undefined {
  // Hint: AWS refuses such a name without saying why, and emulators say that there is no such secret.
  if (/^(arn:[\w-]+:secretsmanager:[\w-]+:\d+:secret:)?[\w/+=.@!-]+$/.test(name)) return;
  return invalid(
    `${name} is not the name of a secret or its ARN: expected letters, digits and any of / _ + = . @ ! -`,
  );
}
