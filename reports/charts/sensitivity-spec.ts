/** The Vega-Lite specification of a result against an option's values, or against the number of trials. */
import type { ChartView, SensitivityPanel } from "./panels.ts";
import { axisTicks, bottomLegend, framed, freeScale, intervalBars, nominalChannel } from "./vega-spec.ts";
import { tooltipInterval, tooltipNumber, type Specification } from "./vega-spec.ts";

function horizontal({ x, xScale, wholeX }: SensitivityPanel): Specification {
  const channel = { field: "x", title: x };
  if (xScale === "ordinal")
    return { ...channel, type: "ordinal", sort: null, axis: { labelAngle: 0, labelOverlap: true } };
  return {
    ...{ ...channel, type: "quantitative", scale: { ...freeScale(xScale), nice: false, padding: 12 } },
    axis: { ...axisTicks, format: ".3~g", ...(wholeX && { tickMinStep: 1 }) },
  };
}

/** Means joined by lines, with their intervals. A family disappears when all of its estimators are hidden. */
export function sensitivitySpec(panel: SensitivityPanel, view: ChartView): Specification {
  const families = panel.families.filter(({ members }) => members.some((one) => !view.hidden.includes(one)));
  const labels = families.map(({ label }) => label);
  const points = panel.points.filter(({ family }) => labels.includes(family));
  const legend = bottomLegend(labels, view.textWidth);
  const channel = (range: unknown[]) => ({ ...nominalChannel("family", labels, range), legend });
  const color = channel(families.map(({ colour }) => colour));
  const strokeDash = channel(families.map(({ dash }) => dash));
  const log = view.yScale === "log";
  const x = horizontal(panel);
  const y = {
    type: "quantitative",
    scale: log ? { type: "log", nice: false, padding: 12 } : { zero: false, nice: true },
    axis: { ...axisTicks, ...(log && { format: ".4~g" }) },
    title: panel.y,
  };
  const mean = { x, y: { field: "mean", ...y }, color };
  const layers: Specification[] = [
    { mark: { type: "line", strokeWidth: 2 }, encoding: { ...mean, strokeDash } },
    // Vega warns of the axes of a layer without rows.
    ...(points.some(({ low }) => low !== null) ? [intervalBars(y, { x, color })] : []),
    {
      mark: { type: "point", filled: true, size: 50, opacity: 1 },
      encoding: {
        ...mean,
        tooltip: [
          { field: "family", title: "estimator", type: "nominal" },
          { field: "x", title: panel.x, type: panel.xScale === "ordinal" ? "nominal" : "quantitative" },
          ...tooltipInterval(".6~g"),
          tooltipNumber("seeds", "seeds (n)", "d"),
        ],
      },
    },
  ];
  return framed(panel, panel.notes, view, { name: "settings", values: points }, layers);
}
