/** For `node --import`: tests and the processes that they start run the checkout as the build compiles it. */
import Module, { register } from "node:module";
import { compiledSources } from "./compile.mjs";

register("./hooks.mjs", import.meta.url, { data: await compiledSources() });

// A forked process runs compiled files, and needs no loader.
process.execArgv = [];

// Only lines of tests are mapped: the source maps of packages take longer to read than the packages themselves.
const loadRequired = Module._extensions[".js"];
process.setSourceMapsEnabled(true);
Module._extensions[".js"] = (...given) => {
  process.setSourceMapsEnabled(false);
  try {
    loadRequired(...given);
  } finally {
    process.setSourceMapsEnabled(true);
  }
};
