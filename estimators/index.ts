/** The registry, in the order a textbook would take them. */
import type { Estimator } from "./estimator.ts";
import exact from "./exact.ts";
import gs from "./gs.ts";
import nvil from "./nvil.ts";
import reinforce from "./reinforce.ts";
import rloo from "./rloo.ts";
import stGs from "./st-gs.ts";
import st from "./st.ts";

export const estimators: readonly Estimator[] = [exact, reinforce, nvil, rloo, st, gs, stGs];
