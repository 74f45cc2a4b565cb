import { invalid, type Refusal } from "../../core/chain/outcome.ts";

/** Returns the refusal for names of which one cannot be that of a parameter in a region; nothing where all can. */
export function misnamed(names: readonly string[], region: string): Refusal | undefined {
  for (const name of names) {
    // Hint: AWS refuses a whole request for one of them, without saying which.
    const [, itsRegion] = /^arn:[\w-]+:ssm:([\w-]+):/.exec(name) ?? [];
    if (itsRegion && itsRegion !== region) {
      return invalid(`${name} is of another region than the store: set region to its own`);
    }
    if (!/^(arn:[\w-]+:ssm:[\w-]+:\d+:parameter)?[\w./-]+(:[\w.-]+)?$/.test(name)) {
      return invalid(`${name} is not the name of a parameter: expected letters, digits and any of . - _ /`);
    }
  }
}
