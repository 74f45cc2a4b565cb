import { installOnce } from "../runtimes/install.ts";
import { freePorts } from "../servers/free_ports.ts";
import type { Project } from "./project.ts";

/** The versions of Next.js and of what it needs, by the name of their npm package. */
const VERSIONS = { next: "16.4.6", react: "19.3.0", "react-dom": "19.3.0" } as const;

const START_TIMEOUT_MS = 30_000;

/** A Next.js application that was built and is served by `next start`. */
export interface NextApp extends AsyncDisposable {
  /** What `next build` printed. */
  readonly built: string;
  /** Requests a path. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

/**
 * Builds the Next.js application that is in a project, and serves it on a free port.
 *
 * @param project The project, with the application's files written.
 * @param env The environment of the served application, in addition to `PATH` and `HOME`.
 * @returns The application. Disposing of it stops the server.
 * @throws {Error} If the application cannot be built or does not start.
 */
export async function startNext(project: Project, env: Readonly<Record<string, string>>): Promise<NextApp> {
  const modules = await installOnce("next", VERSIONS);
  for (const name of Object.keys(VERSIONS)) {
    Deno.symlinkSync(`${modules}/${name}`, `${project.directory}/node_modules/${name}`);
  }
  // Hint: the packages are links to the cache, which Turbopack follows only within its root.
  project.write("next.config.mjs", 'export default { turbopack: { root: "/" } };');
  const next = `${modules}/next/dist/bin/next`;
  const own = { NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", ...env };
  const { code, out, err } = await project.run("node-26", [next, "build"], own);
  if (code !== 0) throw new Error(`Cannot build the Next.js application: ${out}${err}`);
  const [port] = freePorts(1);
  const server = new Deno.Command(project.program("node-26"), {
    args: [next, "start", "--hostname", "127.0.0.1", "--port", String(port)],
    cwd: project.directory,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: project.directory, ...own },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const get: NextApp["get"] = (path, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers });
  const stop = async () => {
    server.kill("SIGTERM");
    await server.status;
  };
  try {
    await answers(get);
  } catch (error) {
    await stop();
    throw error;
  }
  return { built: out + err, get, [Symbol.asyncDispose]: stop };
}

async function answers(get: NextApp["get"]): Promise<void> {
  for (const deadline = Date.now() + START_TIMEOUT_MS;;) {
    try {
      const answer = await get("/");
      await answer.body?.cancel();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
