/** For `node --import`: tests run what the build would make of the checkout, in their own process and in their children's. */
import Module, { register } from "node:module";
import { compiledRooms } from "./compile.mjs";

register("./hooks.mjs", import.meta.url, { data: compiledRooms() });

// What is forked is compiled already, and needs no loader.
process.execArgv = [];

// Lines of tests are mapped; the maps of packages are megabytes that take longer to read than their packages.
const required = Module._extensions[".js"];
process.setSourceMapsEnabled(true);
Module._extensions[".js"] = (...given) => {
  process.setSourceMapsEnabled(false);
  try {
    required(...given);
  } finally {
    process.setSourceMapsEnabled(true);
  }
};
