/** Engines that run a body tensor by tensor on a backend of tfjs. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Arrays, Body, Compiled, Engine, Fill, Noise, Snapshot, Trainer, Training } from "./engine.ts";
import { noiseId } from "./engine.ts";
import { initialSlots, update } from "./optimisers.ts";

const toTensor = ({ values, shape }: Arrays[string]): T => tf.tensor(values, [...shape], "float32");
const toArray = (x: T): Arrays[string] => ({ shape: x.shape, values: x.dataSync<"float32">() });
const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  f: (a: A, name: string) => B,
): Record<string, B> => Object.fromEntries(Object.entries(record).map(([name, a]) => [name, f(a, name)]));

/** Tensors of noise, each made once an evaluation. */
function noiseFrom(fill: Fill): Noise {
  const made = new Map<string, T>();
  return (name, shape) => {
    const id = noiseId(name, shape);
    const known = made.get(id);
    if (known) return known;
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    fill(name, values);
    const tensor = toTensor({ values, shape });
    made.set(id, tensor);
    return tensor;
  };
}

function compile(body: Body): Compiled {
  return {
    run(inputs, fill) {
      let outputs: Arrays = {};
      tf.tidy(() => {
        outputs = mapValues(body(mapValues(inputs, toTensor), noiseFrom(fill)), toArray);
      });
      return Promise.resolve(outputs);
    },
    dispose: () => undefined,
  };
}

/** Keeps parameters, slots and state as tensors of the backend. */
function train({ groups, parameters, state, body }: Training): Trainer {
  const initial = { ...parameters, ...initialSlots(groups, parameters), ...state };
  let kept = mapValues(initial, (a) => tf.keep(toTensor(a)));
  let count = 0;
  const replace = (next: Named) => {
    for (const name of Object.keys(next)) {
      kept[name]?.dispose();
      kept[name] = tf.keep(next[name]!);
    }
  };
  const advance = (inputs: Named, outputs: Named): Named => {
    const next: Named = mapValues(state, (_, name) => tf.clone(outputs[`state/${name}`] ?? kept[name]!));
    for (const { names, optimiser, rate } of groups)
      for (const name of names)
        Object.assign(
          next,
          update(optimiser, name, kept, outputs[`gradient/${name}`]!, inputs[rate]!, count + 1),
        );
    return next;
  };
  const read = (names: string[]): Arrays =>
    Object.fromEntries(names.map((name) => [name, toArray(kept[name]!)]));
  return {
    step(inputs, fill, log) {
      const logged: Record<string, number> = {};
      const next = tf.tidy(() => {
        const given = mapValues(inputs, toTensor);
        const outputs = body({ ...kept, ...given }, noiseFrom(fill));
        if (log)
          for (const [name, value] of Object.entries(outputs))
            if (name.startsWith("log/")) logged[name.slice(4)] = value.dataSync()[0]!;
        return advance(given, outputs);
      });
      replace(next);
      count += 1;
      return Promise.resolve(log ? logged : undefined);
    },
    parameters: () => read(Object.keys(parameters)),
    state: () => read(Object.keys(state)),
    save: (): Snapshot => ({ step: count, arrays: read(Object.keys(kept)) }),
    restore({ step, arrays }) {
      replace(tf.tidy(() => mapValues(arrays, toTensor)));
      count = step;
    },
    dispose() {
      for (const tensor of Object.values(kept)) tensor.dispose();
      kept = {};
    },
  };
}

/** The engine on a backend of tfjs, which becomes the current one before each call, whichever was used last. */
export function eagerEngine(backend: string, description: Engine["description"]): Engine {
  const setBackend = async () => {
    if (tf.getBackend() !== backend) await tf.setBackend(backend);
  };
  const compileOn = async (body: Body): Promise<Compiled> => {
    await setBackend();
    const compiled = compile(body);
    return { ...compiled, run: async (...given) => (await setBackend(), compiled.run(...given)) };
  };
  return {
    name: backend,
    description,
    compile: compileOn,
    compileDraws: async (body) => ({ ...(await compileOn(body)), size: 1 }),
    async train(training) {
      await setBackend();
      const trainer = train(training);
      return { ...trainer, step: async (...given) => (await setBackend(), trainer.step(...given)) };
    },
    close: () => Promise.resolve(),
  };
}

/** The reference backend of tfjs in plain JavaScript. It is slow; other engines are compared with it. */
export async function cpuEngine(): Promise<Engine> {
  await tf.setBackend("cpu");
  return eagerEngine("cpu", { tfjs: tf.version_core, threads: 1 });
}
