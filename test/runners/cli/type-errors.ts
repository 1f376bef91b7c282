/** Types of plug-ins, checked as in a project that has the package. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The errors in these files, where `estimator-bench` is this checkout. */
export function typeErrors(files: readonly string[]): string[] {
  const program = ts.createProgram({
    rootNames: [...files],
    options: {
      ...{ strict: true, noUncheckedIndexedAccess: true, noEmit: true, skipLibCheck: true },
      ...{ target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext },
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      allowImportingTsExtensions: true,
      types: [],
      paths: {
        "estimator-bench": [`${root}runners/plugins/public.ts`],
        "estimator-bench/task": [`${root}tasks/task-toolkit.ts`],
      },
    },
  });
  const own = files.flatMap((file) => program.getSourceFile(file) ?? []);
  return own
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ file, start, messageText }) => {
      const { line } = file!.getLineAndCharacterOfPosition(start!);
      const place = `${file!.fileName.slice(dirname(file!.fileName).length + 1)}:${line + 1}`;
      return `${place} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}
