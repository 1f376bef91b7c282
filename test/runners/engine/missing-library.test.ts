import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needing } from "../../require.ts";
import { missingLibrary } from "../../../runners/engine/onnx/missing-library.ts";

needing("Linux", process.platform === "linux")(
  "a package without the CUDA provider is told from one whose provider is there",
  (t) => {
    const folder = mkdtempSync(join(tmpdir(), "bench-onnxruntime-"));
    t.regex(missingLibrary(folder)!, /^the npm package .+ leaves out libonnxruntime_providers_cuda\.so; /);
    const libraries = join(folder, "bin/napi-v6/linux", process.arch);
    mkdirSync(libraries, { recursive: true });
    // Not a library, but present: nothing that it needs is missing.
    writeFileSync(join(libraries, "libonnxruntime_providers_cuda.so"), "");
    t.is(missingLibrary(folder), undefined);
  },
);
