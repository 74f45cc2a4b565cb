import { invalid, type Refusal } from "../../core/chain/outcome.ts";
import type { ServiceName } from "./server.ts";

/** Reports the names that cannot exist in a region, as far as the chain itself tells. */
export function checkNames(
  names: readonly string[],
  service: ServiceName,
  region: unknown,
  complain: (path: string, problem: string) => void,
): void {
  for (const name of names) {
    const isElsewhere = typeof region === "string" && isOfAnother(region, name, service);
    const problem = isElsewhere ? elsewhere(name) : service === "ssm" ? noParameter(name) : noSecret(name);
    if (problem) complain("", problem);
  }
}

// Hint: a variable may give the region, which is known only now.
/** Returns the refusal for the first name that belongs to a region other than the store's, if any. */
export function misplaced(names: readonly string[], service: ServiceName, region: string): Refusal | undefined {
  const name = names.find((each) => isOfAnother(region, each, service));
  return name === undefined ? undefined : invalid(elsewhere(name));
}

function isOfAnother(region: string, name: string, service: ServiceName): boolean {
  const [, itsService, itsRegion] = /^arn:[\w-]+:(\w+):([\w-]+):/.exec(name) ?? [];
  return itsService === service && itsRegion !== region;
}

function elsewhere(name: string): string {
  return `${name} is of another region than the store: set region to its own`;
}

function noParameter(name: string): string | undefined {
  // Hint: AWS refuses a whole request for one wrong name without saying which, and every path begins with a /.
  if (/^(arn:[\w-]+:ssm:[\w-]+:\d+:parameter)?(\/[\w./-]+|[\w.-]+)(:[\w.-]+)?$/.test(name)) return;
  return `${name} is not the name of a parameter: expected letters, digits and any of . - _, or a path of them after a /`;
}

function noSecret(name: string): string | undefined {
  // Hint: AWS refuses such a name without saying why, and emulators say that there is no such secret.
  if (/^(arn:[\w-]+:secretsmanager:[\w-]+:\d+:secret:)?[\w/+=.@!-]+$/.test(name)) return;
  return `${name} is not the name of a secret or its ARN: expected letters, digits and any of / _ + = . @ ! -`;
}
