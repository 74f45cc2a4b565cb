/**
 * Installs the runtimes and builds the package for the tests, unless an earlier run did.
 *
 * @module
 */
import { installedPackage } from "../support/packaging/built_package.ts";
import { announced } from "../support/progress.ts";
import { installRuntimes, versions } from "../support/runtimes/install.ts";

const names = Object.keys(versions).join(", ");
await announced("Runtimes", `installing ${names} with npm where they are not there`, installRuntimes);
await announced("Package", "building it once for all tests where a source changed", installedPackage);
