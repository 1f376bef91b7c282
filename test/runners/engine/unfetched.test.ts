import test from "ava";
import { attempt } from "../../../runners/engine/onnx/outputs-in-place.ts";
import { openSession } from "../../../runners/engine/onnx/session.ts";

test("a trial whose session cannot open is a reason for copies, not a failure", async (t) => {
  const refusing = () => Promise.reject(new Error("sequences are not known here"));
  t.deepEqual(await attempt(refusing), { reason: "the trial failed: sequences are not known here" });
});

test("a trial whose run neither fails nor fills what was given ends with a reason", async (t) => {
  const idle: typeof openSession = async (bytes, options) => {
    const session = await openSession(bytes, options);
    session.run = () => Promise.resolve({});
    return session;
  };
  t.deepEqual(await attempt(idle), { reason: "the sequence was converted" });
  const empty: typeof openSession = async (bytes, options) => {
    const session = await openSession(bytes, options);
    session.run = () => Promise.reject(new Error("always this"));
    return session;
  };
  t.deepEqual(await attempt(empty), { reason: "given outputs were not filled" });
});
