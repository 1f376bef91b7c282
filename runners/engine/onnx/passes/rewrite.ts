/** Rebuilds a graph node by node. A rule may replace the value of a node by another. */
import { type Builder, createBuilder } from "../graph/builder.ts";
import { type Graph, type Node, type Value, prune } from "../graph/value.ts";

/** A node of the graph before, in the new graph. */
export interface RewriteSite {
  readonly g: Builder;
  /** The node in the graph before. */
  readonly before: Node;
  /** Its inputs in the new graph. */
  readonly inputs: readonly Value[];
  /** How many nodes and outputs of the graph before use a value of it. */
  readonly uses: (value: Value) => number;
  /** The nodes of the graph before that use a value of it. */
  readonly users: (value: Value) => readonly Node[];
}

/** The new value of the node; undefined where the rule does not apply. */
export type Rule = (site: RewriteSite) => Value | undefined;

export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  const g = createBuilder();
  const users = new Map<Value, Node[]>();
  for (const node of graph.nodes)
    for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node]);
  const ends = Object.values(graph.outputs);
  const uses = (value: Value) => (users.get(value)?.length ?? 0) + ends.filter((x) => x === value).length;
  const made = new Map<Value, Value>();
  const known = (value: Value) => made.get(value)!;
  for (const value of [...Object.values(graph.inputs), ...Object.values(graph.noise)])
    if (value.source.kind === "input")
      made.set(value, g.input(value.source.name, value.shape, value.source.noise));
  for (const value of graph.constants)
    if (value.source.kind === "constant")
      made.set(value, g.constant(value.source.elements, value.shape, value.type));
  for (const before of graph.nodes) {
    const inputs = before.inputs.map(known);
    const site = { g, before, inputs, uses, users: (value: Value) => users.get(value) ?? [] };
    const replaced = before.outputs.length === 1 ? firstOf(rules, site) : undefined;
    const outputs = replaced ? [replaced] : g.applyAll(before.op, inputs, before.attributes, before.outputs);
    for (const [i, output] of before.outputs.entries()) made.set(output, outputs[i]!);
  }
  const mapped = (values: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, known(value)]));
  return prune(mapped(graph.inputs), mapped(graph.noise), mapped(graph.outputs));
}

function firstOf(rules: readonly Rule[], site: RewriteSite): Value | undefined {
  for (const rule of rules) {
    const made = rule(site);
    if (made) return made;
  }
  return undefined;
}
