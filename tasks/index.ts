/** The registry of tasks. */
import bern2 from "./bern2.ts";
import cat10 from "./cat10.ts";
import type { TaskDefinition } from "./task.ts";

export const tasks: readonly TaskDefinition[] = [bern2, cat10];
