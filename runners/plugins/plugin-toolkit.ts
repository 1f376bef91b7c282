/** What a plug-in gets as the argument of its default export, so that it needs no import of its own. */
import { toolkit } from "../../estimators/core/toolkit.ts";
import { taskToolkit } from "../../tasks/task-toolkit.ts";

/** The parts of estimators and of tasks. Relative paths of data begin at the plug-in's folder. */
export const toolkitIn = (folder: string) => ({ ...toolkit, ...taskToolkit(folder) });
export type Toolkit = ReturnType<typeof toolkitIn>;
