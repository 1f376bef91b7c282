/** Estimators at the stages of a bank: against its reference on one batch, and over several batches as in a run. */
import type { GradientRow } from "../../reports/format/records.ts";
import { readStage, type Bank } from "./bank-files.ts";
import { settle } from "./make-bank.ts";
import {
  measureAlong,
  type Place,
  type Setting,
  type Subject,
  type VarianceRow,
} from "./fixed-parameters.ts";

/** As the protocol wants it: 8 fixed batches × 32 draws. */
const over = { batches: 8, draws: 32 };

/** A row a stage and estimator, stage by stage. */
export async function measureStages(
  { folder, bank }: { readonly folder: string; readonly bank: Bank },
  setting: Setting,
  subjects: readonly Subject[],
  say: (message: string) => void,
): Promise<VarianceRow[]> {
  const stages = bank.stages.map((kept) => ({ ...kept, snapshot: readStage(folder, kept) }));
  const rows: VarianceRow[] = [];
  for (const subject of subjects) {
    say(`${bank.taskLabel}: ${subject.label}`);
    const settled: number[] = [];
    const places: Place[] = [];
    for (const { snapshot } of stages) {
      const { reference, ...at } = snapshot;
      const { steps, ...own } = await settle(setting, subject, at);
      settled.push(steps);
      places.push({ setting: { ...setting, at: { ...at, ...own } }, reference, over });
    }
    const measured = await measureAlong(places, subject);
    measured.forEach((row, k) => rows.push({ ...row, stage: stages[k]!.stage, settled: settled[k]! }));
  }
  return rows.sort((a, b) => a.step - b.step);
}

const finite = (x: number) => (Number.isFinite(x) ? x : null);

/** The row as a run stores it. One that estimates another objective has no bias against this one's gradient. */
export function gradientRow(row: VarianceRow, { claims }: Subject["estimator"], bank: Bank): GradientRow {
  const stage = bank.stages.find(({ step }) => step === row.step)!;
  const { values, notFinite, ...counts } = row.batches!;
  const against = {
    bias: finite(row.bias.norm),
    biasRelative: finite(row.bias.relative),
    biasZ: finite(row.bias.z),
    biasDraws: row.draws,
    cosine: row.cosine,
    reference: row.reference,
    referenceError: row.referenceError,
  };
  return {
    ...{ step: stage.step, forward: stage.forward, backward: stage.backward, seconds: stage.seconds },
    ...{ protocol: "shared", stage: stage.stage, along: bank.trained },
    ...counts,
    ...values,
    ...(claims.objective === "multi-sample" ? {} : against),
    notFinite: notFinite + row.notFinite,
  };
}
