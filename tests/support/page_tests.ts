/**
 * What runs or reads each block of a page that `deno test --doc` and `pages_test.ts` do not run: its page, the title that
 * it stands below, its language, and the file. A row is for one block, so two blocks below one title have two rows.
 */
export const PAGE_TESTS: readonly (readonly [page: string, title: string, info: string, file: string])[] = [
  [".github/CONTRIBUTING.md", "Set-up", "sh", "tests/page_commands_test.ts"],
  [".github/CONTRIBUTING.md", "Add a command", "ts ignore", "tests/contributing_test.ts"],
  ["README.md", "@alphaswarm/credentials", "sh", "tests/page_commands_test.ts"],
  ["README.md", "@alphaswarm/credentials", "json", "tests/packaging/library_test.ts"],
  ["README.md", "Two commands", "sh", "tests/page_commands_test.ts"],
  ["src/cli/README.md", "The command line", "ts ignore", "tests/packaging/examples_test.ts"],
  ["src/cli/README.md", "`describe`", "sh", "tests/cli/readme_test.ts"],
  ["src/cli/README.md", "`explain`", "text", "tests/cli/needs_test.ts"],
  ["src/cli/README.md", "`persist`", "sh", "tests/cli/readme_test.ts"],
  ["src/clients/README.md", "PostgreSQL", "ts ignore", "tests/slow/clients_readme_test.ts"],
  ["src/clients/README.md", "Redis with `ioredis`", "ts ignore", "tests/slow/clients_readme_test.ts"],
  ["src/clients/README.md", "Redis with `redis`", "ts ignore", "tests/slow/clients_readme_test.ts"],
  ["src/clients/README.md", "MySQL and MariaDB with `mysql2`", "ts ignore", "tests/slow/clients_readme_test.ts"],
  ["src/clients/README.md", "Kafka with `kafkajs`", "ts ignore", "tests/slow/clients_readme_test.ts"],
  ["src/clients/README.md", "Who gives the S3 keys", "sh", "tests/cli/readme_test.ts"],
  ["src/core/README.md", "A chain", "text", "tests/core/readme_test.ts"],
  ["src/core/README.md", "Bun", "ts ignore", "tests/packaging/examples_test.ts"],
  ["src/core/README.md", "Proxies and own certificate authorities", "ts ignore", "tests/core/readme_test.ts"],
  ["src/otel/README.md", "Set-up", "sh", "tests/otel/runtimes_test.ts"],
  ["src/otel/README.md", "Set-up", "sh", "tests/otel/runtimes_test.ts"],
  ["src/otel/README.md", "Set-up", "ts ignore", "tests/otel/runtimes_test.ts"],
  ["src/otel/README.md", "Alerts", "yaml", "tests/otel/readme_test.ts"],
  ["src/route/README.md", "Paths", "json", "tests/route/ready_test.ts"],
  ["src/route/README.md", "Kubernetes", "yaml", "tests/support/route/kubelet.ts"],
  ["src/stores/aws/README.md", "IAM policy", "json", "tests/stores/aws/readme_test.ts"],
  ["src/stores/identity/README.md", "`githubActions`", "yaml", "tests/stores/identity/readme_test.ts"],
  ["src/stores/identity/README.md", "A job, at Vault or OpenBao", "sh", "tests/slow/identity_readme_test.ts"],
  ["src/stores/identity/README.md", "A pod, at Keycloak", "sh", "tests/slow/identity_keycloak_test.ts"],
  ["src/stores/identity/README.md", "A pod, at Keycloak", "yaml", "tests/stores/identity/readme_test.ts"],
  ["src/stores/identity/README.md", "What happens when", "text", "tests/stores/identity/readme_test.ts"],
  ["src/stores/vault/README.md", "A document, by AppRole", "sh", "tests/slow/vault_readme_test.ts"],
  ["src/stores/vault/README.md", "A user of a database", "sql", "tests/slow/vault_readme_test.ts"],
  ["src/stores/vault/README.md", "A user of a database", "sh", "tests/slow/vault_readme_test.ts"],
  ["src/stores/vault/README.md", "With a token of Kubernetes", "yaml", "tests/stores/vault/readme_test.ts"],
  ["src/stores/vault/README.md", "With a token of Kubernetes", "sh", "tests/slow/vault_readme_test.ts"],
  ["src/stores/vault/README.md", "With a token of Kubernetes", "sh", "tests/slow/vault_readme_test.ts"],
  ["src/stores/vault/README.md", "Minting into KV", "sh", "tests/slow/vault_readme_test.ts"],
  ["src/testing/README.md", "What `conformance` checks", "ts ignore", "tests/testing/readme_test.ts"],
  ["tests/README.md", "Scenes of a fleet", "sh", "tests/page_commands_test.ts"],
];

/** The pages whose `text` blocks may be drawings. */
export const DRAWN: readonly string[] = [".github/ARCHITECTURE.md"];
