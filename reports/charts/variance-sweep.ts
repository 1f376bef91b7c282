/** The charts of a sweep: bias and variance against each numeric option that a grid has varied. */
import { acrossOf } from "./grids.ts";
import { inkFor } from "./palette.ts";
import { around, blocks, hollowMeans, points, toldFromNone, varianceOf } from "./variance-stages.ts";
import type { MeasuredRow } from "../export/variance-files.ts";

/** `gs:samples=2,temperature=0.5` → its name, and its options as text. */
function parsed(label: string): { readonly name: string; readonly options: ReadonlyMap<string, string> } {
  const [name = "", given = ""] = label.split(/:(.*)/s);
  const parts = given.split(",").filter((part) => part !== "");
  return { name, options: new Map(parts.map((part) => part.split(/=(.*)/s) as [string, string])) };
}

/** A label without one option. */
function without(label: string, option: string): string {
  const { name, options } = parsed(label);
  const rest = [...options].filter(([key]) => key !== option).map(([key, value]) => `${key}=${value}`);
  return rest.length > 0 ? `${name}:${rest.join(",")}` : name;
}

/** A row of a family that differs in one option alone, its label without it, and that option's value. */
interface Swept {
  readonly row: MeasuredRow;
  readonly at: number;
}

/** Which of a row's two labels an option belongs to. */
type Owner = "estimator" | "task";

/** The rows of the families with this option at two numbers or more. */
function sweptBy(rows: readonly MeasuredRow[], owner: Owner, option: string): Swept[] {
  const all = rows.flatMap((row): Swept[] => {
    const at = Number(parsed(row[owner]).options.get(option) ?? NaN);
    return Number.isFinite(at) ? [{ row: { ...row, [owner]: without(row[owner], option) }, at }] : [];
  });
  const alike = (a: Swept, b: Swept) => a.row.estimator === b.row.estimator && a.row.task === b.row.task;
  return all.filter((one) => all.some((other) => alike(one, other) && one.at !== other.at));
}

/** Variance and squared bias of a row, at the option's value. */
function valuesOf({ row, at }: Swept) {
  const { task, estimator } = row;
  const z = Number(row.bias.z.toFixed(2));
  const common = { task, estimator, at, z };
  const squared = row.bias.norm ** 2;
  const quantities = [
    { ...common, quantity: "variance", hollow: false, ...varianceOf(row) },
    {
      ...common,
      quantity: "squared bias",
      hollow: z < toldFromNone,
      ...around(squared, row.bias.squaredError, blocks),
    },
  ];
  return quantities.flatMap(({ value, low = null, high = null, ...rest }) => {
    if (value === null || value <= 0) return [];
    // A bar that reaches below zero has no end on a logarithmic axis.
    return [{ ...rest, value, ...(low !== null && low > 0 ? { low, high } : { low: null, high: null }) }];
  });
}

function panelOf(swept: readonly Swept[], option: string): Record<string, unknown> {
  const families = [...new Set(swept.map(({ row }) => row.estimator))];
  const color = {
    field: "estimator",
    type: "nominal",
    scale: { domain: families, range: inkFor(families).map(({ colour }) => colour) },
    legend: { labelLimit: 260 },
  };
  const across = acrossOf(swept.map(({ at }) => at));
  const y = { type: "quantitative", scale: { type: "log" }, title: "per draw", axis: { tickCount: 6 } };
  return {
    title: {
      text: `Bias and variance against ${option}`,
      subtitle: [
        "Trace of the covariance of one draw, and squared bias; protocol frozen. Bars: 95% intervals.",
        hollowMeans,
      ],
    },
    data: { values: swept.flatMap(valuesOf) },
    facet: { column: { field: "task", title: null } },
    spec: {
      width: 420,
      height: 300,
      layer: [
        { mark: "line", encoding: { strokeDash: { field: "quantity", type: "nominal" } } },
        {
          transform: [{ filter: "datum.low !== null" }],
          mark: { type: "rule", strokeWidth: 1.5 },
          encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
        },
        points(color),
      ],
      encoding: {
        x: {
          ...{ field: "at", type: "quantitative", title: option },
          scale: { type: across, nice: false, ...(across === "log" ? {} : { zero: false }) },
        },
        y: { ...y, field: "value" },
        color,
        detail: { field: "quantity" },
      },
    },
  };
}

/** A panel for each option of an estimator or a task that takes several numbers, or nothing where none does. */
export function sweepSpec(rows: readonly MeasuredRow[]): Record<string, unknown> | undefined {
  const panels = (["estimator", "task"] as const).flatMap((owner) =>
    [...new Set(rows.flatMap((row) => [...parsed(row[owner]).options.keys()]))].flatMap((option) => {
      const swept = sweptBy(rows, owner, option);
      return swept.length === 0 ? [] : [panelOf(swept, option)];
    }),
  );
  if (panels.length === 0) return undefined;
  const names = panels.map((panel) => (panel["title"] as { text: string }).text);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: names.join("; "),
    ...(panels.length === 1
      ? panels[0]
      : { vconcat: panels, resolve: { scale: { color: "independent", fill: "independent" } } }),
  };
}
