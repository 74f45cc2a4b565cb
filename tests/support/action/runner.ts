import { parse } from "npm:yaml@^2.9.1";
import { root } from "../closed_network/root.ts";

/** Where the action is. */
export const ACTION: string = `${root}.github/actions/check`;

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly {
      readonly shell: string;
      readonly run: string;
      readonly "working-directory": string;
      readonly env: Readonly<Record<string, string>>;
    }[];
  };
}

/** What a job does with the action. */
export interface ActionRun {
  /** The directory that the job has checked out. */
  readonly workspace: string;
  /** What `with` has. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** What `env` has, and `PATH`. */
  readonly env: Readonly<Record<string, string>>;
}

/** The result of the action's steps. */
export interface ActionResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The summary of the job. */
  readonly summary: string;
}

/** Reads the action's file. */
export function readAction(): ActionFile {
  return parse(Deno.readTextFileSync(`${ACTION}/action.yml`), { prettyErrors: true });
}

/** Runs the steps of the action, as a runner of GitHub runs those of a composite action. */
export async function runAction({ workspace, inputs = {}, env }: ActionRun): Promise<ActionResult> {
  const { inputs: declared, runs } = readAction();
  const values = Object.entries(declared).map((
    [name, { default: value }],
  ) => [`inputs.${name}`, inputs[name] ?? value]);
  const context: Readonly<Record<string, string>> = Object.fromEntries([...values, ["github.action_path", ACTION]]);
  const evaluated = (text: string) =>
    text.replaceAll(/\$\{\{ *([\w.-]+) *\}\}/g, (_, name: string) => {
      if (context[name] === undefined) throw new Error(`Unknown expression: ${name}`);
      return context[name];
    });
  const temporary = Deno.makeTempDirSync();
  const summary = `${temporary}/summary.md`;
  const decoder = new TextDecoder();
  const results: ActionResult[] = [];
  try {
    Deno.writeTextFileSync(summary, "");
    for (const step of runs.steps) {
      Deno.writeTextFileSync(`${temporary}/step.sh`, evaluated(step.run));
      const { code, stdout, stderr } = await new Deno.Command("bash", {
        args: ["--noprofile", "--norc", "-eo", "pipefail", `${temporary}/step.sh`],
        cwd: `${workspace}/${evaluated(step["working-directory"])}`,
        env: {
          ...env,
          ...Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, evaluated(value)])),
          GITHUB_ACTIONS: "true",
          RUNNER_TEMP: temporary,
          GITHUB_WORKSPACE: workspace,
          GITHUB_STEP_SUMMARY: summary,
        },
        clearEnv: true,
        stdin: "null",
      }).output();
      results.push({
        code,
        out: decoder.decode(stdout),
        err: decoder.decode(stderr),
        summary: Deno.readTextFileSync(summary),
      });
      if (code !== 0) break;
    }
    return results.at(-1)!;
  } finally {
    Deno.removeSync(temporary, { recursive: true });
  }
}

/** A workflow command that a runner finds in the output of a step. */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

const unescaped = (text: string) =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%3A", ":").replaceAll("%2C", ",")
    .replaceAll("%25", "%");

/** Reads output as the runner does: a line that begins with `::`, unless commands are stopped. */
export function commandsIn(output: string): readonly WorkflowCommand[] {
  let token: string | undefined;
  const found: WorkflowCommand[] = [];
  for (const line of output.split(/\r\n|\n|\r/)) {
    const [, name = "", properties = "", message = ""] = /^\s*::([^\s:]+)(?: ([^:]*))?::(.*)$/.exec(line) ?? [];
    if (name === token) token = undefined;
    else if (name === "stop-commands" && token === undefined) token = message;
    else if (name !== "" && token === undefined) {
      const entries = properties.split(",").filter((each) => each !== "").map((each) => {
        const at = each.indexOf("=");
        return [each.slice(0, at), unescaped(each.slice(at + 1))];
      });
      found.push({ name, properties: Object.fromEntries(entries), message: unescaped(message) });
    }
  }
  return found;
}
